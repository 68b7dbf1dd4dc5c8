import type { IncidentAlert, IncidentWithAlerts } from '../incidents/incident.ts';
import type { Pending } from '../incidents/postmortem/postmortemFigures.ts';
import type { Prometheus } from './openPrometheus.ts';

/** An alert is pending for so long at most; an older moment is another's. */
const MOST_MS = 30 * 86_400_000;

/**
 * When the condition of an alert became true, epoch milliseconds, from `ALERTS_FOR_STATE`: at each evaluation of a pending or
 * firing alert Prometheus writes that moment, in seconds, as its value
 * (https://github.com/prometheus/prometheus/blob/main/rules/alerting.go). Null without a series whose labels are all the
 * alert's: the alert has more, since external labels are added where it is sent.
 */
export async function pendingSince(
  prometheus: Pick<Prometheus, 'query'>,
  alert: Pick<IncidentAlert, 'name' | 'labels' | 'startsAt'>,
  signal: AbortSignal,
): Promise<number | null> {
  const samples = await prometheus.query(`ALERTS_FOR_STATE{alertname=${JSON.stringify(alert.name)}}`, {
    at: alert.startsAt,
    signal,
  });
  const moments = samples
    .filter(({ labels }) =>
      Object.entries(labels).every(([name, value]) => name === '__name__' || alert.labels[name] === value),
    )
    .map(({ value }) => value * 1000)
    .filter((at) => at <= alert.startsAt && alert.startsAt - at <= MOST_MS);
  return moments.length === 0 ? null : Math.max(...moments);
}

/**
 * How long the earliest alert of an incident was pending before it fired: Prometheus knows when its condition began; where it
 * has forgotten, the rule says how long it waits. Null when nobody can say; never throws.
 */
export async function pendingOf(
  prometheus: Pick<Prometheus, 'query'> | null,
  ruleFor: (known: IncidentWithAlerts, signal: AbortSignal) => Promise<number | null>,
  known: IncidentWithAlerts,
  signal: AbortSignal,
): Promise<Pending | null> {
  const [first] = known.alerts.toSorted((a, b) => a.startsAt - b.startsAt);
  if (prometheus === null || !first) return null;
  const since = await pendingSince(prometheus, first, signal).catch(() => null);
  if (since !== null) return { ms: first.startsAt - since, source: 'ALERTS_FOR_STATE' };
  const ms = await ruleFor({ ...known, alerts: [first] }, signal);
  return ms === null ? null : { ms, source: 'rule' };
}
