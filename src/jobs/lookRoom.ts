import { FIXED_RULES } from '../incidents/policy.ts';

/** Rule: docs/rules.md#first-look-at-once. */
const AT_ONCE = FIXED_RULES.firstLook.atOnce;

/** Room for first looks, a cluster apart from the others: one that hangs takes no place of theirs. */
export interface LookRoom {
  /** Call what it returns at the end; null when as many as may are looking at this cluster. */
  enter(cluster: string): (() => void) | null;
}

export function createLookRoom(): LookRoom {
  const looking = new Map<string, number>();
  return {
    enter(cluster) {
      const before = looking.get(cluster) ?? 0;
      if (before >= AT_ONCE) return null;
      looking.set(cluster, before + 1);
      return () => looking.set(cluster, (looking.get(cluster) ?? 1) - 1);
    },
  };
}
