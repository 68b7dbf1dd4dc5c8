import { FIXED_RULES } from '../incidents/policy.ts';

/** Rule: docs/rules.md#first-look-at-once. */
const AT_ONCE = FIXED_RULES.firstLook.atOnce;

/** Room for first looks, a cluster apart from the others: one that hangs takes no place of theirs. */
export interface LookRoom {
  /** Takes a place; the result gives it back and is called at the end. Null when all places of the cluster are taken. */
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
