import type { Job, LaneName } from './job.ts';

/** Whose lease it is: a claim gives the job a new attempt, so a lease that ran out cannot end another's. */
export type Lease = Pick<Job, 'id' | 'attempt'>;

/** Where jobs come from. Every call commits before it resolves. */
export interface JobSource {
  /** Leases on jobs that may run now, at most so many of each lane. */
  claim(request: {
    readonly lanes: Readonly<Partial<Record<LaneName, number>>>;
    readonly leaseMs: number;
    readonly now: number;
    readonly kinds?: readonly string[];
  }): Promise<readonly Job[]>;
  /** When the next job that is not yet due will be, epoch ms. */
  nextDueAt(now: number): Promise<number | null>;
  /** Gives jobs back that were not run, to be claimed at `runAt`; what speaks against them stands. */
  defer(leases: readonly Lease[], runAt: number): Promise<void>;
  complete(leases: readonly Lease[]): Promise<void>;
  /** Gives back what ran and failed; the process it ran in did not end. */
  retry(lease: Lease, runAt: number, error: string): Promise<void>;
  dead(lease: Lease, error: string, now: number): Promise<void>;
  /** The ids whose lease is still ours. */
  renew(leases: readonly Lease[], leaseUntil: number): Promise<readonly number[]>;
  /** Called when there may be something to claim. */
  subscribe(listener: () => void): () => void;
}
