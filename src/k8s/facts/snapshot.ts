import { z } from 'zod';
import { ResponderError } from '../../errors.ts';
import type { Body } from '../client/body.ts';
import type { ClusterAccess, Read } from '../client/cluster.ts';
import { KINDS, kindOf } from '../subjects/kinds.ts';

const time = z.string().nullish();
const snapshotEvent = z.object({
  type: z.string().nullish(),
  reason: z.string().nullish(),
  message: z.string().nullish(),
  source: z.string().nullish(),
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

/** What a look read of a cluster, as one file: whole objects, events, log lines and usage at one moment. */
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
      pods: z
        .record(
          z.string(),
          z.record(z.string(), z.object({ cpuMilli: z.number().nullish(), memoryMi: z.number().nullish() })),
        )
        .default({}),
      nodes: z
        .record(z.string(), z.object({ cpuMilli: z.number().nullish(), memoryMi: z.number().nullish() }).catch({}))
        .default({}),
    })
    .nullish(),
  series: z.unknown().optional(),
  /**
   * Lists that could not be read when it was taken: `events`, `nodes`, `logs`, `pods in shop`; replayed as refused (a plain
   * name means so), or as not answered in time.
   */
  unread: z
    .array(
      z.union([
        z.string().transform((what) => ({ what, how: 'forbidden' as const })),
        z.object({ what: z.string(), how: z.enum(['forbidden', 'timeout']) }),
      ]),
    )
    .default([]),
});
export type Snapshot = z.output<typeof snapshot>;

/** Epoch ms of a snapshot's moment. */
export function momentOf(of: Snapshot): number {
  return Date.parse(of.now);
}

/** A snapshot as a cluster that answers as the API server would have: lists with selectors, objects, logs, usage. */
export function replayed(of: Snapshot): ClusterAccess {
  const lists = listsOf(of);
  return {
    name: of.id,
    server: `snapshot:${of.id}`,
    simulated: false,
    json: async (read) => answer(of, lists, read),
    text: async (read) => logOf(of, read),
    paceMs: () => null,
    close: async () => {},
  };
}

type Item = Snapshot['objects'][number];

function listsOf(of: Snapshot): ReadonlyMap<string, readonly Item[]> {
  const lists = Map.groupBy([...of.objects, ...of.events.map(eventObject)], (item) => {
    const kind = kindOf(item.apiVersion, item.kind);
    return kind === null ? '' : resourceKey(KINDS[kind].resource);
  });
  return lists;
}

function resourceKey({ group, plural }: { readonly group: string; readonly plural: string }): string {
  return `${group}/${plural}`;
}

function eventObject(one: Snapshot['events'][number], at: number): Item {
  const { regarding } = one;
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: {
      name: `${regarding.name}.${at.toString(16).padStart(8, '0')}`,
      ...(regarding.namespace ? { namespace: regarding.namespace } : { namespace: 'default' }),
      creationTimestamp: one.firstAt ?? one.lastAt ?? undefined,
    },
    type: one.type ?? 'Normal',
    reason: one.reason ?? '',
    message: one.message ?? '',
    count: one.count ?? 1,
    firstTimestamp: one.firstAt ?? null,
    lastTimestamp: one.lastAt ?? one.firstAt ?? null,
    source: { component: one.source ?? '' },
    involvedObject: Object.fromEntries(Object.entries(regarding).filter(([, value]) => value !== null)),
  };
}

interface Place {
  readonly key: string;
  readonly namespace: string | null;
  readonly name: string | null;
}

function placeOf(path: readonly string[]): Place {
  const group = path[0] === 'apis' ? (path[1] ?? '') : '';
  const rest = path.slice(path[0] === 'apis' ? 3 : 2);
  const within = rest[0] === 'namespaces' && rest.length > 2 ? (rest[1] ?? null) : null;
  const [plural = '', name = null] = within === null ? rest : rest.slice(2);
  return { key: resourceKey({ group, plural }), namespace: within, name };
}

