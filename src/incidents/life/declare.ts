import { cleanText } from '../../alerts/storableText.ts';
import { severityName } from '../../wording/counts.ts';
import type { FollowUp, IncidentDraft } from '../decision.ts';
import { type Actor, type Incident, SUBJECT_KINDS, type Subject, type SubjectKind } from '../incident.ts';
import { newIncident } from '../nextState.ts';
import type { Policy } from '../policy.ts';
import { cardOf, timer } from '../schedule.ts';
import { openingSentence } from '../sentence.ts';
import { correlationKey, titleOf } from '../subject.ts';
import type { Declaration } from './change.ts';

const MAX_NAME = 253;

/**
 * Opens an incident a person declares without an alert. The subject is `kind/name` (`deployment/checkout`) or the name of
 * a function; without one the title stands for it. It never resolves by itself.
 */
export function declareIncident(
  declaration: Declaration,
  cluster: string,
  actor: Actor,
  at: number,
  policy: Policy,
): { readonly draft: IncidentDraft; readonly followUps: readonly FollowUp[]; readonly said: null } {
  const incident = declared(declaration, cluster, actor, at);
  const key = 'new:0';
  const who = actor.name ?? actor.id;
  const text = `Declared as ${severityName(incident.severity)} by ${who}: ${incident.title}`;
  const followUps: FollowUp[] = [cardOf(key, incident, true, policy)];
  if (declaration.subject) followUps.push({ kind: 'firstLook', incident: key, because: 'declared' });
  if (incident.severity === 'sev1')
    followUps.push({ kind: 'ownChannel', incident: key, because: 'declared as SEV1', automatic: false });
  if (incident.severity === 'sev2') followUps.push(timer(key, 'own_channel', at + policy.ownChannel.sev2AfterMs));
  const entries = [{ kind: 'opened', at, actor, text, detail: { severity: incident.severity } }] as const;
  return { draft: { key, incident, alerts: [], entries }, followUps, said: null };
}

function declared(declaration: Declaration, cluster: string, actor: Actor, at: number): Incident {
  const title = titleOf(declaration.title) || 'Declared incident';
  const subject = subjectIn(declaration.subject) ?? { kind: 'alert', name: title };
  const { namespace } = declaration;
  const opened = newIncident({
    cluster,
    namespace,
    subject,
    correlationKey: correlationKey(cluster, namespace, subject),
    title,
    severity: declaration.severity,
    ...setBy(actor),
    declared: true,
    startedAt: at,
    channel: declaration.channel,
  });
  return { ...opened, sentence: openingSentence(opened, null, null) };
}

/** How a severity a person chose is kept. */
export function setBy(actor: Actor): Pick<Incident, 'severityReason' | 'severitySource'> {
  return { severityReason: `set by ${actor.name ?? actor.id}`, severitySource: 'person' };
}

function subjectIn(text: string | null): Subject | null {
  const trimmed = text?.trim();
  if (!trimmed) return null;
  const [first = '', ...rest] = trimmed.split('/');
  const kind = SUBJECT_KINDS.find((each): each is SubjectKind => each === first.toLowerCase());
  const name = kind && rest.length > 0 ? rest.join('/') : trimmed;
  return { kind: kind && rest.length > 0 ? kind : 'function', name: cleanText(name, MAX_NAME) };
}
