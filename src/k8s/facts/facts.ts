import type { NameProfile } from '../../alerts/profile.ts';
import type { ErrorCode } from '../../errors.ts';
import type { ObjectName } from '../../incidents/evidence.ts';
import { aboutOf, type Event, firstSeen, isWarning, lastSeen } from '../subjects/event.ts';
import type { Coverage, LogExcerpt, Lookup } from '../subjects/inventory.ts';
import { KINDS, type Kind, kindOf, type ObjectOf } from '../subjects/kinds.ts';
import { keyOf, type Named, named } from '../subjects/object.ts';
import { createGraph, type Graph } from '../subjects/owners.ts';
import type { Pod } from '../subjects/pod.ts';
import type { Requests, Throttled } from './ports.ts';
import { hasRecovered } from './recovered.ts';
import type { Target } from './target.ts';

/** The current usage of a container, from metrics.k8s.io or a recording. */
export interface Usage {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly cpuMilli: number | null;
  readonly memoryMi: number | null;
}

/** A read without an answer: `events in shop`, with the server's reason. */
export interface Unread {
  readonly what: string;
  readonly why: string;
  readonly code: ErrorCode;
}

/** Everything that was read, and every read that failed. Not redacted yet. */
export interface FactParts {
  readonly now: number;
  readonly profile: NameProfile;
  readonly target: Target;
  readonly objects: { readonly [K in Kind]?: readonly ObjectOf<K>[] };
  /** By `Kind` for all namespaces, or `Kind namespace`: how much was read, and how many there are where the server said it. */
  readonly lists: ReadonlyMap<string, { readonly coverage: Coverage; readonly total: number | null }>;
  readonly logs: readonly LogExcerpt[];
  readonly usage: readonly Usage[];
  /** The current usage of nodes from metrics.k8s.io; empty where it is not measured. */
  readonly nodeUsage: readonly { readonly node: string; readonly cpuMilli: number | null }[];
  /** Null: no metrics server was asked, or it did not answer. */
  readonly throttled: readonly Throttled[] | null;
  /** Null: no metrics server was asked, it did not answer, or nobody counts requests. */
  readonly requests: Requests | null;
  readonly unread: readonly Unread[];
  /** The response times of the API server. */
  readonly api: { readonly p95Ms: number | null; readonly timeouts: readonly string[] };
}

/**
 * The facts as rules query them. Predicates about one object are in subjects/; this holds what was read, and how much
 * of the whole it is.
 */
export interface Facts extends Omit<FactParts, 'objects' | 'lists'>, Lookup {
  readonly graph: Graph;
  /** Warnings that still hold: those are left out whose object has reached the wanted state since (docs/rules.md#what-was). */
  readonly warnings: readonly Event[];
  /** The warnings about an object that still hold, the newest last. */
  warningsAbout(of: ObjectName): readonly Event[];
  logsOf(pod: Pod, container?: string): readonly LogExcerpt[];
}

export function listKey(kind: Kind, namespace: string | null | undefined): string {
  return namespace ? `${kind} ${namespace}` : kind;
}

export function createFacts(parts: FactParts): Facts {
  const index = new Map<string, Named>();
  for (const [kind, list] of Object.entries(parts.objects))
    for (const one of list as readonly Named[]) index.set(keyOf(named(kind, one.metadata)), one);
  const all = <K extends Kind>(kind: K) => (parts.objects[kind] ?? []) as readonly ObjectOf<K>[];
  const events = all('Event').toSorted((a, b) => (lastSeen(a) ?? 0) - (lastSeen(b) ?? 0));
  const aboutKey = (one: Event) => {
    const about = aboutOf(one);
    return about ? keyOf({ ...about, kind: kindOf(one.involvedObject.apiVersion, about.kind) ?? about.kind }) : '';
  };
  const byObject = Map.groupBy(events, aboutKey);
  const lookup = {
    all,
    within: <K extends Kind>(kind: K, namespace: string | null | undefined) =>
      all(kind).filter((one) => !namespace || one.metadata.namespace === namespace),
    get: <K extends Kind>(kind: K, namespace: string | null | undefined, name: string | null | undefined) =>
      // The index holds each kind's own shape under its key.
      name ? ((index.get(keyOf({ kind, namespace: namespace ?? null, name })) ?? null) as ObjectOf<K> | null) : null,
    coverage: (kind: Kind, namespace: string | null = null): Coverage =>
      (parts.lists.get(listKey(kind, namespace)) ?? parts.lists.get(listKey(kind, null)))?.coverage ?? 'unread',
    total: (kind: Kind, namespace: string | null = null) => parts.lists.get(listKey(kind, namespace))?.total ?? null,
    eventsAbout: (of: ObjectName) => byObject.get(keyOf(of)) ?? [],
  };
  let graph: Graph | null = null;
  let warnings: readonly Event[] | null = null;
  let warningsByObject: ReadonlyMap<string, readonly Event[]> | null = null;
  const logsByPod = Map.groupBy(parts.logs, ({ pod }) => pod);
  const { objects: _objects, lists: _lists, ...rest } = parts;
  const facts: Facts = {
    ...rest,
    ...lookup,
    get graph() {
      graph ??= createGraph(lookup, parts.profile, parts.logs);
      return graph;
    },
    get warnings() {
      warnings ??= events.filter((one) => isWarning(one) && isInWindow(one, parts) && !hasRecovered(one, lookup));
      return warnings;
    },
    warningsAbout(of) {
      warningsByObject ??= Map.groupBy(facts.warnings, aboutKey);
      return warningsByObject.get(keyOf(of)) ?? [];
    },
    logsOf: (pod, container) =>
      (logsByPod.get(pod.metadata.name) ?? []).filter(
        (one) =>
          one.namespace === (pod.metadata.namespace ?? one.namespace) &&
          (container === undefined || one.container === container),
      ),
  };
  return facts;
}

/** Seen, or begun, within the window of evidence; an event without any time counts. */
function isInWindow(one: Event, { target, now }: FactParts): boolean {
  return (lastSeen(one) ?? firstSeen(one) ?? now) >= target.from;
}

/** Reads an object of a kind from JSON; null for what is none. */
export function parseObject<K extends Kind>(kind: K, value: unknown): ObjectOf<K> | null {
  const parsed = KINDS[kind].shape.safeParse(value);
  return parsed.success ? (parsed.data as ObjectOf<K>) : null;
}
