import { z } from 'zod';
import { coerceError, type ErrorCode } from '../../errors.ts';
import type { Redactor } from '../../redaction/redactor.ts';
import type { ClusterAccess, Read } from '../client/cluster.ts';
import { placeOf } from '../client/readInWords.ts';
import { RESOURCES } from '../client/resources.ts';
import { event, firstSeen, lastSeen, timesSeen } from '../subjects/event.ts';
import { quantity } from '../subjects/quantity.ts';
import { nodeMetrics, podMetrics } from '../subjects/usage.ts';
import { linesOf } from './logLines.ts';
import { slim } from './slim.ts';
import { FAILURES, isCensusRead, kindName, objectKey, readName, type Snapshot, type snapshot } from './snapshot.ts';

const metadata = z.looseObject({ name: z.string(), namespace: z.string().optional() });
const object = z.looseObject({ metadata });
const pageMeta = z.object({ continue: z.string().nullish(), remainingItemCount: z.number().nullish() }).nullish();
const page = z.object({
  metadata: pageMeta.catch(null),
  columnDefinitions: z.array(z.looseObject({ name: z.string() })).nullish(),
  rows: z.array(z.object({ cells: z.array(z.unknown()), object: object.nullish() })).nullish(),
  items: z.array(object).nullish(),
});
type Whole = Snapshot['objects'][number];
type Bare = z.output<typeof object>;

/** What a snapshot is about, beside what was read. */
export type About = Partial<Pick<Snapshot, 'alert' | 'asked' | 'query'>> &
  Pick<Snapshot, 'id' | 'namespace'> & {
    /** Epoch ms: the moment of the look. */
    readonly now: number;
  };

export interface Recording {
  /** The same cluster; whatever is read through it is kept. */
  readonly cluster: ClusterAccess;
  /** Something was read, or refused. */
  holds(): boolean;
  /** Everything that was read so far, redacted; values of Secrets and ConfigMaps are left out. */
  taken(about: About, redactor: Redactor): Promise<z.input<typeof snapshot>>;
}

/** Keeps what is read of a cluster, so that it can be replayed (`replayed.ts`) and gives the same answers. */
export function record(cluster: ClusterAccess): Recording {
  const kept = new Kept();
  return {
    cluster: {
      ...cluster,
      json: (read) =>
        cluster.json(read).then(
          (answer) => {
            kept.answer(read, answer);
            return answer;
          },
          (thrown: unknown) => kept.failed(read, thrown),
        ),
      text: (read) =>
        cluster.text(read).then(
          (body) => {
            kept.log(read, body.text);
            return body;
          },
          (thrown: unknown) => kept.failed(read, thrown),
        ),
    },
    holds: () => kept.holds,
    taken: (about, redactor) => kept.snapshot({ ...about, paceMs: cluster.paceMs() }, redactor),
  };
}

type Reads = NonNullable<Snapshot['reads']>;
type Printed = Snapshot['printed'][string];
type Log = Snapshot['logs'][string][string];

class Kept {
  readonly #objects = new Map<string, Whole>();
  readonly #reads = new Map<string, Reads[string] & { count: number }>();
  readonly #printed = new Map<string, Printed>();
  readonly #logs = new Map<string, { namespace: string; pod: string; container: string; log: Log }>();
  readonly #unread = new Map<string, Snapshot['unread'][number]>();
  readonly #usage: NonNullable<Snapshot['usage']> = { pods: {}, nodes: {} };
  #measured = false;

  get holds(): boolean {
    return this.#reads.size + this.#unread.size + this.#logs.size > 0;
  }

