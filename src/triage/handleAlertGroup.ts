import type { Alert, AlertGroup } from '../alerts/alert.ts';
import { parseDelivery } from '../alerts/webhook.ts';
import { decide } from '../incidents/decide.ts';
import type { DecideInput, Decision } from '../incidents/decision.ts';
import type { Policy } from '../incidents/policy.ts';
import type { StormPolicy } from '../incidents/storm.ts';
import { keyOfAlert, namespaceOf, nodeOf } from '../incidents/subject.ts';
import type { Logger } from '../logger.ts';
import { placeOpenings } from './fold.ts';
import { schedule } from './followUps.ts';
import { type OwnAlert, rejectedAlert } from './ownAlerts.ts';
import type { CandidateQuery, Deliveries, IncidentStore } from './ports.ts';

export interface AlertGroupPorts {
  readonly deliveries: Deliveries;
  readonly store: IncidentStore;
  readonly policy: Policy;
  /** Its default when absent. */
  readonly storm?: StormPolicy;
  /** Cluster of alerts whose labels and sender name none. */
  readonly defaultCluster: string;
  readonly matchPlaybook: DecideInput['matchPlaybook'];
  readonly routeChannel: DecideInput['routeChannel'];
  /** Told after the commit, one call an alert: metrics and the dead man's switch. */
  readonly decided: (decision: Decision, group: AlertGroup) => Promise<void>;
  /** Accepts an alert of our own as a delivery. */
  readonly report: (alert: OwnAlert) => Promise<void>;
  readonly clock: () => number;
  readonly log: Logger;
}

/**
 * Decides about one accepted delivery in one transaction: incidents, alerts, timeline, follow-up jobs and accounting
 * are committed together or not at all. Running it twice is a repeat of what is known.
 */
export async function handleAlertGroup(deliveryId: number, ports: AlertGroupPorts): Promise<void> {
  const delivery = await ports.deliveries.find(deliveryId);
  if (!delivery) return;
  const group = parseDelivery(JSON.parse(delivery.body), {
    sender: delivery.sender,
    senderCluster: delivery.senderCluster ?? ports.defaultCluster,
    receivedAt: delivery.receivedAt,
  });
  const now = ports.clock();
  const decision = await ports.store.transact(async (tx) => {
    const { known, recent } = await candidates(group, ports, tx, now);
    const decided = decide({
      group,
      known,
      recent,
      policy: ports.policy,
      matchPlaybook: ports.matchPlaybook,
      routeChannel: ports.routeChannel,
      now,
    });
    const numbers = await tx.save(decided.incidents, now);
    for (const draft of decided.incidents) {
      const number = numbers.get(draft.key);
      if (number !== undefined && draft.entries.length > 0) await tx.append(number, draft.entries, now);
    }
    await placeOpenings(tx, decided.incidents, numbers, group.receivedAt, now, ports.storm);
    await schedule(tx, decided.followUps, numbers, now, decided.incidents);
    await tx.account(deliveryId, decided.outcomes, group.rejected.length);
    return decided;
  });
  await ports.decided(decision, group);
  const told = decision.incidents.some((draft) => draft.entries.some((entry) => entry.kind === 'alert_rejected'));
  if (group.rejected.length > 0 && !told) {
    // Nobody would hear of them: no incident of this delivery tells it.
    await ports.report(rejectedAlert(delivery.sender, group.rejected, delivery.receivedAt));
  }
  ports.log.info(
    {
      delivery: deliveryId,
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
  tx: Parameters<Parameters<IncidentStore['transact']>[0]>[0],
  now: number,
): Promise<Pick<DecideInput, 'known' | 'recent'>> {
  // The windows of the rules count from acceptance, which in a backlog was a while ago.
  const since = Math.min(now, group.receivedAt);
  const byCluster = Map.groupBy(group.alerts, (alert) => alert.cluster);
  const window = Math.max(0, ...ports.policy.severityMatchers.map((matcher) => matcher.atLeast?.withinMs ?? 0));
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
