import type { Job, LaneName, NewJob } from '../queue/job.ts';

export type { Job, LaneName, NewJob };

/** Whose lease it is: the attempt changes with every claim, so one that expired cannot end another's. */
export type Lease = Pick<Job, 'id' | 'attempt'>;

export interface ClaimRequest {
  /** How many to take of each lane; lanes that are not named are left alone. */
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
  /** Due now, those running included. */
  readonly due: number;
  /** Wanting to run later: timers and the like. */
  readonly scheduled: number;
  /** When the oldest one due wanted to run, epoch ms; null when none is due. */
  readonly oldestDueAt: number | null;
}

export interface Jobs {
  enqueue(jobs: readonly NewJob[], now: number): Promise<void>;
  /** Enqueues unless something was enqueued under this key before; false when it was. Keys are kept for a week. */
  enqueueOnce(key: string, jobs: readonly NewJob[], now: number): Promise<boolean>;
  claim(request: ClaimRequest): Promise<readonly Job[]>;
  /** When the next job that is not yet due will be, epoch ms; null when there is none. */
  nextDueAt(now: number): Promise<number | null>;
  complete(leases: readonly Lease[]): Promise<void>;
  /** Gives back jobs that were not run, to be claimed at `runAt`; how often their leases ran out stands. */
  defer(leases: readonly Lease[], runAt: number): Promise<void>;
  /** Gives the job back, to run at `runAt`, and forgets that its lease ever ran out. Ignored when the lease is somebody else's by now, as with all below. */
  retry(lease: Lease, runAt: number, error: string): Promise<void>;
  dead(lease: Lease, error: string, now: number): Promise<void>;
  /** Extends leases; returns the ids that are still ours. */
  renew(leases: readonly Lease[], leaseUntil: number): Promise<readonly number[]>;
  /** Newest first. */
  deadLetters(limit: number): Promise<readonly DeadLetter[]>;
  deadLetter(id: number): Promise<DeadLetter | null>;
  /** Runs a dead letter again as if new; false when there is none with this id. */
  revive(id: number, now: number): Promise<boolean>;
  /** What backs off and has one of these kinds runs now: what it failed at is back. */
  bringForward(kinds: readonly string[], now: number): Promise<number>;
  depth(now: number): Promise<readonly LaneDepth[]>;
  deadCount(): Promise<number>;
  /** Called after a commit that enqueued something, in whichever process. Returns what ends the subscription. */
  subscribe(listener: () => void): () => void;
}
