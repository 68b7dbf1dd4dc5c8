import { z } from 'zod';
import { ResponderError } from '../errors.ts';
import { TIMER_KINDS } from '../incidents/decision.ts';
import type { RetryLimits } from '../queue/backoff.ts';
import type { Job, JobHandler, LaneName } from '../queue/job.ts';

/** What is known of a kind of job: all that its makers, its handler, the queue and the store need of it. */
interface KindOfJob<P extends JobPayload> {
  /** What it carries. What it was before stays readable: jobs of an earlier release lie in the store. */
  readonly payload: z.ZodType<P>;
  /** The lane it waits in, unless its maker names another. */
  readonly lane: LaneName;
  /** Jobs with the same key run one at a time; its maker may name another key. */
  readonly orderingKey: (payload: P) => string | null;
  /** A waiting job absorbs further ones with this key. */
  readonly coalesceKey?: (payload: P) => string;
  /** When Slack is back it runs at once, however long its back-off. */
  readonly isForSlack?: true;
  /** Limits of its own; the others are tried for a day, with growing pauses. */
  readonly retry?: Partial<RetryLimits>;
}

type JobPayload = Readonly<Record<string, string | number | boolean | null>>;

/** The key of what is posted in the thread of an incident: in the order it was written. */
export const threadKey = (incident: number): string => `thread:${incident}`;

/**
 * The key of decisions about a cluster. Deliveries with a sev1 do not wait behind the others, and nobody waits behind those
 * that are decided about in slices.
 */
export const decisionKey = (cluster: string | null, apart?: 'sev1' | 'sliced'): string =>
  `decide:${cluster ?? 'default'}${apart ? `:${apart}` : ''}`;

const incident = z.number();
const ofIncident = z.object({ incident });

/** Every kind of job. Their names lie in the store: a kind keeps its name, or both names for a release. */
export const JOB_KINDS = {
  /** Decides about a delivery of alerts. */
  handleAlertGroup: kind({
    payload: z.object({ delivery: z.number() }),
    lane: 'incident',
    orderingKey: () => decisionKey(null),
  }),
  /** A timer of an incident. One of each waits, the earliest: when it runs too early it sets itself again. */
  timer: kind({
    payload: z.object({ incident, timer: z.enum(TIMER_KINDS) }),
    lane: 'edit',
    orderingKey: (payload) => `incident:${payload.incident}`,
    coalesceKey: (payload) => `timer:${payload.incident}:${payload.timer}`,
  }),
  /** The edit of an incident's card, whatever it shows by then. */
  deliverCard: kind({
    payload: ofIncident,
    lane: 'edit',
    orderingKey: (payload) => `card:${payload.incident}`,
    coalesceKey: (payload) => `card:${payload.incident}`,
    isForSlack: true,
  }),
  /** The card that stands for several incidents. */
  deliverGroup: kind({
    payload: z.object({ group: z.number() }),
    lane: 'incident',
    orderingKey: ({ group }) => `group:${group}`,
    coalesceKey: ({ group }) => `group:${group}`,
    isForSlack: true,
  }),
  /** A row of the outbox; those of one incident in the order of its thread. */
  deliverPost: kind({
    payload: z.object({ post: z.number() }),
    lane: 'edit',
    orderingKey: ({ post }) => `post:${post}`,
    isForSlack: true,
  }),
  /** The message with the steps of a runbook. `target`: JSON of where it was asked for. */
  deliverRunbook: kind({
    payload: z.object({ incident, page: z.number().nullable(), target: z.string().nullable() }),
    lane: 'incident',
    orderingKey: (payload) => `runbook:${payload.incident}`,
    coalesceKey: (payload) => `runbook:${payload.incident}`,
    isForSlack: true,
  }),
  /** Opens the incident's own channel. */
  ownChannel: kind({
    payload: z.object({ incident, because: z.string().default(''), automatic: z.boolean().default(false) }),
    lane: 'incident',
    orderingKey: (payload) => `channel:${payload.incident}`,
    coalesceKey: (payload) => `channel:${payload.incident}`,
    isForSlack: true,
  }),
  /** Looks at the cluster for an incident. */
  firstLook: kind({
    payload: z.object({ incident, because: z.string() }),
    lane: 'evidence',
    orderingKey: (payload) => `look:${payload.incident}`,
    coalesceKey: (payload) => `look:${payload.incident}`,
  }),
  /** One round of a look that is kept up to date. */
  liveLook: kind({
    payload: z.object({ look: z.string() }),
    lane: 'reading',
    orderingKey: () => 'live',
    coalesceKey: ({ look }) => `live:${look}`,
  }),
  /** A command and where its answer goes, both JSON. What reads a cluster waits in a lane of its own. */
  runCommand: kind({
    payload: z.object({ invocation: z.string(), answer: z.string() }),
    lane: 'person',
    orderingKey: () => null,
    isForSlack: true,
  }),
  /** Tells somebody of what Slack does not take. */
  tellFallback: kind({
    payload: z.union([
      z.object({ group: z.number() }),
      z.object({ incident, post: z.number() }),
      z.object({ incident }),
    ]),
    lane: 'person',
    orderingKey: () => null,
  }),
};

