import type { Decision } from '../incidents/decision.ts';
import { decisionKey, jobOf } from '../jobs/jobKinds.ts';
import type { NewJob } from '../queue/job.ts';
import type { Write } from './engine.ts';
import { DECISION_KIND } from './enqueue.ts';

export interface NewDelivery {
  readonly body: string;
  readonly sender: string;
  readonly senderCluster: string | null;
  readonly groupKey: string;
  readonly alertCount: number;
  readonly receivedAt: number;
  /**
   * The alerts in slices, where they are too many for one transaction; the body then holds none. Iterated once for each
   * try.
   */
  readonly slices?: Iterable<string>;
}

/** A delivery with the trace of its request: deliveries of several requests share a transaction. */
export interface Accepted extends NewDelivery {
  readonly trace: string | null;
}

/** The columns of a delivery that has just come in. */
export function rowOf(delivery: NewDelivery) {
  return {
    body: delivery.body,
    sender: delivery.sender,
    sender_cluster: delivery.senderCluster,
    group_key: delivery.groupKey,
    alert_count: delivery.alertCount,
    received_at: delivery.receivedAt,
    settled_at: null,
  };
}

/** The job that decides about a delivery; a sev1 gets the lane of interactive work. */
export function decisionJob(id: number, { senderCluster, trace }: Accepted, apart?: 'sev1' | 'sliced'): NewJob {
  const lane = apart === 'sev1' ? { lane: 'person' as const } : {};
  const job = jobOf(DECISION_KIND, { delivery: id }, { ...lane, orderingKey: decisionKey(senderCluster, apart) });
  return trace === null ? job : { ...job, payload: { ...job.payload, trace } };
}

/** The outcome of the alerts of a delivery or of one slice. */
export interface Settlement {
  readonly outcomes: Decision['outcomes'];
  /** Number of alerts that could not be parsed. */
  readonly rejected: number;
  /** The redacted body that replaces the one that was sent. */
  readonly clean: string | undefined;
}

/** Adds the outcomes of alerts to the accounting totals. */
export function tallyOutcomes(tx: Write, outcomes: Decision['outcomes'], rejected: number): void {
  tx.tally('rejected', rejected);
  for (const outcome of outcomes) {
    tx.tally(outcome.incident === null ? `suppressed:${outcome.reason}` : 'on_incident', 1);
  }
}
