import { ResponderError } from '../../errors.ts';
import type { Body } from '../client/answerBody.ts';
import type { ClusterAccess, Read } from '../client/cluster.ts';
import { placeOf } from '../client/readInWords.ts';
import { RESOURCES } from '../client/resources.ts';
import { isCensusRead, kindName, momentOf, objectKey, readName, type Snapshot } from './snapshot.ts';

/** A snapshot as a cluster that answers as the API server would have: lists with selectors, objects, logs, usage. */
export function replayed(of: Snapshot): ClusterAccess {
  const lists = listsOf(of);
  return {
    name: of.id,
    server: `snapshot:${of.id}`,
    simulated: false,
    json: async (read) => answer(of, lists, read),
    text: async (read) => logOf(of, read),
    paceMs: () => of.paceMs ?? null,
    close: async () => {},
  };
}

type Item = Snapshot['objects'][number];
/** By `plural.group`, as `kindName` has it. */
type Lists = ReadonlyMap<string, readonly Item[]>;

const PLURALS: ReadonlyMap<string, string> = new Map(
  Object.values(RESOURCES).map(({ group, kind, plural }) => [
    `${group}/${kind}`,
    group === '' ? plural : `${plural}.${group}`,
  ]),
);

function listsOf(of: Snapshot): Lists {
  return Map.groupBy([...of.objects, ...of.events.map(eventObject)], ({ apiVersion, kind }) => {
    const group = apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
    return PLURALS.get(`${group}/${kind}`) ?? '';
  });
}

function eventObject(one: Snapshot['events'][number], index: number): Item {
  const { regarding } = one;
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: {
      name: one.name ?? `${regarding.name}.${index.toString(16).padStart(8, '0')}`,
      ...(regarding.namespace ? { namespace: regarding.namespace } : { namespace: 'default' }),
      creationTimestamp: one.firstAt ?? one.lastAt ?? undefined,
    },
    type: one.type ?? 'Normal',
    reason: one.reason ?? '',
    message: one.message ?? '',
    count: one.count ?? 1,
    firstTimestamp: one.firstAt ?? null,
    lastTimestamp: one.lastAt ?? one.firstAt ?? null,
    source: { component: one.source ?? '', ...(one.host ? { host: one.host } : {}) },
    involvedObject: Object.fromEntries(Object.entries(regarding).filter(([, value]) => value !== null)),
  };
}

function answer(of: Snapshot, lists: Lists, read: Read): unknown {
  const { group, plural, namespace, name } = placeOf(read.path);
  refuse(of, read);
  if (group === 'metrics.k8s.io') return plural === 'nodes' ? nodeUsageOf(of) : usageOf(of, namespace);
  const kind = kindName(read.path);
  const here = (lists.get(kind) ?? []).filter((item) => namespace === null || item.metadata.namespace === namespace);
  const isTable = (read.accept ?? '').includes('as=Table');
  if (name !== null) {
    const one = here.find((item) => item.metadata.name === name);
    if (!one) throw missing(of, read, `${plural} "${name}" not found`);
    return isTable ? tableOf(of, kind, [one], {}) : one;
  }
  const query = read.query ?? {};
  if (query.continue) throw new ResponderError('gone', `${readName(read)}: what came after was not recorded`);
  const known = coverage(of, read);
  if (known === null || known.absent)
    throw known === null ? notRecorded(read) : new ResponderError('not_found', `${readName(read)}: not found`);
  const { last, total } = known;
  const items = here.filter((item) => isSelected(item, query) && (!last || objectKey(item.metadata) <= last));
  if (isCensusRead(read)) return censusOf(of, read, items);
  const more = total !== undefined && total > items.length;
  const metadata = more ? { continue: 'cut', remainingItemCount: total - items.length } : {};
  return isTable ? tableOf(of, kind, items, metadata) : { kind: 'List', apiVersion: 'v1', metadata, items };
}

/** What is under a name that others chose, which may be `constructor`. */
function at<V>(of: Readonly<Record<string, V>> | null | undefined, key: string): V | undefined {
  return of && Object.hasOwn(of, key) ? of[key] : undefined;
}

