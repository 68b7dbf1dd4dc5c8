import type { DecisionReason } from '../decision.ts';
import { activityOf, type IncidentAlert } from '../incident.ts';
import type { Policy } from '../policy.ts';
import type { AlertTraits, Assessed, Assessment } from './assess.ts';
import { isUnresolved, type Working, workOn } from './working.ts';

/**
 * The incidents a decision may touch, indexed so that a delivery of 10,000 alerts is decided in linear time. Of several
 * that fit, the one active last is meant, and of those the lowest number.
 */
export interface IncidentIndex {
  /** Of every alert an incident holds or is about to, by alert identity. */
  readonly traits: ReadonlyMap<string, AlertTraits>;
  readonly all: Working[];
  /** Incidents that hold the alert, by alert identity. */
  readonly holders: Map<string, Working[]>;
  /** Unresolved incidents by correlation key. */
  readonly open: Map<string, Working>;
  /** Incidents resolved last by correlation key; merged ones are not among them. */
  readonly closed: Map<string, Working>;
  /** Number of the incident that one with this correlation key was merged into. */
  readonly merged: Map<string, number>;
  /** Unresolved incident by cluster, namespace and alert name, with the time that name was active in it last. */
  readonly named: Map<string, { readonly working: Working; readonly at: number }>;
  /** Unresolved incidents by cluster and node of a firing alert. */
  readonly onNode: Map<string, Set<Working>>;
  readonly numbered: Map<number, Working>;
}

export function indexIncidents({ known, traits }: Pick<Assessment, 'known' | 'traits'>): IncidentIndex {
  const index: IncidentIndex = {
    traits,
    all: [],
    holders: new Map(),
    open: new Map(),
    closed: new Map(),
    merged: new Map(),
    named: new Map(),
    onNode: new Map(),
    numbered: new Map(),
  };
  const byNumber = [...known].sort((a, b) => a.incident.number - b.incident.number);
  for (const each of byNumber) {
    // The same incident may have been found by several of the lists it was looked for with.
    if (!index.numbered.has(each.incident.number)) addIncident(index, workOn(each));
  }
  return index;
}

export function addIncident(index: IncidentIndex, working: Working): void {
  const { incident } = working;
  index.all.push(working);
  if (typeof working.key === 'number') index.numbered.set(working.key, working);
  for (const [identity, alert] of working.alerts) hold(index, working, identity, alert, activityOf(alert));
  if (isUnresolved(working)) {
    reindex(index, working);
  } else if (incident.resolution === 'merged') {
    if (incident.mergedInto !== null) index.merged.set(incident.correlationKey, incident.mergedInto);
  } else {
    const rival = index.closed.get(incident.correlationKey)?.incident.resolvedAt ?? 0;
    if ((incident.resolvedAt ?? 0) >= rival) index.closed.set(incident.correlationKey, working);
  }
}

/** Brings the index up to date after an incident was opened, reopened or became active. */
export function reindex(index: IncidentIndex, working: Working): void {
  const key = working.incident.correlationKey;
  const rival = index.open.get(key);
  if (!rival || working.incident.lastActivityAt > rival.incident.lastActivityAt) index.open.set(key, working);
  if (index.closed.get(key) === working) index.closed.delete(key);
}

/** Notes that an incident holds an alert, active at `at`. */
export function hold(index: IncidentIndex, working: Working, identity: string, alert: IncidentAlert, at: number): void {
  const holders = index.holders.get(identity);
  if (!holders) index.holders.set(identity, [working]);
  else if (!holders.includes(working)) holders.push(working);
  if (!isUnresolved(working)) return;
  const traits = index.traits.get(identity);
  if (traits === undefined) return;
  const name = nameKey(traits.rule, working.incident.namespace);
  const rival = index.named.get(name);
  if (!rival || at > rival.at) index.named.set(name, { working, at });
  const node = alert.status === 'firing' ? traits.node : null;
  if (node === null) return;
  const onNode = index.onNode.get(nodeKey(alert.cluster, node));
  if (onNode) onNode.add(working);
  else index.onNode.set(nodeKey(alert.cluster, node), new Set([working]));
}

