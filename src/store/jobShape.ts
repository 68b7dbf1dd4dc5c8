import type { Job, LaneName, NewJob } from '../queue/job.ts';

export type { Job, LaneName, NewJob };

/** A lease: job and attempt. The attempt changes with every claim, so an expired lease cannot end a later one. */
export type Lease = Pick<Job, 'id' | 'attempt'>;

export interface ClaimRequest {
  /** How many to take of each lane; lanes that are not named are not claimed. */
  readonly lanes: Readonly<Partial<Record<LaneName, number>>>;
  readonly leaseMs: number;
  readonly now: number;
  /** The process that claims; this one when absent. */
  readonly holder?: string;
  /** Only these kinds; all when absent. */
  readonly kinds?: readonly string[];
}

export interface DeadLetter {
  readonly id: number;
  readonly kind: string;
  readonly payload: Job['payload'];
  readonly lane: LaneName;
  readonly orderingKey: string | null;
  readonly attempts: number;
  readonly createdAt: number;
  readonly deadAt: number;
  readonly error: string;
}

export interface LaneDepth {
  readonly lane: LaneName;
  /** Jobs due now, running ones included. */
  readonly due: number;
  /** Jobs scheduled for later: timers and the like. */
  readonly scheduled: number;
  /** Due time of the oldest due job, epoch ms; null when none is due. */
  readonly oldestDueAt: number | null;
}

export interface Jobs {
  enqueue(jobs: readonly NewJob[], now: number): Promise<void>;
  /** Enqueues unless something was enqueued under this key before; false when it was. Keys are kept for a week. */
  enqueueOnce(key: string, jobs: readonly NewJob[], now: number): Promise<boolean>;
  claim(request: ClaimRequest): Promise<readonly Job[]>;
  /** The due time of the next job that is not yet due, epoch ms; null when there is none. */
  nextDueAt(now: number): Promise<number | null>;
  complete(leases: readonly Lease[]): Promise<void>;
  /** Releases jobs that were not run, to be claimed at `runAt`; their count of expired leases is kept. */
  defer(leases: readonly Lease[], runAt: number): Promise<void>;
  /**
   * Releases the job, to run at `runAt`, and resets its count of expired leases. Ignored when the lease belongs to
   * another claim by now, as with all methods below.
   */
  retry(lease: Lease, runAt: number, error: string): Promise<void>;
  dead(lease: Lease, error: string, now: number): Promise<void>;
  /** Extends leases; returns the ids that are still ours. */
  renew(leases: readonly Lease[], leaseUntil: number): Promise<readonly number[]>;
  /** Newest first. */
  deadLetters(limit: number): Promise<readonly DeadLetter[]>;
  deadLetter(id: number): Promise<DeadLetter | null>;
  /** Runs a dead letter again as if new; false when there is none with this id. */
  revive(id: number, now: number): Promise<boolean>;
  /** Makes backed-off jobs of these kinds due now, because the dependency they failed at is back. Returns how many. */
  bringForward(kinds: readonly string[], now: number): Promise<number>;
  depth(now: number): Promise<readonly LaneDepth[]>;
  deadCount(): Promise<number>;
  /** Called after a commit that enqueued something, in whichever process. Returns what ends the subscription. */
  subscribe(listener: () => void): () => void;
}
