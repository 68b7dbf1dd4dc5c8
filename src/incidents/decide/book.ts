import type { Alert } from '../../alerts/alert.ts';
import { alertIdentity } from '../../alerts/identity.ts';
import { grafanaRule } from '../../alerts/labels.ts';
import { activityOf, type IncidentAlert, type IncidentWithAlerts } from '../incident.ts';
import { isDrill, nodeOf, scopeOf } from '../subject.ts';
import { isUnresolved, type Working, workOn } from './working.ts';

/**
 * The incidents a decision may touch, indexed so that a delivery of 10,000 alerts is decided in linear time. Of several
 * that fit, the one active last is meant, and of those the lowest number.
 */
export interface Book {
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

export function openBook(known: readonly IncidentWithAlerts[]): Book {
  const book: Book = {
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
    if (!book.numbered.has(each.incident.number)) enter(book, workOn(each));
  }
  return book;
}

/** Adds an incident to the book and its indexes. */
export function enter(book: Book, working: Working): void {
  const { incident } = working;
  book.all.push(working);
  if (typeof working.key === 'number') book.numbered.set(working.key, working);
  for (const alert of working.alerts.values()) hold(book, working, alert, activityOf(alert));
  if (isUnresolved(working)) {
    reindex(book, working);
  } else if (incident.resolution === 'merged') {
    if (incident.mergedInto !== null) book.merged.set(incident.correlationKey, incident.mergedInto);
  } else {
    const rival = book.closed.get(incident.correlationKey)?.incident.resolvedAt ?? 0;
    if ((incident.resolvedAt ?? 0) >= rival) book.closed.set(incident.correlationKey, working);
  }
}

/** Brings the indexes up to date after an incident was opened, reopened or became active. */
export function reindex(book: Book, working: Working): void {
  const key = working.incident.correlationKey;
  const rival = book.open.get(key);
  if (!rival || working.incident.lastActivityAt > rival.incident.lastActivityAt) book.open.set(key, working);
  if (book.closed.get(key) === working) book.closed.delete(key);
}

/** Notes that an incident holds an alert, active at `at`. */
export function hold(book: Book, working: Working, alert: IncidentAlert, at: number): void {
  const identity = alertIdentity(alert);
  const holders = book.holders.get(identity);
  if (!holders) book.holders.set(identity, [working]);
  else if (!holders.includes(working)) holders.push(working);
  if (!isUnresolved(working)) return;
  const name = nameKey(alert, working.incident.namespace);
  const rival = book.named.get(name);
  if (!rival || at > rival.at) book.named.set(name, { working, at });
  const node = alert.status === 'firing' ? nodeOf(alert.labels) : null;
  if (node === null) return;
  const onNode = book.onNode.get(nodeKey(alert.cluster, node));
  if (onNode) onNode.add(working);
  else book.onNode.set(nodeKey(alert.cluster, node), new Set([working]));
}

/** The unresolved incident that holds the alert: where it fires before where it fired, else the one active last. */
export function holderOf(book: Book, identity: string): Working | null {
  let best: Working | null = null;
  for (const working of book.holders.get(identity) ?? []) {
    if (!isUnresolved(working)) continue;
    if (best === null || rank(working, identity) > rank(best, identity)) best = working;
  }
  return best;
}

function rank(working: Working, identity: string): number {
  const fires = working.alerts.get(identity)?.status === 'firing';
  return working.incident.lastActivityAt + (fires ? Number.MAX_SAFE_INTEGER / 2 : 0);
}

export function nameKey(alert: Pick<Alert, 'cluster' | 'name' | 'labels'>, namespace: string | null): string {
  const { labels } = alert;
  return JSON.stringify([
    alert.cluster,
    namespace,
    alert.name,
    isDrill(labels),
    scopeOf(labels, true),
    grafanaRule(labels),
  ]);
}

export function nodeKey(cluster: string, node: string): string {
  return JSON.stringify([cluster, node]);
}
