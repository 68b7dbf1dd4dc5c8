import type { z } from 'zod';
import type { NameProfile } from '../../alerts/profile.ts';
import { coerceError } from '../../errors.ts';
import type { ClusterAccess } from '../cluster.ts';
import { lastSeen } from '../objects.ts';
import { logPathOf } from '../resources.ts';
import { type KubeTable, readTable } from '../table.ts';
import type { Facts, LogExcerpt, LogLine } from './facts.ts';
import { followUps } from './followUp.ts';
import { firstReads, KINDS, type Kind, keyOf, type Wanted } from './reads.ts';
import type { Target } from './target.ts';
import { MAX_PODS, type WantedLog, wantedLogs } from './wantedLogs.ts';

/** RULES "First look": calls in all, lines and bytes a container. */
const CALLS = 12;
const FIRST_CALLS = 6;
const LAST_CALLS = 2;
const TAIL = 100;
const LIMIT_BYTES = 256 * 1024;
const MAX_ITEMS = 500;
/** Longer lines are cut: what names a cause stands at the beginning. */
const MAX_LINE = 4_000;

export interface Gathered {
  readonly facts: Facts;
  /** What was read, for the evidence: each list with its rows, each log. */
  readonly tables: readonly { readonly wanted: Wanted; readonly table: KubeTable }[];
  readonly failures: readonly { readonly diagnostic: string; readonly message: string }[];
  readonly calls: number;
}

export interface GatherOptions {
  readonly cluster: ClusterAccess;
  readonly target: Target;
  readonly profile: NameProfile;
  readonly now: number;
  readonly signal: AbortSignal;
}

/** Reads what decides, in three waves and at most twelve calls: lists by topic, logs, and what those point at. */
export async function gather(options: GatherOptions): Promise<Gathered> {
  const store = new Collected(options);
  await store.lists(firstReads(options.target, options.profile, FIRST_CALLS));
  await store.lists(missingPods(store.facts()).slice(0, 1));
  // A wave keeps calls for the next: what logs point at is often the cause.
  await store.logs(wantedLogs(store.facts()).slice(0, Math.max(0, store.left - LAST_CALLS)));
  await store.lists(followUps(store.facts()).slice(0, store.left));
  if (store.left > 0) await store.lists(followUps(store.facts()).slice(0, store.left));
  if (store.left > 0)
    await store.logs(
      wantedLogs(store.facts())
        .filter((one) => !store.hasLog(one))
        .slice(0, Math.min(store.left, MAX_PODS - store.logged)),
    );
  return store.result();
}

/** A pod the alert names beyond the part of a long list that was read. */
function missingPods(facts: Facts): readonly Wanted[] {
  const { namespace, pods } = facts.target;
  const total = namespace === null ? 0 : (facts.totals.get(`pods ${namespace}`) ?? 0);
  const seen = new Set(facts.pods.map(({ metadata }) => metadata.name));
  if (total <= facts.pods.length) return [];
  return pods
    .filter((name) => !seen.has(name))
    .map((name) => ({ kind: 'pods', namespace, fieldSelector: `metadata.name=${name}` }));
}

type Items = { [K in Kind]: z.output<(typeof KINDS)[K]['shape']>[] };

