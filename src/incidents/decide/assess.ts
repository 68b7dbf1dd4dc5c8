import type { Alert, Labels } from '../../alerts/alert.ts';
import { conditionOf, hasReplica } from '../../alerts/condition.ts';
import { alertIdentity } from '../../alerts/identity.ts';
import { grafanaRule } from '../../alerts/labels.ts';
import type { NameProfile } from '../../alerts/profile.ts';
import { truth } from '../../alerts/truth.ts';
import { objectIn } from '../affected.ts';
import type { DecideInput } from '../decision.ts';
import {
  compareSeverity,
  type IncidentAlert,
  type IncidentWithAlerts,
  type Severity,
  type Subject,
} from '../incident.ts';
import { labelsToMatch, matches, type SeverityMatcher } from '../matchers.ts';
import { type Suppression, severityOf, suppressionOf } from '../severity.ts';
import { correlationKey, isDrill, keyOfAlert, namespaceOf, nodeOf, scopeOf, subjectOf, titleOf } from '../subject.ts';

/** What the labels of an alert tell, read once: nothing after this stage looks into labels. */
export interface AlertTraits {
  readonly identity: string;
  /** What it tells of, whichever replica of a Prometheus told it; null when no label names a replica. */
  readonly condition: string | null;
  readonly namespace: string | null;
  readonly node: string | null;
  readonly subject: Subject;
  /** Key of the rule it comes from, within its cluster and its tenant or folder: alerts of one rule have the same. */
  readonly rule: string;
}

/** An alert with everything that can be said about it without looking at incidents. */
export interface Assessed extends AlertTraits {
  readonly alert: Alert;
  readonly correlationKey: string;
  readonly suppression: Suppression | null;
  readonly severity: Severity;
  readonly severityReason: string;
  /** Title of the incident it opens. */
  readonly title: string;
  readonly drill: boolean;
  /** Which object, for a line about this alert: ` (namespace/pod)`, never the scraper's own; empty when no label tells. */
  readonly object: string;
}

/** An incident as the store has it, its alerts by identity. */
export interface KnownIncident extends Omit<IncidentWithAlerts, 'alerts'> {
  readonly alerts: ReadonlyMap<string, IncidentAlert>;
}

/** A delivery with everything that can be said about its alerts, and about those of the incidents it may concern. */
export interface Assessment extends Omit<DecideInput, 'known' | 'recent'> {
  /** Worst first, then by start, name and identity. */
  readonly alerts: readonly Assessed[];
  readonly known: readonly KnownIncident[];
  /** Of the alerts delivered and of those held by known incidents, by identity. */
  readonly traits: ReadonlyMap<string, AlertTraits>;
}

/**
 * Assesses the alerts of a group and puts them in an order of their own (worst first, then by start, name and
 * fingerprint), so that the order in which a sender lists them decides nothing.
 */
export function assess(input: DecideInput): Assessment {
  const traits = new Map<string, AlertTraits>();
  const known = input.known.map((each): KnownIncident => {
    const alerts = new Map<string, IncidentAlert>();
    for (const alert of each.alerts) {
      const { profile } = input.policy;
      const identity = alertIdentity(alert);
      if (!traits.has(identity)) traits.set(identity, traitsOf(alert, profile));
      alerts.set(identity, alert);
    }
    return { ...each, alerts };
  });
  const alerts = assessAlerts(input);
  for (const alert of alerts) traits.set(alert.identity, alert);
  return { ...input, known, alerts, traits };
}

function traitsOf(
  alert: Pick<Alert, 'cluster' | 'name' | 'fingerprint' | 'labels'>,
  profile: NameProfile,
): AlertTraits {
  const { cluster, name, labels } = alert;
  return {
    identity: alertIdentity(alert),
    condition: hasReplica(alert) ? conditionOf(alert) : null,
    namespace: namespaceOf(labels),
    node: nodeOf(labels),
    subject: subjectOf(alert, profile),
    rule: JSON.stringify([cluster, name, isDrill(labels), scopeOf(labels, true), grafanaRule(labels)]),
  };
}

function assessAlerts(input: DecideInput): readonly Assessed[] {
  const count = subjectCounter(input);
  const assessed = input.group.alerts.map((alert): Assessed => {
    const traits = traitsOf(alert, input.policy.profile);
    const { subject } = traits;
    const { severity, reason } = severityOf(alert, {
      policy: input.policy,
      subjectsMatching: (matcher) => count(matcher, alert),
      runbookHint: () => input.matchPlaybook(alert)?.severityHint ?? null,
    });
    const object = [truth(alert.labels).namespace, objectIn(alert.labels)].filter(
      (part) => typeof part === 'string' && part !== '',
    );
    return {
      ...traits,
      alert,
      correlationKey: keyOfAlert(alert, input.policy.profile),
      suppression: suppressionOf(alert, input.policy),
      severity,
      severityReason: reason,
      title: titleOf(subject.kind === 'alert' ? alert.name : `${alert.name} ${subject.name}`),
      drill: isDrill(alert.labels),
      object: object.length > 0 ? ` (${object.join('/')})` : '',
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