  answer(read: Read, value: unknown): void {
    const { group, plural, name } = placeOf(read.path);
    const told = page.safeParse(value).data;
    if (plural === null || !told) return;
    if (group === 'metrics.k8s.io') {
      this.#used(plural, value);
      return;
    }
    const kind = kindName(read.path);
    const columns = told.columnDefinitions?.length ? told.columnDefinitions : (this.#printed.get(kind)?.columns ?? []);
    const rows = (told.rows ?? []).flatMap(({ cells, object: of }) => {
      const row = of ?? bareOf(cells, columns, read);
      return row ? [{ cells, object: row }] : [];
    });
    const alone = name !== null && told.rows == null ? (object.safeParse(value).data ?? null) : null;
    const items = alone ? [alone] : (told.items ?? rows.map((row) => row.object));
    this.#print(kind, told.columnDefinitions ?? [], rows);
    const isCensus = isCensusRead(read);
    if (!isCensus)
      for (const item of items) this.#objects.set(`${kind} ${objectKey(item.metadata)}`, typed(item, read));
    this.#listed(isCensus ? `${readName(read)} (printed)` : readName(read), read, told, items);
  }

  #listed(of: string, read: Read, told: z.output<typeof page>, items: readonly Bare[]): void {
    const before = read.query?.continue ? (this.#reads.get(of)?.count ?? 0) : 0;
    const count = before + items.length;
    const goesOn = Boolean(told.metadata?.continue);
    const last = items.at(-1);
    const end = goesOn
      ? {
          total: count + Math.max(1, told.metadata?.remainingItemCount ?? 1),
          last: last ? objectKey(last.metadata) : '',
        }
      : {};
    this.#reads.set(of, { count, ...end });
    this.#unread.delete(of);
  }

  #print(kind: string, columns: Printed['columns'], rows: readonly { cells: unknown[]; object: Bare }[]): void {
    if (rows.length === 0) return;
    const known = this.#printed.get(kind) ?? { columns, rows: {} };
    if (known.columns.length === 0) known.columns.push(...columns);
    for (const row of rows) known.rows[objectKey(row.object.metadata)] = row.cells;
    this.#printed.set(kind, known);
  }

