import { FIXED_RULES } from '../../incidents/policy.ts';
import type { ClusterAccess, Read } from './cluster.ts';

/** Rules: docs/rules.md#first-look-shared, docs/rules.md#first-look-at-once. */
const { sharedMs: FRESH_MS, atOnce: AT_ONCE } = FIXED_RULES.firstLook;

/**
 * The same cluster, on which automatic reads of one list within ten seconds are one read: a first look, the next one, and
 * the commands its runbook runs by itself. People always get a fresh answer. A failed read is forgotten at once.
 */
export function shareLists(cluster: ClusterAccess, clock: () => number): ClusterAccess {
  const kept = new Map<string, { readonly at: number; readonly answer: Promise<unknown> }>();
  return {
    ...cluster,
    json(read) {
      if (read.priority !== 'automatic') return cluster.json(read);
      const now = clock();
      for (const [other, { at }] of kept) if (now - at >= FRESH_MS) kept.delete(other);
      const key = keyOf(read);
      const known = kept.get(key);
      // Who asked first may have left meanwhile; that is no answer for who still waits.
      if (known) return known.answer.catch(() => cluster.json(read));
      const answer = cluster.json(read);
      kept.set(key, { at: now, answer });
      answer.catch(() => kept.delete(key));
      return answer;
    },
  };
}

function keyOf({ path, query = {}, accept = '' }: Read): string {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined);
  return JSON.stringify([path, given.toSorted(([a], [b]) => a.localeCompare(b)), accept]);
}

/** Lets two in at once; the others wait their turn, or leave when their signal says so. */
export function createTurns(atOnce = AT_ONCE) {
  let inside = 0;
  const waiting: (() => void)[] = [];
  return async <T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> => {
    while (inside >= atOnce) {
      signal.throwIfAborted();
      await new Promise<void>((resolve, reject) => {
        const leave = () => {
          waiting.splice(waiting.indexOf(enter), 1);
          reject(signal.reason);
        };
        const enter = () => {
          signal.removeEventListener('abort', leave);
          resolve();
        };
        waiting.push(enter);
        signal.addEventListener('abort', leave, { once: true });
      });
    }
    inside += 1;
    try {
      return await work();
    } finally {
      inside -= 1;
      waiting.shift()?.();
    }
  };
}