export type JobKind = keyof typeof JOB_KINDS;
/** What a handler gets. */
export type PayloadOf<K extends JobKind> = z.output<(typeof JOB_KINDS)[K]['payload']>;

/** A job as it is asked for; made by `jobOf`. */
export interface JobRequest {
  readonly kind: JobKind;
  readonly payload: JobPayload;
  readonly lane: LaneName;
  readonly orderingKey: string | null;
  readonly runAt?: number;
  readonly coalesceKey?: string;
}

/** What the maker of a job sets in place of the table's values; `coalesceKey: null`: it absorbs no other. */
export interface JobOptions {
  readonly lane?: LaneName;
  readonly orderingKey?: string | null;
  readonly coalesceKey?: null;
  /** Epoch milliseconds; at once when absent. */
  readonly runAt?: number | undefined;
}

/** A job of a kind, as the table has it. */
export function jobOf<K extends JobKind>(named: K, payload: PayloadOf<K>, options: JobOptions = {}): JobRequest {
  const { lane, orderingKey, coalesceKey } = kindOf(named);
  return {
    kind: named,
    payload,
    lane: options.lane ?? lane,
    orderingKey: options.orderingKey === undefined ? orderingKey(payload) : options.orderingKey,
    ...(coalesceKey && options.coalesceKey !== null ? { coalesceKey: coalesceKey(payload) } : {}),
    ...(options.runAt === undefined ? {} : { runAt: options.runAt }),
  };
}

/** What each kind of job does. */
export type JobHandlers = {
  readonly [K in JobKind]: (payload: PayloadOf<K>, signal: AbortSignal, job: Job) => Promise<void>;
};

/** Handlers as the queue calls them: what a job carries is read by the schema of its kind. */
export function readPayloads(handlers: JobHandlers): Readonly<Record<JobKind, JobHandler>> {
  const reading = <K extends JobKind>(named: K): JobHandler => {
    const handler: JobHandlers[K] = handlers[named];
    return async (job, signal) => handler(readPayload(named, job), signal, job);
  };
  return mapKinds(reading);
}

/** How long each kind is tried, as far as it is not tried as long as all others. */
export const RETRIES: Readonly<Record<JobKind, Partial<RetryLimits>>> = mapKinds((named) => kindOf(named).retry ?? {});

/** Kinds that wait for Slack. */
export const FOR_SLACK: readonly JobKind[] = kinds().filter((named) => kindOf(named).isForSlack === true);

/** @throws ResponderError internal when it carries what its kind does not */
export function readPayload<K extends JobKind>(named: K, job: Pick<Job, 'id' | 'payload'>): PayloadOf<K> {
  const read = kindOf(named).payload.safeParse(job.payload);
  if (read.success) return read.data;
  throw new ResponderError('internal', `job ${job.id} (${named}) has a payload that cannot be read`, {
    cause: read.error,
  });
}

function kind<P extends JobPayload>(about: KindOfJob<P>): KindOfJob<P> {
  return about;
}

function kinds(): readonly JobKind[] {
  return Object.keys(JOB_KINDS) as JobKind[]; // the keys of a const object are its names
}

function kindOf<K extends JobKind>(named: K): KindOfJob<PayloadOf<K>> {
  return JOB_KINDS[named] as unknown as KindOfJob<PayloadOf<K>>; // the entry of this name, which TypeScript knows only as one of all
}

function mapKinds<T>(of: (named: JobKind) => T): Readonly<Record<JobKind, T>> {
  return Object.fromEntries(kinds().map((named) => [named, of(named)])) as Record<JobKind, T>; // one a kind
}