export interface Match {
  readonly working: Working;
  readonly reason: Extract<DecisionReason, `joined_${string}` | 'reopened'>;
}

/**
 * Finds the incident a firing alert belongs to; null when it is a new one. An unresolved incident comes first: the one
 * that holds the alert (any age), the same thing active within 30 min, the same alert name and namespace within 10 min.
 * Else one resolved within 30 min is reopened: the one that held the alert, then the one about the same thing.
 * Rule: docs/rules.md#one-incident-or-two.
 */
export function correlate(assessed: Assessed, index: IncidentIndex, policy: Policy, at: number): Match | null {
  const holder = holderOf(index, assessed.identity);
  if (holder) return { working: holder, reason: 'joined_fingerprint' };
  const joined = joinSubject(assessed, index, policy, at) ?? joinName(assessed, index, policy, at);
  if (joined) return joined;
  const closed = closedHolder(assessed, index) ?? index.closed.get(assessed.correlationKey) ?? null;
  return closed && isWithin(closed.incident.resolvedAt, policy.correlation.reopenWindowMs, at)
    ? { working: closed, reason: 'reopened' }
    : null;
}

function joinSubject(assessed: Assessed, index: IncidentIndex, policy: Policy, at: number): Match | null {
  const { subjectWindowMs } = policy.correlation;
  const same = index.open.get(assessed.correlationKey) ?? mergeTarget(assessed, index);
  if (!same || !isWithin(same.incident.lastActivityAt, subjectWindowMs, at)) return null;
  return { working: same, reason: 'joined_subject' };
}

/** Where an incident about the same thing was merged to by a person. */
function mergeTarget(assessed: Assessed, index: IncidentIndex): Working | null {
  const number = index.merged.get(assessed.correlationKey);
  const target = number === undefined ? undefined : index.numbered.get(number);
  return target && isUnresolved(target) ? target : null;
}

function joinName(assessed: Assessed, index: IncidentIndex, policy: Policy, at: number): Match | null {
  const named = index.named.get(nameKey(assessed.rule, assessed.namespace));
  if (!named || !isWithin(named.at, policy.correlation.nameWindowMs, at)) return null;
  return { working: named.working, reason: 'joined_name' };
}

/** The incident resolved last that held the alert. */
export function closedHolder(assessed: Pick<Assessed, 'identity'>, index: IncidentIndex): Working | null {
  let best: Working | null = null;
  for (const working of index.holders.get(assessed.identity) ?? []) {
    if (isUnresolved(working) || working.incident.resolution === 'merged') continue;
    if (best === null || (working.incident.resolvedAt ?? 0) > (best.incident.resolvedAt ?? 0)) best = working;
  }
  return best;
}

/** Whether something happened less than a window ago. What happened after `at` (a late delivery) did so too. */
export function isWithin(then: number | null, windowMs: number, at: number): boolean {
  return then !== null && at - then <= windowMs;
}

/** The unresolved incident that holds the alert: where it fires before where it fired, else the one active last. */
function holderOf(index: IncidentIndex, identity: string): Working | null {
  let best: Working | null = null;
  for (const working of index.holders.get(identity) ?? []) {
    if (!isUnresolved(working)) continue;
    if (best === null || rank(working, identity) > rank(best, identity)) best = working;
  }
  return best;
}

function rank(working: Working, identity: string): number {
  const fires = working.alerts.get(identity)?.status === 'firing';
  return working.incident.lastActivityAt + (fires ? Number.MAX_SAFE_INTEGER / 2 : 0);
}

function nameKey(rule: string, namespace: string | null): string {
  return JSON.stringify([rule, namespace]);
}

export function nodeKey(cluster: string, node: string): string {
  return JSON.stringify([cluster, node]);
}
