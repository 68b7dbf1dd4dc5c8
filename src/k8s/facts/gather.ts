import type { NameProfile } from '../../alerts/profile.ts';
import { coerceError } from '../../errors.ts';
import { FIXED_RULES } from '../../incidents/policy.ts';
import type { ClusterAccess } from '../client/cluster.ts';
import { type ReadTable, readTable } from '../client/kubeTable.ts';
import type { Priority } from '../client/requestBudget.ts';
import { logPathOf, pathOf } from '../client/resources.ts';
import type { Coverage, LogExcerpt } from '../subjects/inventory.ts';
import { KINDS, type Kind, type ObjectOf } from '../subjects/kinds.ts';
import { keyOf, type Named, named } from '../subjects/object.ts';
import { census, isFailedRow, isSickRow, spread } from './census.ts';
import { createFacts, type FactParts, type Facts, listKey, parseObject, type Unread, type Usage } from './facts.ts';
import { followUps } from './furtherReads.ts';
import { linesOf } from './logLines.ts';
import type { Metrics, Requests, Throttled } from './ports.ts';
import { firstReads, isNamedKind, type NamedKind, type Wanted, wantedKey } from './reads.ts';
import type { Target } from './target.ts';
import { readNodeUsage, readUsage } from './usage.ts';
import { type WantedLog, wantedLogs } from './wantedLogs.ts';

/** The bounds of docs/rules.md#first-look: requests in all (a page is one), lines and bytes a container; a slow server is asked half of it. */
export const LIMITS = {
  calls: FIXED_RULES.firstLook.calls,
  slowCalls: FIXED_RULES.firstLook.slowCalls,
  tail: FIXED_RULES.firstLook.logLines,
  logBytes: FIXED_RULES.firstLook.logBytes,
  items: 500,
  logs: 12,
  ill: 8,
} as const;
/** The p95 of calls, milliseconds, above which half of the requests are made. */
const SLOW_MS = FIXED_RULES.firstLook.slowMs;
/** Deadline for the metrics server, milliseconds: that of a slow read of the cluster. */
const METRICS_MS = 2_000;
/** Milliseconds before the start of the trouble whose requests count as usual. */
const BEFORE_MS = 60 * 60_000;
/** Calls reserved for reads that logs point at. */
const KEPT_CALLS = 6;
/**
 * Calls reserved for the objects the alert names, their events and log: on a slow server the first lists alone would
 * use up the budget.
 */
const KEPT_FOR_NAMED = 6;
/** Calls that second lists reserve for the logs, and for reads those point at. */
const KEPT_FOR_LOGS = 2 * KEPT_CALLS;

export interface GatherOptions {
  readonly cluster: ClusterAccess;
  readonly target: Target;
  readonly profile: NameProfile;
  readonly now: number;
  readonly priority: Priority;
  readonly signal: AbortSignal;
  /** Null or absent: only the cluster is queried. */
  readonly metrics?: Metrics | null;
}

export interface Gathered {
  readonly facts: Facts;
  /** What was read, for the evidence: each list with its rows. */
  readonly tables: readonly { readonly wanted: Wanted; readonly table: ReadTable }[];
  readonly failures: readonly { readonly diagnostic: string; readonly message: string }[];
  readonly calls: number;
}

/**
 * Reads what decides, within the bounds of docs/rules.md#first-look: what the alert names and its namespace, then what that
 * points at, logs of what is sick, and what those point at. What could not be read is in the facts as unread.
 */
export async function gather(options: GatherOptions): Promise<Gathered> {
  const store = new Reading(options);
  await store.lists(firstReads(options.target, options.profile), store.keptForNamed);
  await store.named(options.target);
  await store.logsOfNamed();
  await store.lists(followUps(store.facts()), KEPT_FOR_LOGS);
  await Promise.all([store.logs(wantedLogs(store.facts()).slice(0, LIMITS.logs)), store.usage()]);
  // What logs and second lists point at is often the cause.
  for (let round = 0; round < 2; round += 1) await store.lists(followUps(store.facts()));
  await store.logs(
    wantedLogs(store.facts())
      .filter((one) => !store.hasLog(one))
      .slice(0, KEPT_CALLS),
  );
  return store.result();
}