function answer(of: Snapshot, lists: ReadonlyMap<string, readonly Item[]>, read: Read): unknown {
  const { key, namespace, name } = placeOf(read.path);
  const plural = key.split('/')[1] ?? '';
  refuse(of, plural, namespace);
  if (key === 'metrics.k8s.io/nodes') return nodeUsageOf(of);
  if (key === 'metrics.k8s.io/pods') return usageOf(of, namespace);
  const here = (lists.get(key) ?? []).filter((item) => namespace === null || item.metadata.namespace === namespace);
  if (name !== null) {
    const one = here.find((item) => item.metadata.name === name);
    if (!one) throw new ResponderError('not_found', `${plural} "${name}" not found`);
    return one;
  }
  const items = here.filter((item) => isSelected(item, read.query ?? {}));
  if (!(read.accept ?? '').includes('as=Table')) return { kind: 'List', apiVersion: 'v1', metadata: {}, items };
  return {
    kind: 'Table',
    metadata: {},
    columnDefinitions: [{ name: 'Name' }, { name: 'Created At' }],
    rows: items.map((object) => ({
      cells: [object.metadata.name, object.metadata.creationTimestamp ?? '<unknown>'],
      object,
    })),
  };
}

/** What could not be read then cannot be read now. @throws ResponderError forbidden, timeout. */
function refuse(of: Snapshot, plural: string, namespace: string | null): void {
  const unread = of.unread.find(({ what }) => what === plural || what === `${plural} in ${namespace}`);
  if (unread?.how === 'timeout')
    throw new ResponderError('timeout', `${unread.what} did not answer in time when this was recorded`);
  if (unread) throw new ResponderError('forbidden', `${unread.what} could not be read when this was recorded`);
}

function isSelected(item: Item, query: NonNullable<Read['query']>): boolean {
  const labels = item.metadata.labels as Readonly<Record<string, string>> | undefined;
  const fields = String(query.fieldSelector ?? '');
  const wanted = String(query.labelSelector ?? '');
  return (
    terms(fields).every(([path, equal, value]) => (String(fieldOf(item, path)) === value) === equal) &&
    terms(wanted).every(([key, equal, value]) =>
      value === '' ? labels?.[key] !== undefined : (labels?.[key] === value) === equal,
    )
  );
}

/** `a=b,c!=d` as path, whether it must be equal, and value. */
function terms(selector: string): readonly (readonly [string, boolean, string])[] {
  return selector
    .split(',')
    .filter(Boolean)
    .map((term) => {
      const match = /^([^!=]+)(!?={1,2})?(.*)$/.exec(term);
      return [match?.[1] ?? '', match?.[2] !== '!=', match?.[3] ?? ''] as const;
    });
}

function fieldOf(item: unknown, path: string): unknown {
  let at: unknown = item;
  for (const key of path.split('.')) at = at !== null && typeof at === 'object' ? Reflect.get(at, key) : undefined;
  return at ?? '';
}

function nodeUsageOf(of: Snapshot): unknown {
  const items = Object.entries(of.usage?.nodes ?? {}).map(([name, use]) => ({
    metadata: { name },
    usage: {
      ...(use.cpuMilli == null ? {} : { cpu: `${use.cpuMilli}m` }),
      ...(use.memoryMi == null ? {} : { memory: `${use.memoryMi}Mi` }),
    },
  }));
  return { kind: 'NodeMetricsList', items };
}

function usageOf(of: Snapshot, namespace: string | null): unknown {
  if (!of.usage || Object.keys(of.usage.pods).length === 0)
    throw new ResponderError('not_found', 'the metrics API is not there');
  return {
    kind: 'PodMetricsList',
    items: Object.entries(of.usage.pods).map(([name, containers]) => ({
      metadata: { name, namespace: namespace ?? of.namespace ?? undefined },
      containers: Object.entries(containers).map(([container, use]) => ({
        name: container,
        usage: {
          ...(use.cpuMilli == null ? {} : { cpu: `${use.cpuMilli}m` }),
          ...(use.memoryMi == null ? {} : { memory: `${use.memoryMi}Mi` }),
        },
      })),
    })),
  };
}

function logOf(of: Snapshot, read: Read): Body {
  const { namespace, name } = placeOf(read.path);
  refuse(of, 'logs', namespace);
  const pod = of.logs[`${namespace}/${name}`] ?? of.logs[name ?? ''];
  const { container, previous, tailLines } = read.query ?? {};
  const log = pod?.[String(container)];
  // As the kubelet does: the log of a container that waits after a crash is that of its last instance.
  const current = log?.current.length === 0 ? log.previous : log?.current;
  const lines = previous ? log?.previous : current;
  if (lines === undefined) throw new ResponderError('not_found', `no log of ${name}/${container} was recorded`);
  if (previous && lines.length === 0)
    throw new ResponderError('bad_input', `previous terminated container "${container}" in pod "${name}" not found`);
  const told = lines
    .slice(-Number(tailLines ?? lines.length))
    .map(([at, text]) => (at === null ? text : `${new Date(at).toISOString()} ${text}`));
  return { text: told.join('\n'), truncated: false };
}
