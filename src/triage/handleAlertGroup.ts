import type { Alert, AlertGroup } from '../alerts/alert.ts';
import { type AlertRedaction, redactGroup } from '../alerts/redactGroup.ts';
import { deliveryBody, parseDelivery } from '../alerts/webhook.ts';
import { decide } from '../incidents/decide.ts';
import type { DecideInput, Decision } from '../incidents/decision.ts';
import type { Policy } from '../incidents/policy.ts';
import type { StormPolicy } from '../incidents/storm.ts';
import { keyOfAlert, namespaceOf, nodeOf } from '../incidents/subject.ts';
import type { Logger } from '../logger.ts';
import { inSpan } from '../telemetry/tracing.ts';
import { placeOpenings } from './fold.ts';
import { schedule } from './followUps.ts';
import { ownDelivery, rejectedAlert } from './ownAlerts.ts';
import type {
  CandidateQuery,
  Deliveries,
  Delivery,
  IncidentStore,
  IncidentTransaction,
  WaitingDecision,
} from './ports.ts';

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

const MOST_IN_A_TURN = 50;

interface Decided {
  readonly delivery: Delivery;
  readonly group: AlertGroup;
  readonly decision: Decision;
  /** The job of its own that is done with it; null for the one that runs. */
  readonly jobId: number | null;
}

/**
 * Decides about an accepted delivery in one transaction: incidents, alerts, timeline, follow-up jobs and accounting
 * are committed together or not at all. Running it twice is a repeat of what is known.
 * @param jobId the job that asks for it: in a backlog those that wait right behind it share its transaction, as long as
 * it does not get long; should they fail, they are left to their own jobs
 */
export async function handleAlertGroup(deliveryId: number, ports: AlertGroupPorts, jobId?: number): Promise<void> {
  const first = await ports.deliveries.find(deliveryId);
  if (!first) return;
  const behind = jobId === undefined ? [] : await ports.deliveries.behind(jobId, MOST_IN_A_TURN);
  const decided = await decideTogether(first, behind, ports);
  for (const one of decided) await tell(one, ports);
  const done = decided.map((one) => one.jobId).filter((id) => id !== null);
  if (done.length > 0) await ports.deliveries.withdraw(done);
}

async function decideTogether(
  first: Delivery,
  behind: readonly WaitingDecision[],
  ports: AlertGroupPorts,
): Promise<readonly Decided[]> {
  try {
    return await ports.store.transact(async (tx) => {
      const until = ports.clock() + ports.turnMs;
      const decided = [await decideAbout(first, null, ports, tx)];
      for (const { jobId, deliveryId, trace } of behind) {
        if (ports.clock() >= until) break;
        const next = await tx.undecided(deliveryId);
        if (next === null) continue;
        const about = { kind: 'consumer', parent: trace } as const;
        decided.push(await inSpan('decide', {}, () => decideAbout(next, jobId, ports, tx), about));
      }
      return decided;
    });
  } catch (error) {
    if (behind.length === 0) throw error;
    ports.log.debug({ delivery: first.id, err: error }, 'deliveries could not be decided about together');
    return decideTogether(first, [], ports);
  }
}

async function decideAbout(
  delivery: Delivery,
  jobId: number | null,
  ports: AlertGroupPorts,
  tx: IncidentTransaction,
): Promise<Decided> {
  const sent = parseDelivery(JSON.parse(delivery.body), {
    sender: delivery.sender,
    senderCluster: delivery.senderCluster ?? ports.defaultCluster,
    receivedAt: delivery.receivedAt,
  });
  const group = redactGroup(sent, ports.redaction);
  const now = ports.clock();
  const { known, recent } = await candidates(group, ports, tx, now);
  const { policy, matchPlaybook, routeChannel } = ports;
  const decision = decide({ group, known, recent, policy, matchPlaybook, routeChannel, now });
  const numbers = await tx.save(decision.incidents, now);
  for (const draft of decision.incidents) {
    const number = numbers.get(draft.key);
    if (number !== undefined && draft.entries.length > 0) await tx.append(number, draft.entries, now);
  }
  await placeOpenings(tx, decision.incidents, numbers, group.receivedAt, now, ports.storm);
  await schedule(tx, decision.followUps, numbers, now, decision.incidents);
  const isNew = await tx.account(delivery.id, decision.outcomes, group.rejected.length, deliveryBody(group));
  const told = decision.incidents.some((draft) => draft.entries.some((entry) => entry.kind === 'alert_rejected'));
  if (isNew && group.rejected.length > 0 && !told) {
    // Nobody would hear of them: no incident of this delivery tells it.
    await tx.accept(ownDelivery(rejectedAlert(delivery.sender, group.rejected, delivery.receivedAt), now));
  }
  return { delivery, group, decision, jobId };
}

/** What is said after the commit. */
async function tell({ delivery, group, decision }: Decided, ports: AlertGroupPorts): Promise<void> {
  await ports.decided(decision, group);
  ports.log.info(
    {
      delivery: delivery.id,
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
