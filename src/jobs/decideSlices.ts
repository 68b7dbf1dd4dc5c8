import { setTimeout as pause } from 'node:timers/promises';
import type { AlertGroup } from '../alerts/alert.ts';
import { redactGroup } from '../alerts/redactGroup.ts';
import { readSlice } from '../alerts/split.ts';
import { deliveryBody, parseDelivery } from '../alerts/webhook.ts';
import { coerceError, ResponderError } from '../errors.ts';
import type { Decision, FollowUp, IncidentKey } from '../incidents/decision.ts';
import { type AlertGroupPorts, decideGroup, tellDecided, tellsOfRejected } from './decideGroup.ts';
import { ownDelivery, rejectedAlert } from './ownAlerts.ts';
import type { Delivery, IncidentTransaction } from './ports.ts';

/** Pause of a delivery that would overtake an earlier one of its group, milliseconds. */
const AHEAD_MS = 500;
/** Others have at least as long a turn as a slice took, up to this, in milliseconds. */
const LONGEST_PAUSE_MS = 200;

/**
 * Decides about a large delivery slice by slice, each in a transaction of its own, and gives others their turn in between. A
 * process that ends goes on with the slices that are left. A slice that cannot be decided about is left, and costs no other.
 * @throws ResponderError unavailable while an earlier delivery of its group waits; at the end what the first slice failed with
 */
export async function decideInSlices(delivery: Delivery, ports: AlertGroupPorts, signal?: AbortSignal): Promise<void> {
  if (await ports.deliveries.isAhead(delivery))
    throw new ResponderError('unavailable', 'an earlier delivery of its group is still pending', {
      retryAfterMs: AHEAD_MS,
    });
  const envelope: object = JSON.parse(delivery.body);
  let failure: ResponderError | null = null;
  for (let position = 0; ; ) {
    signal?.throwIfAborted();
    const next = await ports.deliveries.slice(delivery.id, position);
    if (next === null) break;
    position = next.position;
    const begin = performance.now();
    try {
      const group = groupOf(delivery, envelope, next, ports);
      await new Promise((resolve) => setImmediate(resolve));
      await decideSlice(delivery, group, ports);
    } catch (thrown) {
      const error = coerceError(thrown);
      if (error.retryable) throw error;
      failure ??= error;
      ports.log.error({ delivery: delivery.id, slice: position, err: error }, 'a slice could not be decided about');
    }
    await pause(Math.min(LONGEST_PAUSE_MS, performance.now() - begin));
  }
  if (failure !== null) throw failure;
}

function groupOf(
  delivery: Delivery,
  envelope: object,
  { position, body }: { readonly position: number; readonly body: string },
  ports: AlertGroupPorts,
): AlertGroup {
  const { alerts, indexes } = readSlice(body);
  const from = {
    sender: delivery.sender,
    senderCluster: delivery.senderCluster ?? ports.defaultCluster,
    receivedAt: delivery.receivedAt,
  };
  return redactGroup(parseDelivery({ ...envelope, alerts }, from, { position, indexes }), ports.redaction);
}

async function decideSlice(delivery: Delivery, group: AlertGroup, ports: AlertGroupPorts): Promise<void> {
  const decision = await ports.store.transact(async (tx): Promise<Decision | null> => {
    if (!(await tx.takeSlice(delivery.id, group.slice ?? 0))) return null;
    const told = (followUp: FollowUp, numbers: ReadonlyMap<IncidentKey, number>) =>
      isTold(followUp, numbers, delivery, ports, tx);
    const { decision: made, now } = await decideGroup(group, ports, tx, told);
    const around = deliveryBody({ ...group, alerts: [], rejected: [] });
    await tx.accountSlice(delivery.id, made.outcomes, group.rejected.length, around);
    if (group.rejected.length > 0 && !tellsOfRejected(made) && (await isFirst(`${delivery.id}:rejected`, ports, tx)))
      await tx.accept(ownDelivery(rejectedAlert(delivery.sender, group.rejected, delivery.receivedAt), now));
    return made;
  });
  if (decision !== null) await tellDecided(delivery, group, decision, ports);
}

/** Kinds of news that only the first slice tells, for every slice would repeat them. */
const ONCE: ReadonlySet<string> = new Set(['alerts_added', 'rejected', 'clock', 'truncated']);

async function isTold(
  followUp: FollowUp,
  numbers: ReadonlyMap<IncidentKey, number>,
  delivery: Delivery,
  ports: AlertGroupPorts,
  tx: IncidentTransaction,
): Promise<boolean> {
  if (followUp.kind !== 'news' || !ONCE.has(followUp.news.kind)) return true;
  const number = numbers.get(followUp.incident) ?? followUp.incident;
  return isFirst(`${delivery.id}:${number}:${followUp.news.kind}`, ports, tx);
}

async function isFirst(what: string, { clock }: AlertGroupPorts, tx: IncidentTransaction): Promise<boolean> {
  return (await tx.enterOnce(`slices:${what}`, clock())).isFirst;
}