  #used(plural: string, value: unknown): void {
    this.#measured = true;
    const items = z.object({ items: z.array(z.unknown()) }).safeParse(value).data?.items ?? [];
    for (const item of items) {
      const node = plural === 'nodes' ? nodeMetrics.safeParse(item).data : undefined;
      if (node) this.#usage.nodes[node.metadata.name] = amounts(node.usage);
      const pod = plural === 'pods' ? podMetrics.safeParse(item).data : undefined;
      if (pod)
        this.#usage.pods[objectKey(pod.metadata)] = Object.fromEntries(
          pod.containers.map((one) => [one.name, amounts(one.usage)]),
        );
    }
  }

  log(read: Read, text: string): void {
    const { namespace, name } = placeOf(read.path);
    const { container, previous } = read.query ?? {};
    const key = [namespace, name, container].join('/');
    const empty: Log = { current: [], previous: [] };
    const own = { namespace: namespace ?? '', pod: name ?? '', container: String(container ?? ''), log: empty };
    const known = this.#logs.get(key) ?? own;
    const lines = linesOf(text).map(({ at, text: said }): Log['current'][number] => [
      at === null ? null : new Date(at).toISOString(),
      said,
    ]);
    const part = previous ? 'previous' : 'current';
    if (lines.length >= known.log[part].length) known.log[part] = lines;
    this.#logs.set(key, known);
  }

  /** @throws what was thrown */
  failed(read: Read, thrown: unknown): never {
    const error = coerceError(thrown);
    const { part } = placeOf(read.path);
    const isLog = part === 'log';
    const how = FAILURES.find((one): one is (typeof FAILURES)[number] & ErrorCode => one === error.code);
    if (how) {
      const what = isLog ? `logs in ${placeOf(read.path).namespace}` : readName(read);
      // One log that was late says nothing about the others.
      if (!isLog || how === 'forbidden') this.#unread.set(what, { what, how, message: error.message });
    } else if (error.code === 'not_found' && !isLog) this.#reads.set(readName(read), { absent: true, count: 0 });
    throw thrown;
  }

  async snapshot(
    about: About & { readonly paceMs: number | null },
    redactor: Redactor,
  ): Promise<z.input<typeof snapshot>> {
    const { now, paceMs, ...more } = about;
    const all = [...this.#objects].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
    const isEvent = (one: Whole) => one.kind === 'Event';
    const reads = Object.fromEntries([...this.#reads].map(([of, { count: _count, ...end }]) => [of, end]));
    const told = {
      ...more,
      now: new Date(now).toISOString(),
      objects: all.filter((one) => !isEvent(one)).map((one) => slim(one, redactor)),
      events: all.filter(isEvent).map(eventOf),
      usage: this.#measured ? this.#usage : null,
      unread: [...this.#unread.values()],
      reads,
      printed: Object.fromEntries(this.#printed),
      paceMs,
    };
    const clean = redactor.redactTree(told);
    return { ...clean, logs: await this.#told(about.namespace, redactor) };
  }

  async #told(own: string | null, redactor: Redactor): Promise<NonNullable<z.input<typeof snapshot>['logs']>> {
    const logs: Record<string, Record<string, Log>> = {};
    for (const { namespace, pod, container, log } of this.#logs.values()) {
      const key = namespace === own ? pod : objectKey({ namespace, name: pod });
      const [current, previous] = await Promise.all([
        redacted(log.current, redactor),
        redacted(log.previous, redactor),
      ]);
      logs[key] = { ...logs[key], [container]: { current, previous } };
    }
    return logs;
  }
}

/** The lines as one text: a secret may stand across two. */
async function redacted(lines: Log['current'], redactor: Redactor): Promise<Log['current']> {
  const clean = (await redactor.redactDeep(lines.map(([, text]) => text).join('\n'))).split('\n');
  if (clean.length !== lines.length) return lines.map(([at, text]) => [at, redactor.redact(text)]);
  return lines.map(([at], index) => [at, clean[index] ?? '']);
}

function amounts(usage: Readonly<Record<string, string>> | undefined) {
  const [cpu, memory] = [quantity(usage?.cpu), quantity(usage?.memory)];
  return { cpuMilli: cpu === null ? null : cpu * 1000, memoryMi: memory === null ? null : memory / 2 ** 20 };
}

/** The name of a row without its object: the server printed it, and the path tells the namespace. Null where no column is the name. */
function bareOf(cells: readonly unknown[], columns: Printed['columns'], read: Read): Bare | null {
  const name = cells[columns.findIndex((one) => one.name.toUpperCase() === 'NAME')];
  const { namespace } = placeOf(read.path);
  return typeof name === 'string' ? { metadata: { name, ...(namespace === null ? {} : { namespace }) } } : null;
}

/** The items of a list carry no kind. */
function typed(item: Bare, read: Read): Whole {
  const { group, plural } = placeOf(read.path);
  const of = Object.values(RESOURCES).find((one) => one.group === group && one.plural === plural);
  const version = of?.version ?? 'v1';
  return { ...item, apiVersion: group === '' ? version : `${group}/${version}`, kind: of?.kind ?? plural ?? '' };
}

function eventOf(value: Whole): Snapshot['events'][number] {
  const one = event.parse(value);
  const time = (at: number | null) => (at === null ? null : new Date(at).toISOString());
  const { apiVersion, kind = '', namespace, name = '', uid, fieldPath } = one.involvedObject;
  return {
    name: one.metadata.name,
    type: one.type ?? null,
    reason: one.reason ?? null,
    message: one.message ?? null,
    source: one.source?.component || one.reportingComponent || null,
    ...(one.source?.host ? { host: one.source.host } : {}),
    count: timesSeen(one),
    firstAt: time(firstSeen(one)),
    lastAt: time(lastSeen(one)),
    regarding: { apiVersion, kind, namespace, name, uid, fieldPath },
  };
}