type Outcome = NonNullable<Snapshot['reads']>[string];

/**
 * What is known of a list: it was read itself, or a whole list that holds it. Null: it was not read. A list that was cut
 * may still have been counted to its end.
 */
function coverage(of: Snapshot, read: Read): Outcome | null {
  if (!of.reads) return {};
  const own = at(of.reads, readName(read));
  if (own) return own;
  const { namespace } = placeOf(read.path);
  const kind = kindName(read.path);
  const wider = [...(namespace === null ? [] : [`${kind} in ${namespace}`]), kind].map((name) => at(of.reads, name));
  return wider.find((one) => one !== undefined && one.total === undefined) ?? null;
}

function missing(of: Snapshot, read: Read, message: string): ResponderError {
  const { path } = read;
  const isKnown = at(of.reads, readName(read)) ?? coverage(of, { ...read, path: path.slice(0, -1), query: {} });
  const isWhole = isKnown !== null && isKnown.total === undefined;
  return isWhole ? new ResponderError('not_found', message) : notRecorded(read);
}

function notRecorded(read: Read): ResponderError {
  return new ResponderError('unavailable', `${readName(read)}: not in this snapshot`, {
    hint: 'It holds what was read when it was saved. Save one with this question: lambda-responder snapshot save.',
    retryable: false,
  });
}

function tableOf(of: Snapshot, kind: string, items: readonly Item[], metadata: object): unknown {
  const printed = at(of.printed, kind);
  return {
    kind: 'Table',
    metadata,
    columnDefinitions: printed?.columns ?? [{ name: 'Name' }, { name: 'Created At' }],
    rows: items.map((object) => ({
      cells: at(printed?.rows, objectKey(object.metadata)) ?? [
        object.metadata.name,
        object.metadata.creationTimestamp ?? '<unknown>',
      ],
      object,
    })),
  };
}

/** The printed rows of a whole list, its objects by name alone. */
function censusOf(of: Snapshot, read: Read, items: readonly Item[]): unknown {
  const { namespace } = placeOf(read.path);
  const kind = kindName(read.path);
  const printed = at(of.printed, kind);
  const isSelective = Boolean(read.query?.labelSelector || read.query?.fieldSelector);
  if (!printed || isSelective || !at(of.reads, `${readName(read)} (printed)`)) {
    if (at(of.reads, readName(read))?.total !== undefined) throw notRecorded(read);
    return tableOf(of, kind, items, {});
  }
  const rows = Object.entries(printed.rows)
    .map(([key, cells]) => ({ cells, object: { metadata: namedBy(key) } }))
    .filter(({ object }) => namespace === null || object.metadata.namespace === namespace);
  return { kind: 'Table', metadata: {}, columnDefinitions: printed.columns, rows };
}

function namedBy(key: string): { readonly name: string; readonly namespace?: string } {
  const slash = key.indexOf('/');
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/** What could not be read then cannot be read now. @throws ResponderError as it was then. */
function refuse(of: Snapshot, read: Read): void {
  const { plural, namespace, part } = placeOf(read.path);
  const coarse = part === 'log' ? ['logs', `logs in ${namespace}`] : [plural, `${plural} in ${namespace}`];
  const unread = of.unread.find(({ what }) => coarse.includes(what) || (part === null && what === readName(read)));
  if (!unread) return;
  const said =
    unread.how === 'timeout'
      ? `${unread.what} did not answer in time when this was recorded`
      : `${unread.what} could not be read when this was recorded`;
  throw new ResponderError(unread.how, unread.message ?? said);
}

function isSelected(item: Item, query: NonNullable<Read['query']>): boolean {
  const labels = item.metadata.labels as Readonly<Record<string, string>> | undefined;
  const ofFields = terms(String(query.fieldSelector ?? ''));
  const ofLabels = terms(String(query.labelSelector ?? ''));
  return (
    ofFields.every(({ key, equal, values }) => values?.includes(String(fieldOf(item, key))) === equal) &&
    ofLabels.every(({ key, equal, values }) =>
      values === null ? (at(labels, key) !== undefined) === equal : values.includes(at(labels, key) ?? '') === equal,
    )
  );
}

interface Term {
  readonly key: string;
  readonly equal: boolean;
  /** Null: that the key is there is enough. */
  readonly values: readonly string[] | null;
}

/** `a=b,c!=d,e in (f,g),h,!i`, taken apart. */
function terms(selector: string): readonly Term[] {
  return selector.split(/,(?![^()]*\))/).flatMap((term): readonly Term[] => {
    const set = /^\s*(\S+)\s+(in|notin)\s+\((.*)\)\s*$/.exec(term);
    if (set) return [{ key: set[1] ?? '', equal: set[2] === 'in', values: (set[3] ?? '').split(/\s*,\s*/) }];
    const match = /^\s*(!?)([^!=\s]+)\s*(?:(!?)={1,2}\s*(.*))?$/.exec(term);
    if (!match?.[2]) return [];
    return [
      { key: match[2], equal: !(match[1] || match[3]), values: match[4] === undefined ? null : [match[4].trim()] },
    ];
  });
}

