import type { ClusterAccess, Read } from './cluster.ts';

/** The same cluster, on which the same question asked twice within one look is asked once. */
export function sharedReads(cluster: ClusterAccess): ClusterAccess {
  const asked = new Map<string, Promise<unknown>>();
  return {
    ...cluster,
    json(read) {
      const key = keyOf(read);
      const known = asked.get(key);
      if (known) return known;
      const answer = cluster.json(read);
      asked.set(key, answer);
      return answer;
    },
  };
}

function keyOf({ path, query = {}, accept = '' }: Read): string {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined);
  return JSON.stringify([path, given.toSorted(([a], [b]) => a.localeCompare(b)), accept]);
}
