import { coerceError, ResponderError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { DEFAULT_LIMITS, endsProcesses, isSuspect, type RetryLimits, verdict } from './backoff.ts';
import { whileHeld } from './held.ts';
import { type Job, type JobHandler, LANE_NAMES, type LaneName } from './job.ts';
import type { JobSource, Lease } from './ports.ts';

export type Outcome = 'done' | 'retried' | 'dead' | 'lost' | 'stopped';

export interface WorkerOptions {
  readonly jobs: JobSource;
  /** By kind. Kinds without a handler are left for a release that knows them. */
  readonly handlers: Readonly<Record<string, JobHandler>>;
  readonly log: Logger;
  /** Jobs of each lane at once. A lane has its places to itself, so none waits for another. */
  readonly concurrency: Readonly<Record<LaneName, number>>;
  readonly leaseMs: number;
  /** How long to sleep at the most when nothing is due; finds what no notification told of. */
  readonly pollMs?: number;
  /** Departures from the default, by kind. */
  readonly limits?: Readonly<Record<string, Partial<RetryLimits>>>;
  readonly clock?: () => number;
  readonly random?: () => number;
  /** Told after every job, with how long it ran. */
  readonly onOutcome?: (kind: string, outcome: Outcome) => void;
}

export interface Worker {
  /** Takes nothing new and waits for what runs; false when that did not end in time and was told to stop. */
  drain(timeoutMs: number): Promise<boolean>;
  /** Takes nothing new, tells what runs to stop, and resolves when it did, after 5 s at the latest. */
  close(): Promise<void>;
  /** Resolves when nothing runs and nothing is due. */
  idle(): Promise<void>;
}

interface Running {
  readonly job: Job;
  readonly abort: AbortController;
  readonly ended: Promise<void>;
  leaseUntil: number;
  lost: boolean;
  /** Its end is being written: the lease is given back, not lost. */
  ending: boolean;
}

const POLL_MS = 1_000;
const STOP_GRACE_MS = 5_000;
/** Pause of a job that must run apart from another, milliseconds. */
const APART_MS = 1_000;

/**
 * Claims jobs and runs them. A handler that throws is tried again after a jittered pause as long as its error is
 * retryable, else it becomes a dead letter; a handler that takes long keeps its lease; one whose lease was lost, or
 * that outlives `drain`, sees its signal aborted. After a crash the jobs are claimed again when their leases run out.
 */
export function startWorker(options: WorkerOptions): Worker {
  const worker = new ClaimingWorker(options);
  worker.start();
  return worker;
}

class ClaimingWorker implements Worker {
  readonly #options: WorkerOptions;
  readonly #clock: () => number;
  readonly #kinds: readonly string[];
  readonly #running = new Map<string, Running>();
  /** Lanes whose last claim was filled: there may be more. */
  readonly #hungry = new Set<LaneName>();
  readonly #idleWaiters = new Set<() => void>();
  #stopping = false;
  #woken = true;
  #quiet = false;
  #failures = 0;
  /** When the sleep ends, epoch ms; while there is none, every time is before that. */
  #until = Number.POSITIVE_INFINITY;
  #loop: Promise<void> = Promise.resolve();
  #rouse: () => void = () => {};
  #unsubscribe: () => void = () => {};
  #renewal: NodeJS.Timeout | undefined;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? Date.now;
    this.#kinds = Object.keys(options.handlers);
  }

  start(): void {
    this.#unsubscribe = this.#options.jobs.subscribe(() => this.#wake());
    this.#renewal = setInterval(() => void this.#renew(), Math.max(50, this.#options.leaseMs / 3));
    this.#loop = this.#work();
  }

  async drain(timeoutMs: number): Promise<boolean> {
    await this.#stopClaiming();
    const done = await within(this.#allEnded(), timeoutMs);
    if (!done) await this.#abortAll();
    clearInterval(this.#renewal);
    return done;
  }

  async close(): Promise<void> {
    await this.#stopClaiming();
    await this.#abortAll();
    clearInterval(this.#renewal);
    this.#settleIdle();
  }

  idle(): Promise<void> {
    if (this.#stopping || (this.#quiet && this.#running.size === 0 && !this.#woken)) return Promise.resolve();
    return new Promise((resolve) => this.#idleWaiters.add(resolve));
  }

  #wake(): void {
    this.#woken = true;
    this.#quiet = false;
    this.#rouse();
  }

  async #stopClaiming(): Promise<void> {
    this.#stopping = true;
    this.#unsubscribe();
    this.#rouse();
    await this.#loop;
  }

  async #abortAll(): Promise<void> {
    for (const running of this.#running.values())
      running.abort.abort(new ResponderError('cancelled', 'the responder is stopping'));
    await within(this.#allEnded(), STOP_GRACE_MS);
  }

  async #allEnded(): Promise<void> {
    await Promise.all([...this.#running.values()].map((running) => running.ended));
  }

  async #work(): Promise<void> {
    while (!this.#stopping) {
      this.#woken = false;
      // A process that stood still may still have what it ran, and is not to take it a second time.
      if ([...this.#running.values()].some((running) => running.leaseUntil <= this.#clock())) await this.#renew();
      const lanes = this.#free();
      const claimed = await this.#claim(lanes);
      for (const job of await this.#apart(claimed ?? [])) this.#run(job);
      if (this.#stopping) return;
      if (this.#woken || (claimed && claimed.length > 0 && this.#mayClaim())) continue;
      this.#quiet = claimed?.length === 0;
      if (this.#quiet && this.#running.size === 0) this.#settleIdle();
      await this.#sleep();
    }
  }

  /** Free places by lane. */
  #free(): Partial<Record<LaneName, number>> {
    const used = new Map<LaneName, number>();
    for (const { job } of this.#running.values()) used.set(job.lane, (used.get(job.lane) ?? 0) + 1);
    const free: Partial<Record<LaneName, number>> = {};
    for (const lane of LANE_NAMES) {
      const places = this.#options.concurrency[lane] - (used.get(lane) ?? 0);
      if (places > 0) free[lane] = places;
    }
    return free;
  }

  #mayClaim(): boolean {
    const free = this.#free();
    return [...this.#hungry].some((lane) => (free[lane] ?? 0) > 0);
  }

  /** Null when the store could not be asked. */
  async #claim(lanes: Partial<Record<LaneName, number>>): Promise<readonly Job[] | null> {
    if (Object.keys(lanes).length === 0) return [];
    const { jobs, leaseMs, log } = this.#options;
    try {
      const claimed = await jobs.claim({ lanes, leaseMs, now: this.#clock(), kinds: this.#kinds });
      if (this.#failures > 0) log.info({ failures: this.#failures }, 'jobs can be claimed again');
      this.#failures = 0;
      const counts = Map.groupBy(claimed, (job) => job.lane);
      for (const lane of LANE_NAMES) {
        const wanted = lanes[lane];
        if (wanted === undefined) continue;
        if ((counts.get(lane)?.length ?? 0) >= wanted) this.#hungry.add(lane);
        else this.#hungry.delete(lane);
      }
      return claimed;
    } catch (thrown) {
      this.#failures += 1;
      const error = coerceError(thrown);
      if (this.#failures === 1) log.error({ code: error.code, err: error }, 'jobs cannot be claimed');
      return null;
    }
  }

  /**
   * Of jobs under which processes ended before, one runs at a time: when it happens again, that one was there, and those
   * that only stood beside it are done meanwhile.
   */
  async #apart(claimed: readonly Job[]): Promise<readonly Job[]> {
    let taken = [...this.#running.values()].some(({ job }) => isSuspect(job));
    const kept: Job[] = [];
    const others: Job[] = [];
    for (const job of claimed) {
      if (!isSuspect(job)) kept.push(job);
      else if (taken) others.push(job);
      else {
        taken = true;
        kept.push(job);
      }
    }
    // What cannot be given back now comes back when its lease is over.
    if (others.length > 0) await this.#options.jobs.defer(others, this.#clock() + APART_MS).catch(() => {});
    return kept;
  }

  async #sleep(): Promise<void> {
    const ms = await this.#pause();
    if (this.#woken || this.#stopping) return;
    this.#until = this.#clock() + ms;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#rouse = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#rouse = () => {};
    this.#until = Number.POSITIVE_INFINITY;
    // A store that fails is asked at its own pace, however often somebody wakes us.
    if (this.#failures > 0 && !this.#stopping) await new Promise((resolve) => setTimeout(resolve, 100));
  }

  async #pause(): Promise<number> {
    const poll = this.#options.pollMs ?? POLL_MS;
    if (this.#failures > 0) return Math.min(5_000, 100 * 2 ** Math.min(this.#failures, 6));
    try {
      const now = this.#clock();
      const next = await this.#options.jobs.nextDueAt(now);
      return next === null ? poll : Math.max(1, Math.min(poll, next - now));
    } catch {
      // The next claim meets the same failure and reports it.
      return poll;
    }
  }

  #run(job: Job): void {
    const abort = new AbortController();
    const running: Running = {
      job,
      abort,
      leaseUntil: job.leaseUntil,
      lost: false,
      ending: false,
      ended: this.#execute(job, abort).finally(() => {
        this.#running.delete(keyOf(job));
        if (this.#hungry.has(job.lane)) this.#wake();
        else if (this.#running.size === 0 && this.#idleWaiters.size > 0) this.#wake();
      }),
    };
    this.#running.set(keyOf(job), running);
  }

  async #execute(job: Job, abort: AbortController): Promise<void> {
    // Registered in #running before the handler's first line runs.
    await Promise.resolve();
    const report = (outcome: Outcome) => this.#options.onOutcome?.(job.kind, outcome);
    try {
      if (endsProcesses(job))
        throw new ResponderError(
          'internal',
          `its lease ran out ${job.expiries} times in a row, each time in another process: it seems to end the process`,
        );
      const handler = this.#options.handlers[job.kind];
      if (!handler) throw new ResponderError('internal', `there is no handler for ${job.kind}`);
      await whileHeld(
        () => this.#confirm(job),
        () => handler(job, abort.signal),
      );
      await this.#finish(job, () => this.#options.jobs.complete([job]));
      report(this.#running.get(keyOf(job))?.lost ? 'lost' : 'done');
    } catch (thrown) {
      report(await this.#fail(job, abort, thrown));
    }
  }

  async #fail(job: Job, abort: AbortController, thrown: unknown): Promise<Outcome> {
    const { jobs, log } = this.#options;
    const error = coerceError(thrown);
    const about = { job: job.id, kind: job.kind, attempt: job.attempt, code: error.code, err: error };
    if (this.#running.get(keyOf(job))?.lost) return 'lost';
    if (abort.signal.aborted) {
      await this.#finish(job, () => jobs.retry(job, this.#clock(), error.message));
      return 'stopped';
    }
    const limits = { ...DEFAULT_LIMITS, ...this.#options.limits?.[job.kind] };
    const next = verdict(job, error, limits, this.#options.random ?? Math.random, this.#clock());
    if (next.kind === 'dead') {
      log.error({ ...about, reason: next.reason }, 'a job failed for good');
      await this.#finish(job, () => jobs.dead(job, `${error.code}: ${error.message}`, this.#clock()));
      return 'dead';
    }
    // One job waiting a moment for another is how they work; what goes on is worth a warning.
    if ((job.attempt <= 3 || error.code === 'rate_limited') && next.delayMs < 5_000)
      log.info({ ...about, err: undefined, why: error.message, delayMs: next.delayMs }, 'a job is deferred');
    else log.warn({ ...about, delayMs: next.delayMs }, 'a job failed and is retried');
    const at = this.#clock() + next.delayMs;
    await this.#finish(job, () => jobs.retry(job, at, `${error.code}: ${error.message}`));
    // The sleep may have been measured while this job still ran.
    if (at < this.#until) this.#wake();
    return 'retried';
  }

  /** Writes the end of a job; when the store cannot, the lease runs out and the job runs again. */
  async #finish(job: Job, write: () => Promise<void>): Promise<void> {
    const running = this.#running.get(keyOf(job));
    if (running) running.ending = true;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await write();
      } catch (thrown) {
        const error = coerceError(thrown);
        this.#options.log.warn({ job: job.id, code: error.code, err: error }, 'the end of a job cannot be written');
        const last = attempt >= 5 || this.#stopping || !error.retryable;
        if (last) return;
        await new Promise((resolve) => setTimeout(resolve, 100 * 2 ** attempt));
      }
    }
  }

  /** The lease is still ours; asks the store only when it may have run out. */
  async #confirm(job: Job): Promise<void> {
    const running = this.#running.get(keyOf(job));
    if (running && !running.lost && running.leaseUntil <= this.#clock()) await this.#renew();
    running?.abort.signal.throwIfAborted();
  }

  async #renew(): Promise<void> {
    const held = [...this.#running.values()].filter((running) => !running.lost && !running.ending);
    if (held.length === 0) return;
    const now = this.#clock();
    const leaseUntil = now + this.#options.leaseMs;
    try {
      const kept = new Set(
        await this.#options.jobs.renew(
          held.map(({ job }) => job),
          leaseUntil,
        ),
      );
      for (const running of held) {
        if (kept.has(running.job.id)) running.leaseUntil = leaseUntil;
        else if (!running.ending) this.#lose(running);
      }
    } catch {
      // Until the lease is over nobody else takes the job; after that it may run elsewhere.
      for (const running of held) if (!running.ending && running.leaseUntil <= this.#clock()) this.#lose(running);
    }
  }

  #lose(running: Running): void {
    running.lost = true;
    this.#options.log.warn({ job: running.job.id, kind: running.job.kind }, 'the lease of a job was lost');
    running.abort.abort(new ResponderError('cancelled', 'the lease of the job was lost'));
  }

  #settleIdle(): void {
    for (const resolve of this.#idleWaiters) resolve();
    this.#idleWaiters.clear();
  }
}

/** A job whose lease ran out may be claimed again, here as well, while its handler is still being told to stop. */
function keyOf({ id, attempt }: Lease): string {
  return `${id}/${attempt}`;
}

/** True when the work ended within the time. */
async function within(work: Promise<void>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const inTime = await Promise.race([work.then(() => true), late]);
  clearTimeout(timer);
  return inTime;
}
