import type { NameProfile } from '../../alerts/profile.ts';
import { namespaceOf, subjectOf } from '../../incidents/subject.ts';
import { replayed } from '../facts/replayed.ts';
import { momentOf, type Snapshot } from '../facts/snapshot.ts';
import { type Target, targetOf, targetOfQuestion } from '../facts/target.ts';
import { type Look, lookAt } from './look.ts';

/** Deadline beyond any look; a replay waits for nothing outside. */
const PATIENCE_MS = 60_000;

/** The target of a snapshot: its alert's objects; without an alert, its namespace. */
export function targetOfSnapshot(of: Snapshot, profile: NameProfile): Target {
  const recorded = of.alert ?? of.alerts[0];
  const now = momentOf(of);
  if (!recorded) return targetOfQuestion({ namespace: of.namespace, objects: [], name: null, now, startedAt: null });
  const { labels } = recorded;
  const alertOf = (one: typeof recorded) => ({
    name: one.labels.alertname ?? of.query,
    labels: one.labels,
    startsAt: Date.parse(one.startsAt),
    status: 'firing' as const,
  });
  const alert = alertOf(recorded);
  const others = of.alerts.filter((one) => JSON.stringify(one.labels) !== JSON.stringify(labels)).map(alertOf);
  const incident = {
    namespace: namespaceOf(labels) ?? of.namespace,
    subject: subjectOf(alert, profile),
    startedAt: alert.startsAt,
    title: alert.name,
  };
  return targetOf({ incident, alerts: [alert, ...others] }, profile);
}

/** Looks at a recorded cluster as at a live one, about what its alert names or about another target. */
export async function replay(of: Snapshot, profile: NameProfile, target?: Target): Promise<Look> {
  return lookAt({
    cluster: replayed(of),
    target: target ?? targetOfSnapshot(of, profile),
    profile,
    now: momentOf(of),
    priority: 'person',
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
}
