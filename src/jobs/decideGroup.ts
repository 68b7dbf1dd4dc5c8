import type { Alert, AlertGroup } from '../alerts/alert.ts';
import type { AlertRedaction } from '../alerts/redactGroup.ts';
import { assess } from '../incidents/decide/assess.ts';
import { decide } from '../incidents/decide/decide.ts';
import type { StormPolicy } from '../incidents/decide/storm.ts';
import type { DecideInput, Decision, FollowUp, IncidentKey } from '../incidents/decision.ts';
import { labelsToMatch, matches } from '../incidents/matchers.ts';
import type { Policy } from '../incidents/policy.ts';
import { keyOfAlert, namespaceOf, nodeOf } from '../incidents/subject.ts';
import type { Logger } from '../logger.ts';
import { placeOpenings } from './fold.ts';
import { schedule } from './followUps.ts';
import type { CandidateQuery, Deliveries, Delivery, IncidentStore, IncidentTransaction } from './ports.ts';

export interface AlertGroupPorts {
  readonly deliveries: Deliveries;
  readonly store: IncidentStore;
  /** How long one transaction may go on deciding, in milliseconds: others that write may wait for it. */
  readonly turnMs: number;
  readonly policy: Policy;
  /** Its default when absent. */
  readonly storm?: StormPolicy;
  /** Cluster of alerts whose labels and sender name none. */
  readonly defaultCluster: string;
  readonly matchPlaybook: DecideInput['matchPlaybook'];
  readonly routeChannel: DecideInput['routeChannel'];
  /** Told after the commit, one call an alert: metrics and the dead man's switch. */
  readonly decided: (decision: Decision, group: AlertGroup) => Promise<void>;
  readonly redaction: AlertRedaction;
  readonly clock: () => number;
  readonly log: Logger;
}

/** What was decided about a delivery, or a slice of one, and with which numbers it was saved. */
export interface GroupDecision {
  readonly decision: Decision;
  readonly numbers: ReadonlyMap<IncidentKey, number>;
  readonly now: number;
}

/**
 * Decides about alerts and writes what follows in the transaction: incidents, timeline, follow-up jobs; not the accounting.
 * @param told which follow-ups are scheduled; all when absent
 */
export async function decideGroup(
  group: AlertGroup,
  ports: AlertGroupPorts,
  tx: IncidentTransaction,
  told: (followUp: FollowUp, numbers: ReadonlyMap<IncidentKey, number>) => Promise<boolean> = async () => true,
): Promise<GroupDecision> {
  const now = ports.clock();
  const { known, recent } = await candidates(group, ports, tx, now);
  const { policy, matchPlaybook, routeChannel } = ports;
  const decision = decide(assess({ group, known, recent, policy, matchPlaybook, routeChannel, now }));
  const numbers = await tx.save(decision.incidents, now);
  for (const draft of decision.incidents) {
    const number = numbers.get(draft.key);
    if (number !== undefined && draft.entries.length > 0) await tx.append(number, draft.entries, now);
  }
  await placeOpenings(tx, decision.incidents, numbers, group.receivedAt, now, ports.storm);
  const followUps: FollowUp[] = [];
  for (const followUp of decision.followUps) if (await told(followUp, numbers)) followUps.push(followUp);
  await schedule(tx, followUps, numbers, now, ports.policy, decision.incidents);
  return { decision, numbers, now };
}

/** Whether an incident of the decision tells of alerts that could not be read. */
export function tellsOfRejected({ incidents }: Decision): boolean {
  return incidents.some((draft) => draft.entries.some((entry) => entry.kind === 'alert_rejected'));
}

/** What is said after the commit. */
export async function tellDecided(
  delivery: Delivery,
  group: AlertGroup,
  decision: Decision,
  ports: AlertGroupPorts,
): Promise<void> {
  await ports.decided(decision, group);
  ports.log.info(
    {
      delivery: delivery.id,
      ...(group.slice === undefined ? {} : { slice: group.slice }),
      alerts: group.alerts.length,
      rejected: group.rejected.length,
      reasons: countReasons(decision),
    },
    'decided about a delivery',
  );
}

async function candidates(
  group: AlertGroup,
  ports: AlertGroupPorts,
  tx: IncidentTransaction,
  now: number,
): Promise<Pick<DecideInput, 'known' | 'recent'>> {
  // The windows of the rules count from acceptance, which in a backlog was a while ago.
  const since = Math.min(now, group.receivedAt);
  const byCluster = Map.groupBy(group.alerts, (alert) => alert.cluster);
  const counting = ports.policy.severityMatchers.filter(
    ({ atLeast, match }) => atLeast && group.alerts.some((alert) => matches(labelsToMatch(alert.labels), match)),
  );
  const window = Math.max(0, ...counting.map((matcher) => matcher.atLeast?.withinMs ?? 0));
  const known: DecideInput['known'][number][] = [];
  const recent: DecideInput['recent'][number][] = [];
  for (const [cluster, alerts] of byCluster) {
    known.push(...(await tx.candidates(queryOf(cluster, alerts, ports.policy, since))));
    const names = [...new Set(alerts.map((alert) => alert.name))];
    if (window > 0) recent.push(...(await tx.recentAlerts(cluster, names, since - window)));
  }
  return { known, recent };
}

function queryOf(cluster: string, alerts: readonly Alert[], policy: Policy, now: number): CandidateQuery {
  const keys = new Set<string>();
  const names = new Map<string, CandidateQuery['names'][number]>();
  const nodes = new Set<string>();
  for (const alert of alerts) {
    const namespace = namespaceOf(alert.labels);
    keys.add(keyOfAlert(alert, policy.profile));
    names.set(`${namespace ?? ''}/${alert.name}`, { namespace, alertName: alert.name });
    const node = nodeOf(alert.labels);
    if (node) nodes.add(node);
  }
  return {
    cluster,
    fingerprints: alerts.map((alert) => alert.fingerprint),
    correlationKeys: [...keys],
    names: [...names.values()],
    nodes: [...nodes],
    resolvedSince: now - policy.correlation.reopenWindowMs,
  };
}

function countReasons(decision: Decision): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { reason } of decision.outcomes) counts[reason] = (counts[reason] ?? 0) + 1;
  return counts;
}
