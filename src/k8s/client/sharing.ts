import { FIXED_RULES } from '../../incidents/policy.ts';
import type { ClusterAccess, Read } from './cluster.ts';

/** Rules: docs/rules.md#first-look-shared, docs/rules.md#first-look-at-once. */
const { sharedMs: FRESH_MS, atOnce: AT_ONCE } = FIXED_RULES.firstLook;

/**
 * A cluster on which automatic reads of one list within ten seconds share one read: a first look, the next one, and the
 * commands of its runbook. People always get a fresh answer. A failed read is not kept.
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
      // The first caller may have aborted the shared read; the remaining callers read again.
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

/** Admits two at once; the others wait for a place, or reject when their signal aborts. */
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
