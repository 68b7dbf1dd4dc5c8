import { RESPONDER } from '../incident.ts';
import type { Policy } from '../policy.ts';
import { nodeOf } from '../subject.ts';
import { type Book, nodeKey } from './book.ts';
import { change, isUnresolved, type Working } from './working.ts';

const MAX_RELATED = 10;

/**
 * Notes unresolved incidents that may have the same cause but are never joined by themselves: on the same node, or the
 * same subject in another namespace. Only incidents that already have a number can be named.
 */
export function findRelated(working: Working, book: Book, policy: Policy, at: number): void {
  if (working.added.length === 0) return;
  const found = new Map<number, string>();
  const nodes = new Map<string, string>();
  for (const alert of working.added) {
    const node = nodeOf(alert.labels);
    if (node !== null) nodes.set(nodeKey(alert.cluster, node), node);
  }
  for (const [key, node] of nodes) {
    for (const other of book.onNode.get(key) ?? []) {
      if (typeof other.key === 'number' && isRelated(working, other)) found.set(other.key, `same node ${node}`);
    }
  }
  for (const other of book.numbered.values()) {
    const isRecent = at - other.incident.lastActivityAt <= policy.correlation.subjectWindowMs;
    if (isRecent && isRelated(working, other) && hasSameSubject(working, other) && !found.has(other.incident.number)) {
      found.set(other.incident.number, `same ${other.incident.subject.kind} ${other.incident.subject.name}`);
    }
  }
  addRelated(working, found, at);
}

function isRelated(working: Working, other: Working): boolean {
  return other !== working && isUnresolved(other) && other.incident.drill === working.incident.drill;
}

function hasSameSubject(working: Working, other: Working): boolean {
  const { subject, cluster } = working.incident;
  const theirs = other.incident.subject;
  return cluster === other.incident.cluster && subject.kind === theirs.kind && subject.name === theirs.name;
}

function addRelated(working: Working, found: ReadonlyMap<number, string>, at: number): void {
  const known = new Set(working.incident.related.map((each) => each.number));
  const fresh = [...found]
    .filter(([number]) => !known.has(number))
    .slice(0, Math.max(0, MAX_RELATED - known.size))
    .map(([number, why]) => ({ number, why }));
  if (fresh.length === 0) return;
  change(working, { related: [...working.incident.related, ...fresh] });
  for (const { number, why } of fresh) {
    working.entries.push({
      kind: 'related',
      at,
      actor: RESPONDER,
      text: `Possibly related: #${number} (${why})`,
      detail: { number, why },
    });
  }
}
