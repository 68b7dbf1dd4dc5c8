import type { AlertGroup } from '../alerts/alert.ts';
import { redactGroup } from '../alerts/redactGroup.ts';
import { deliveryBody, parseDelivery } from '../alerts/webhook.ts';
import type { Decision } from '../incidents/decision.ts';
import { inSpan } from '../telemetry/tracing.ts';
import { type AlertGroupPorts, decideGroup, tellDecided, tellsOfRejected } from './decideGroup.ts';
import { decideInSlices } from './decideSlices.ts';
import { ownDelivery, rejectedAlert } from './ownAlerts.ts';
import type { Delivery, IncidentTransaction, WaitingDecision } from './ports.ts';

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
 * @param signal stops one in slices between two of them
 */
export async function handleAlertGroup(
  deliveryId: number,
  ports: AlertGroupPorts,
  jobId?: number,
  signal?: AbortSignal,
): Promise<void> {
  const first = await ports.deliveries.find(deliveryId);
  if (!first) return;
  if (first.slices > 0) return decideInSlices(first, ports, signal);
  const behind = jobId === undefined ? [] : await ports.deliveries.behind(jobId, MOST_IN_A_TURN);
  const decided = await decideTogether(first, behind, ports);
  for (const { delivery, group, decision } of decided) await tellDecided(delivery, group, decision, ports);
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
        // One in slices takes its time, and what is behind it waits for it.
        if (next.slices > 0) break;
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
  const { decision, now } = await decideGroup(group, ports, tx);
  const isNew = await tx.account(delivery.id, decision.outcomes, group.rejected.length, deliveryBody(group));
  if (isNew && group.rejected.length > 0 && !tellsOfRejected(decision)) {
    // Nobody would hear of them: no incident of this delivery tells it.
    await tx.accept(ownDelivery(rejectedAlert(delivery.sender, group.rejected, delivery.receivedAt), now));
  }
  return { delivery, group, decision, jobId };
}