function fieldOf(item: unknown, path: string): unknown {
  let here: unknown = item;
  for (const key of path.split('.'))
    here = here !== null && typeof here === 'object' && Object.hasOwn(here, key) ? Reflect.get(here, key) : undefined;
  return here ?? '';
}

interface Used {
  readonly cpuMilli?: number | null | undefined;
  readonly memoryMi?: number | null | undefined;
}

function usageOf(of: Snapshot, namespace: string | null): unknown {
  if (!of.usage || Object.keys(of.usage.pods).length === 0) throw withoutMetrics();
  const pods = Object.entries(of.usage.pods).map(([key, containers]) => {
    const { name, namespace: own = of.namespace ?? namespace ?? undefined } = namedBy(key);
    return { metadata: { name, namespace: own }, containers };
  });
  return {
    kind: 'PodMetricsList',
    items: pods
      .filter(({ metadata }) => namespace === null || metadata.namespace === namespace)
      .map(({ metadata, containers }) => ({
        metadata,
        containers: Object.entries(containers).map(([name, use]) => ({ name, usage: quantities(use) })),
      })),
  };
}

function nodeUsageOf(of: Snapshot): unknown {
  if (of.reads && !of.usage) throw withoutMetrics();
  const items = Object.entries(of.usage?.nodes ?? {}).map(([name, use]) => ({
    metadata: { name },
    usage: quantities(use),
  }));
  return { kind: 'NodeMetricsList', items };
}

function withoutMetrics(): ResponderError {
  return new ResponderError('not_found', 'the metrics API is not there');
}

function quantities({ cpuMilli, memoryMi }: Used): Readonly<Record<string, string>> {
  return {
    ...(cpuMilli == null ? {} : { cpu: `${cpuMilli}m` }),
    ...(memoryMi == null ? {} : { memory: `${memoryMi}Mi` }),
  };
}

function logOf(of: Snapshot, read: Read): Body {
  const { namespace, name } = placeOf(read.path);
  refuse(of, read);
  const pod = at(of.logs, `${namespace}/${name}`) ?? at(of.logs, name ?? '');
  const { container, previous, tailLines, sinceTime, timestamps = false } = read.query ?? {};
  const log = at(pod, String(container));
  // As the kubelet does: the log of a container that waits after a crash is that of its last instance.
  const current = log?.current.length === 0 ? log.previous : log?.current;
  const lines = previous ? log?.previous : current;
  if (lines === undefined) throw new ResponderError('not_found', `no log of ${name}/${container} was recorded`);
  if (previous && lines.length === 0)
    throw new ResponderError('bad_input', `previous terminated container "${container}" in pod "${name}" not found`);
  const since = sinceTime ? Date.parse(String(sinceTime)) : momentOf(of);
  const told = lines
    .filter(([when]) => !sinceTime || when === null || new Date(when).getTime() >= since)
    .slice(-Number(tailLines ?? lines.length))
    .map(([when, text]) => (when === null || !timestamps ? text : `${new Date(when).toISOString()} ${text}`));
  return { text: told.join('\n'), truncated: false };
}
