import type { Alert, Labels } from '../../alerts/alert.ts';
import { alertIdentity } from '../../alerts/identity.ts';
import { truth } from '../../alerts/truth.ts';
import type { DecideInput } from '../decision.ts';
import type { Severity, Subject } from '../incident.ts';
import type { SeverityMatcher } from '../matchers.ts';
import { matches } from '../matchers.ts';
import { compareSeverity, labelsToMatch, type Suppression, severityOf, suppressionOf } from '../severity.ts';
import { correlationKey, isDrill, keyOfAlert, namespaceOf, subjectOf } from '../subject.ts';

/** An alert with everything that can be said about it without looking at incidents. */
export interface Assessed {
  readonly alert: Alert;
  readonly identity: string;
  readonly namespace: string | null;
  readonly subject: Subject;
  readonly correlationKey: string;
  readonly suppression: Suppression | null;
  readonly severity: Severity;
  readonly severityReason: string;
}

/**
 * Assesses the alerts of a group and puts them in an order of their own (worst first, then by start, name and
 * fingerprint), so that the order in which a sender lists them decides nothing.
 */
export function assess(input: DecideInput): readonly Assessed[] {
  const count = subjectCounter(input);
  const assessed = input.group.alerts.map((alert): Assessed => {
    const namespace = namespaceOf(alert.labels);
    const subject = subjectOf(alert, input.policy.profile);
    const { severity, reason } = severityOf(alert, {
      policy: input.policy,
      subjectsMatching: (matcher) => count(matcher, alert),
      runbookHint: () => input.matchPlaybook(alert)?.severityHint ?? null,
    });
    return {
      alert,
      identity: alertIdentity(alert),
      namespace,
      subject,
      correlationKey: keyOfAlert(alert, input.policy.profile),
      suppression: suppressionOf(alert, input.policy),
      severity,
      severityReason: reason,
    };
  });
  return assessed.sort(inOrder);
}

function inOrder(a: Assessed, b: Assessed): number {
  return (
    compareSeverity(a.severity, b.severity) ||
    a.alert.startsAt - b.alert.startsAt ||
    compareText(a.alert.name, b.alert.name) ||
    compareText(a.identity, b.identity) ||
    // The same alert twice in one delivery: fired before it resolved.
    compareText(a.alert.status, b.alert.status)
  );
}

/** By code units: the same order on every machine, whatever its locale. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/**
 * Counts the different subjects that match within a matcher's window, each pair of matcher and cluster once; those of
 * exercises apart, so that a drill never raises a real incident.
 */
function subjectCounter(input: DecideInput): (matcher: SeverityMatcher, alert: Alert) => number {
  const counted = new Map<SeverityMatcher, Map<string, number>>();
  return (matcher, alert) => {
    const byPlace = counted.get(matcher) ?? new Map<string, number>();
    counted.set(matcher, byPlace);
    const drill = isDrill(alert.labels);
    const place = `${drill} ${alert.cluster}`;
    const known = byPlace.get(place);
    if (known !== undefined) return known;
    const subjects = subjectsOf(matcher, alert.cluster, drill, input);
    byPlace.set(place, subjects);
    return subjects;
  };
}

function subjectsOf(matcher: SeverityMatcher, cluster: string, drill: boolean, input: DecideInput): number {
  const since = input.group.receivedAt - (matcher.atLeast?.withinMs ?? 0);
  const subjects = new Set<string>();
  const see = (name: string, labels: Labels) => {
    if (isDrill(labels) !== drill || !matches(labelsToMatch(labels), matcher.match)) return;
    subjects.add(correlationKey('', namespaceOf(labels), subjectOf({ name, labels }, input.policy.profile)));
  };
  for (const alert of input.group.alerts) {
    if (alert.status === 'firing' && alert.cluster === cluster) see(alert.name, alert.labels);
  }
  for (const alert of input.recent) {
    const elsewhere = ![undefined, cluster].includes(truth(alert.labels).cluster);
    if (alert.lastSeenAt >= since && !elsewhere) see(alert.name, alert.labels);
  }
  return subjects.size;
}
