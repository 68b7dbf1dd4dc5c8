import { z } from 'zod';
import type { Read } from '../client/cluster.ts';
import { placeOf } from '../client/readInWords.ts';

const time = z.string().nullish();
const snapshotEvent = z.object({
  /** The Event's own name. */
  name: z.string().nullish(),
  type: z.string().nullish(),
  reason: z.string().nullish(),
  message: z.string().nullish(),
  source: z.string().nullish(),
  host: z.string().nullish(),
  count: z.number().nullish(),
  firstAt: time,
  lastAt: time,
  regarding: z.looseObject({
    apiVersion: z.string().nullish(),
    kind: z.string(),
    namespace: z.string().nullish(),
    name: z.string(),
    uid: z.string().nullish(),
    fieldPath: z.string().nullish(),
  }),
});
const logLines = z.array(z.tuple([z.union([z.string(), z.number()]).nullable(), z.string()]));
const alert = z.object({
  labels: z.record(z.string(), z.string()),
  annotations: z.record(z.string(), z.string()).default({}),
  startsAt: z.string(),
});

/** The reasons for which a read may have failed. */
export const FAILURES = ['forbidden', 'timeout', 'unauthorized', 'rate_limited', 'unreachable', 'unavailable'] as const;

const readOutcome = z.object({
  /** The cluster has no such kind, or no object of this name. */
  absent: z.boolean().optional(),
  /** The list went on: how many objects there were, as far as the server said, and the last one that was read. */
  total: z.number().optional(),
  last: z.string().optional(),
});

const used = z.object({ cpuMilli: z.number().nullish(), memoryMi: z.number().nullish() });

/**
 * What a look read of a cluster, as one file: whole objects, events, log lines and usage at one moment. What `snapshot save`
 * adds to what was read by hand: `reads`, `printed`, `asked` and `paceMs`.
 */
export const snapshot = z.object({
  id: z.string(),
  now: z.string(),
  namespace: z.string().nullable(),
  query: z.string().default(''),
  silent: z.boolean().default(false),
  alert: alert.nullish(),
  alerts: z.array(alert).default([]),
  objects: z.array(
    z.looseObject({
      apiVersion: z.string(),
      kind: z.string(),
      metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
    }),
  ),
  events: z.array(snapshotEvent).default([]),
  /** By pod, then container; a key may be `namespace/pod` where two namespaces have pods of one name. */
  logs: z
    .record(
      z.string(),
      z.record(z.string(), z.object({ current: logLines.default([]), previous: logLines.default([]) })),
    )
    .default({}),
  usage: z
    .object({
      pods: z.record(z.string(), z.record(z.string(), used)).default({}),
      nodes: z
        .record(
          z.string(),
          z.unknown().transform((one) => used.safeParse(one).data ?? {}),
        )
        .default({}),
    })
    .nullish(),
  series: z.unknown().optional(),
  /**
   * What could not be read when it was taken: `events`, `nodes`, `logs`, `pods in shop`, or a read as `readName` names it;
   * replayed as refused (a plain name means so), or with the error it was.
   */
  unread: z
    .array(
      z.union([
        z.string().transform((what) => ({ what, how: 'forbidden' as const, message: undefined })),
        z.object({ what: z.string(), how: z.enum(FAILURES), message: z.string().optional() }),
      ]),
    )
    .default([]),
  /**
   * Every read that was answered, as `readName` names it: what was not read is unknown when it is replayed. Absent: it
   * holds all there was.
   */
  reads: z.record(z.string(), readOutcome).nullish(),
  /** What the API server printed, by `plural.group`: the columns, and the cells of each object by `namespace/name`. */
  printed: z
    .record(
      z.string(),
      z.object({
        columns: z.array(z.looseObject({ name: z.string() })),
        rows: z.record(z.string(), z.array(z.unknown())),
      }),
    )
    .default({}),
  /** The command whose reads these are: `diag all -n shop`. */
  asked: z.string().nullish(),
  /** How long the API server took to answer at p95, milliseconds. */
  paceMs: z.number().nullish(),
});
export type Snapshot = z.output<typeof snapshot>;

/** Epoch ms of a snapshot's moment. */
export function momentOf(of: Snapshot): number {
  return Date.parse(of.now);
}

/** A read by what it names: `pods in shop`, `jobs.batch in shop app=cart`, `nodes worker-1`. */
export function readName({ path, query = {} }: Pick<Read, 'path' | 'query'>): string {
  const { namespace, name } = placeOf(path);
  const selectors = [query.labelSelector, query.fieldSelector].filter(Boolean).join(' ');
  return [kindName(path), namespace === null ? '' : `in ${namespace}`, name ?? selectors].filter(Boolean).join(' ');
}

/** Asks for the printed rows alone, with the name of each object or without (census.ts): no whole objects come. */
export function isCensusRead({ query }: Pick<Read, 'query'>): boolean {
  return query?.includeObject === 'Metadata' || query?.includeObject === 'None';
}

/** `pods`, `deployments.apps`. */
export function kindName(path: readonly string[]): string {
  const { group, plural } = placeOf(path);
  return group === '' ? (plural ?? '') : `${plural}.${group}`;
}

/** How an object's printed cells and the end of a list are named. */
export function objectKey(of: { readonly name: string; readonly namespace?: string | undefined }): string {
  return of.namespace ? `${of.namespace}/${of.name}` : of.name;
}