/** Of an event list: it is about one object, and says nothing of the others of its namespace. */
function isAboutOne(fieldSelector: string | null | undefined): boolean {
  return fieldSelector?.includes('involvedObject.name=') === true;
}

class Reading {
  readonly #options: GatherOptions;
  readonly #objects = new Map<Kind, Map<string, Named>>();
  readonly #lists = new Map<string, { coverage: Coverage; total: number | null }>();
  readonly #asked = new Set<string>();
  /** By namespace: the selectors of its event lists that came whole; its warnings and the others together are all. */
  readonly #wholeEvents = new Map<string | null, Set<string | null>>();
  readonly #logs: LogExcerpt[] = [];
  readonly #tables: { wanted: Wanted; table: ReadTable }[] = [];
  readonly #unread: Unread[] = [];
  readonly #timeouts: string[] = [];
  #usage: readonly Usage[] = [];
  #nodeUsage: FactParts['nodeUsage'] = [];
  #throttled: readonly Throttled[] | null = null;
  #requests: Requests | null = null;
  #busy = false;
  #calls = 0;

  constructor(options: GatherOptions) {
    this.#options = options;
  }

  get #left(): number {
    const { cluster, signal } = this.#options;
    const most = (cluster.paceMs() ?? 0) > SLOW_MS ? LIMITS.slowCalls : LIMITS.calls;
    return this.#busy || signal.aborted ? 0 : most - this.#calls;
  }

  get keptForNamed(): number {
    return this.#options.target.objects.length > 0 ? KEPT_FOR_NAMED : 0;
  }

  hasLog({ pod, container, previous }: WantedLog): boolean {
    return this.#logs.some(
      (one) =>
        one.pod === pod.metadata.name &&
        one.namespace === pod.metadata.namespace &&
        one.container === container &&
        one.previous === previous,
    );
  }

  /** @param kept calls that are left for what comes after; what is not read now may be asked for again */
  async lists(wanted: readonly Wanted[], kept = 0): Promise<void> {
    const fresh = wanted
      .filter((one) => !this.#asked.has(wantedKey(one)) && !this.#knowsEventsOf(one))
      .slice(0, Math.max(0, this.#left - kept));
    for (const one of fresh) this.#asked.add(wantedKey(one));
    await Promise.all(fresh.map((one) => this.#list(one)));
  }

  /** Whether these are events about one object of a namespace whose events are all known. */
  #knowsEventsOf({ kind, namespace, fieldSelector }: Wanted): boolean {
    return kind === 'Event' && isAboutOne(fieldSelector) && this.#wholeEvents.get(namespace)?.size === 2;
  }

  async #list(wanted: Wanted): Promise<void> {
    const { kind, namespace, fieldSelector = null, selector = null, isSpare = false } = wanted;
    const { cluster, signal, priority } = this.#options;
    const { resource } = KINDS[kind];
    this.#calls += 1;
    try {
      const table = await readTable(cluster, {
        resource,
        namespace,
        fieldSelector,
        selector,
        limit: LIMITS.items,
        priority,
        signal,
      });
      this.#tables.push({ wanted, table });
      for (const row of table.rows) this.#keep(kind, row.object);
      const isCut = !table.isWhole;
      const isSelected =
        selector !== null || (fieldSelector !== null && (kind !== 'Event' || isAboutOne(fieldSelector)));
      if (kind === 'Event' && !isSelected && !isCut)
        this.#wholeEvents.set(namespace, (this.#wholeEvents.get(namespace) ?? new Set()).add(fieldSelector));
      // The list of what is no warning says nothing of that of warnings.
      if (!isSelected && !isSpare)
        this.#lists.set(listKey(kind, namespace), { coverage: isCut ? 'part' : 'whole', total: table.total });
      if (isCut && !isSelected && (kind === 'Pod' || kind === 'Job')) await this.#ill(kind, namespace);
    } catch (thrown) {
      this.#failed(`${resource.plural}${namespace === null ? '' : ` in ${namespace}`}`, thrown, isSpare);
    }
  }

  /** A list too long to be read whole: which objects are unhealthy, by the printed columns, and those in full. */
  async #ill(kind: 'Pod' | 'Job', namespace: string | null): Promise<void> {
    const { cluster, signal, priority } = this.#options;
    const { resource } = KINDS[kind];
    const count = () => {
      this.#calls += 1;
    };
    const rows = await census(cluster, { resource, namespace, priority, signal, onPage: count });
    const ill = rows.filter(kind === 'Pod' ? isSickRow : isFailedRow);
    const chosen = spread(ill, Math.max(0, Math.min(LIMITS.ill, this.#left - this.keptForNamed)));
    const known = await Promise.all(chosen.map((row) => this.#get(kind, row.namespace, row.name)));
    const hasAllIll =
      chosen.length === ill.length &&
      known.every(Boolean) &&
      (kind === 'Pod' || rows.some(({ cells }) => cells.STATUS !== undefined));
    this.#lists.set(listKey(kind, namespace), { coverage: hasAllIll ? 'ill' : 'part', total: rows.length });
  }

  /** Objects the alert names, read by name where no list contained them. */
  async named(target: Target): Promise<void> {
    const missing = target.objects.filter(
      ({ kind, namespace, name }) =>
        isNamedKind(kind) &&
        !this.#objects.get(kind)?.has(keyOf({ kind, namespace, name })) &&
        this.#lists.get(listKey(kind, namespace))?.coverage !== 'whole',
    );
    await Promise.all(
      missing.slice(0, 10).map(async ({ kind, namespace, name }) => {
        if (isNamedKind(kind)) await this.#get(kind, namespace, name);
      }),
    );
    const events = target.objects.slice(0, 3).map(
      ({ kind, namespace, name }): Wanted => ({
        kind: 'Event',
        namespace,
        fieldSelector: `involvedObject.name=${name}${kind in KINDS ? `,involvedObject.kind=${KINDS[kind as Kind].resource.kind}` : ''}`,
      }),
    );
    await this.lists(events);
  }

  /** Whether its state is known by now, or that it is gone. */
  async #get(kind: NamedKind, namespace: string | null, name: string): Promise<boolean> {
    if (this.#left <= 0) return false;
    const { cluster, signal, priority } = this.#options;
    const { resource } = KINDS[kind];
    this.#calls += 1;
    try {
      const path = pathOf(resource, resource.namespaced ? namespace : null, name);
      this.#keep(kind, await cluster.json({ path, priority, signal }));
      return true;
    } catch (thrown) {
      this.#failed(`${kind} ${name}`, thrown);
      return coerceError(thrown).code === 'not_found';
    }
  }

  #keep(kind: Kind, value: unknown): void {
    const parsed = parseObject(kind, value) as Named | null;
    if (parsed === null || parsed.metadata.name === '') return;
    const known = this.#objects.get(kind) ?? new Map<string, Named>();
    known.set(keyOf(named(kind, parsed.metadata)), parsed);
    this.#objects.set(kind, known);
  }

  async logs(wanted: readonly WantedLog[], kept = KEPT_CALLS): Promise<void> {
    const fresh = wanted.filter((one) => !this.hasLog(one));
    await Promise.all(fresh.slice(0, Math.max(0, this.#left - kept)).map((one) => this.#log(one)));
  }

  /**
   * The log of a pod that the alert names comes first: it is the most telling, and second lists may use up the budget.
   */
  async logsOfNamed(): Promise<void> {
    const names = new Set(this.#options.target.objects.map(keyOf));
    const own = wantedLogs(this.facts()).filter(({ pod }) => names.has(keyOf(named('Pod', pod.metadata))));
    await this.logs(own.slice(0, 2), 0);
  }

  async #log({ pod, container, previous }: WantedLog): Promise<void> {
    const { cluster, signal, priority } = this.#options;
    const { name, namespace = '' } = pod.metadata;
    const excerpt = { namespace, pod: name, container, previous };
    this.#calls += 1;
    try {
      const { text } = await cluster.text({
        path: logPathOf(namespace, name),
        query: {
          container,
          tailLines: LIMITS.tail,
          limitBytes: LIMITS.logBytes,
          previous: previous || null,
          timestamps: true,
        },
        accept: '*/*',
        maxBytes: LIMITS.logBytes,
        priority,
        signal,
      });
      this.#logs.push({ ...excerpt, lines: linesOf(text), missing: null });
    } catch (thrown) {
      const error = coerceError(thrown);
      this.#logs.push({ ...excerpt, lines: [], missing: error.message });
      if (error.code !== 'not_found' && error.code !== 'bad_input') this.#failed(`log of ${name}`, thrown);
    }
  }

  async usage(): Promise<void> {
    const { target, cluster, priority, signal, metrics = null } = this.#options;
    if (target.namespace === null || this.#left <= KEPT_CALLS + 1) return;
    this.#calls += 2;
    const patience = AbortSignal.any([signal, AbortSignal.timeout(METRICS_MS)]);
    const [usage, nodes, throttled, requests] = await Promise.all([
      readUsage(cluster, target.namespace, { priority, signal }).catch(() => []),
      readNodeUsage(cluster, { priority, signal }).catch(() => []),
      metrics?.throttling(target.namespace, patience).catch(() => null) ?? null,
      metrics === null ? null : this.#served(metrics, target.namespace, patience),
    ]);
    this.#usage = usage;
    this.#nodeUsage = nodes;
    this.#throttled = throttled;
    this.#requests = requests;
  }

  /** Requests now, and an hour before the trouble began. */
  async #served(metrics: Metrics, namespace: string, signal: AbortSignal): Promise<Requests | null> {
    const { target, now } = this.#options;
    const agoMs = Math.max(0, now - target.startsAt) + BEFORE_MS;
    const [after, before] = await Promise.all([
      metrics.requests(namespace, 0, signal).catch(() => null),
      metrics.requests(namespace, agoMs, signal).catch(() => null),
    ]);
    return after && { now: after, before };
  }

  /** A kind the cluster lacks is no failure; a busy server is not queried further. */
  #failed(what: string, thrown: unknown, isSpare = false): void {
    const error = coerceError(thrown);
    if (error.code === 'not_found') return;
    if (error.code === 'rate_limited') this.#busy = true;
    if (error.code === 'timeout') this.#timeouts.push(`${what}: ${error.message}`);
    if (isSpare) return;
    this.#unread.push({ what, why: [error.message, error.hint].filter(Boolean).join(' '), code: error.code });
  }

  facts(): Facts {
    const { target, profile, now, cluster } = this.#options;
    const objects: { [kind: string]: readonly Named[] } = {};
    for (const [kind, list] of this.#objects) objects[kind] = [...list.values()];
    return createFacts({
      target,
      profile,
      now,
      // Each list holds its kind's own shape: parseObject made it.
      objects: objects as { readonly [K in Kind]?: readonly ObjectOf<K>[] },
      lists: this.#lists,
      logs: [...this.#logs],
      usage: this.#usage,
      nodeUsage: this.#nodeUsage,
      throttled: this.#throttled,
      requests: this.#requests,
      unread: [...this.#unread],
      api: { p95Ms: cluster.paceMs(), timeouts: [...this.#timeouts] },
    });
  }

  result(): Gathered {
    const failures = this.#unread.map(({ what, why }) => ({ diagnostic: what, message: why }));
    return { facts: this.facts(), tables: this.#tables, failures, calls: this.#calls };
  }
}
