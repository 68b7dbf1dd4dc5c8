import { severityName } from '../../wording/counts.ts';
import { compareSeverity, type Incident, RESPONDER, type Sentence } from '../incident.ts';
import { newIncident, UNTOUCHED } from '../nextState.ts';
import { about, openingSentence } from '../sentence.ts';
import type { Assessed, Assessment } from './assess.ts';
import { change, type Working } from './working.ts';

/** The incident a firing alert opens. */
export function openIncident(assessed: Assessed, previousNumber: number | null, input: Assessment): Incident {
  const { alert, subject } = assessed;
  const at = input.group.receivedAt;
  const runbook = input.matchPlaybook(alert);
  const opened = newIncident({
    cluster: alert.cluster,
    namespace: assessed.namespace,
    subject,
    correlationKey: assessed.correlationKey,
    title: assessed.title,
    severity: assessed.severity,
    severityReason: assessed.severityReason,
    severitySource: 'alert',
    drill: assessed.drill,
    startedAt: alert.startsAt,
    openedAt: at,
    previousNumber,
    playbookId: runbook?.id ?? null,
    channel: input.routeChannel(alert),
  });
  return { ...opened, sentence: sentenceOn(opened, assessed, runbook?.impact ?? null) };
}

function sentenceOn(incident: Incident, { alert, identity }: Assessed, impact: string | null): Sentence {
  return openingSentence(incident, { identity, told: alert }, impact);
}

/** Takes a firing alert into an unresolved incident: the severity may rise, and an incident that was mitigated no longer is. */
export function joinIncident(working: Working, assessed: Assessed, input: Assessment): void {
  raise(working, assessed, input);
  notice(working, assessed, input);
  if (working.incident.status === 'mitigated') {
    change(working, { status: working.incident.acknowledgedBy ? 'acknowledged' : 'open', mitigatedAt: null });
  }
}

/** Reopens a resolved incident, whose alert or one about the same thing fires again within the window. */
export function reopenIncident(working: Working, assessed: Assessed, input: Assessment): void {
  const { resolvedAt, reopenCount, resolution } = working.incident;
  const at = input.group.receivedAt;
  change(working, { ...UNTOUCHED, staleSince: null, reopenCount: reopenCount + 1 });
  working.reopened = true;
  working.entries.push({
    kind: 'reopened',
    at,
    actor: RESPONDER,
    text: `Reopened: ${assessed.alert.name} fires again`,
    detail: { resolvedAt, resolution, fingerprint: assessed.alert.fingerprint },
  });
  raise(working, assessed, input);
  notice(working, assessed, input);
}

/** The severity rises by itself and falls only by a person; what a person set is raised only by an alert that is new. */
function raise(working: Working, assessed: Assessed, input: Assessment): void {
  const { severity, severitySource } = working.incident;
  if (compareSeverity(assessed.severity, severity) >= 0) return;
  if (severitySource === 'person' && working.alerts.has(assessed.identity)) return;
  const { severityReason } = assessed;
  const impact = input.matchPlaybook(assessed.alert)?.impact ?? null;
  const sentence = about(working.incident.sentence, sentenceOn(working.incident, assessed, impact));
  change(working, { severity: assessed.severity, severityReason, severitySource: 'alert', sentence });
  working.entries.push({
    kind: 'severity',
    at: input.group.receivedAt,
    actor: RESPONDER,
    text: `Raised from ${severityName(severity)} to ${severityName(assessed.severity)}: ${assessed.severityReason}`,
    detail: { from: severity, to: assessed.severity, alert: assessed.alert.name },
  });
}

/** Asks for another first look when the alert's name or subject is new to the incident. */
function notice(working: Working, assessed: Assessed, input: Assessment): void {
  const seen = working.seen ?? seenBy(working, input);
  working.seen = seen;
  const { alert, subject } = assessed;
  const names = { alert: `alert ${alert.name}`, subject: `${subject.kind} ${subject.name}` };
  const isNewName = !seen.has(names.alert);
  // Of an incident with very many alerts nobody has all subjects at hand.
  const isNewSubject = working.unread === null && !seen.has(names.subject);
  seen.add(names.alert).add(names.subject);
  if (isNewName || isNewSubject) working.lookBecause ??= `new ${isNewName ? names.alert : names.subject}`;
}

function seenBy(working: Working, input: Assessment): Set<string> {
  const seen = new Set<string>([`${working.incident.subject.kind} ${working.incident.subject.name}`]);
  for (const [identity, alert] of working.alerts) {
    const subject = input.traits.get(identity)?.subject;
    seen.add(`alert ${alert.name}`);
    if (subject) seen.add(`${subject.kind} ${subject.name}`);
  }
  return seen;
}