class Collected {
  readonly #options: GatherOptions;
  readonly #items: Items = {
    pods: [],
    events: [],
    jobs: [],
    nodes: [],
    deployments: [],
    replicasets: [],
    persistentvolumeclaims: [],
    resourcequotas: [],
    endpoints: [],
    services: [],
    revisions: [],
    lambdafunctions: [],
    triggers: [],
    brokers: [],
    knativeservings: [],
    knativeeventings: [],
    certificates: [],
  };
  readonly #read = new Set<string>();
  readonly #totals = new Map<string, number>();
  readonly #logs: LogExcerpt[] = [];
  readonly #tables: { wanted: Wanted; table: KubeTable }[] = [];
  readonly #failures: { diagnostic: string; message: string }[] = [];
  readonly #timeouts: string[] = [];
  #busy = false;
  #calls = 0;

  constructor(options: GatherOptions) {
    this.#options = options;
  }

  get left(): number {
    return this.#busy || this.#options.signal.aborted ? 0 : CALLS - this.#calls;
  }

  /** How many pods' logs were read. */
  get logged(): number {
    return new Set(this.#logs.map(({ namespace, pod }) => `${namespace}/${pod}`)).size;
  }

  hasLog({ pod, container }: WantedLog): boolean {
    return this.#logs.some((one) => one.pod === pod.metadata.name && one.container === container);
  }

  async lists(wanted: readonly Wanted[]): Promise<void> {
    await Promise.all(wanted.slice(0, this.left).map((one) => this.#list(one)));
  }

  async #list(wanted: Wanted): Promise<void> {
    const { kind, namespace, fieldSelector = null, selector = null } = wanted;
    const { cluster, signal } = this.#options;
    const { resource } = KINDS[kind];
    this.#calls += 1;
    try {
      const read = {
        resource,
        namespace: resource.namespaced ? namespace : null,
        fieldSelector,
        selector,
        limit: MAX_ITEMS,
        priority: 'automatic',
        signal,
      } as const;
      const table = await readTable(cluster, read);
      this.#keep(wanted, table);
    } catch (thrown) {
      this.#failed(`${kind}${namespace === null ? '' : ` in ${namespace}`}`, thrown);
    }
  }

  #keep(wanted: Wanted, table: KubeTable): void {
    const { kind } = wanted;
    const known = new Set(this.#items[kind].map(identity));
    for (const row of table.rows) {
      const parsed = KINDS[kind].shape.safeParse(row.object).data;
      // The shape of a kind is the type of its list; TypeScript does not follow that through an index.
      if (parsed && !known.has(identity(parsed))) (this.#items[kind] as unknown[]).push(parsed);
    }
    this.#tables.push({ wanted, table });
    if (wanted.fieldSelector?.startsWith('metadata.name=')) return;
    this.#read.add(keyOf(wanted));
    this.#totals.set(keyOf(wanted), table.total);
  }

  async logs(wanted: readonly WantedLog[]): Promise<void> {
    await Promise.all(wanted.slice(0, this.left).map((one) => this.#log(one)));
  }

  async #log({ pod, container, previous }: WantedLog): Promise<void> {
    const { cluster, signal } = this.#options;
    const { name, namespace = '' } = pod.metadata;
    const excerpt = { namespace, pod: name, container, previous };
    this.#calls += 1;
    try {
      const { text } = await cluster.text({
        path: logPathOf(namespace, name),
        query: { container, tailLines: TAIL, limitBytes: LIMIT_BYTES, previous: previous || null, timestamps: true },
        accept: '*/*',
        maxBytes: LIMIT_BYTES,
        priority: 'automatic',
        signal,
      });
      this.#logs.push({ ...excerpt, lines: linesOf(text), missing: null });
    } catch (thrown) {
      const error = coerceError(thrown);
      this.#logs.push({ ...excerpt, lines: [], missing: error.message });
      if (error.code !== 'not_found' && error.code !== 'bad_input') this.#failed(`log of ${name}`, thrown);
    }
  }

  /** A kind the cluster lacks is no failure; a server that is busy is left alone. */
  #failed(what: string, thrown: unknown): void {
    const error = coerceError(thrown);
    if (error.code === 'not_found') return;
    if (error.code === 'rate_limited') this.#busy = true;
    if (error.code === 'timeout') this.#timeouts.push(`${what}: ${error.message}`);
    const message = [error.message, error.hint].filter(Boolean).join(' ');
    this.#failures.push({ diagnostic: what, message });
  }

  facts(): Facts {
    const { target, profile, now, cluster } = this.#options;
    const items = this.#items;
    return {
      target,
      profile,
      now,
      pods: [...items.pods],
      jobs: [...items.jobs],
      events: items.events.filter((one) => (lastSeen(one) ?? now) >= target.from),
      nodes: [...items.nodes],
      deployments: [...items.deployments],
      replicaSets: [...items.replicasets],
      claims: [...items.persistentvolumeclaims],
      quotas: [...items.resourcequotas],
      endpoints: [...items.endpoints],
      services: [...items.services],
      revisions: [...items.revisions],
      functions: [...items.lambdafunctions],
      triggers: [...items.triggers],
      brokers: [...items.brokers],
      platform: [...items.knativeservings, ...items.knativeeventings],
      certificates: [...items.certificates],
      logs: [...this.#logs],
      read: new Set(this.#read),
      totals: new Map(this.#totals),
      api: { p95Ms: cluster.paceMs(), timeouts: [...this.#timeouts] },
    };
  }

  result(): Gathered {
    return { facts: this.facts(), tables: this.#tables, failures: this.#failures, calls: this.#calls };
  }
}

function identity(one: {
  readonly metadata: {
    readonly uid?: string | undefined;
    readonly namespace?: string | undefined;
    readonly name: string;
  };
}): string {
  return one.metadata.uid ?? `${one.metadata.namespace}/${one.metadata.name}`;
}

const STAMP = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z) ?/;

/** Lines with the kubelet's time in front, as `timestamps=true` gives them. */
function linesOf(text: string): readonly LogLine[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const stamp = STAMP.exec(line);
      const at = stamp?.[1] ? Date.parse(stamp[1]) : Number.NaN;
      const told = stamp ? line.slice(stamp[0].length) : line;
      return { at: Number.isNaN(at) ? null : at, text: told.length > MAX_LINE ? `${told.slice(0, MAX_LINE)}…` : told };
    });
}
