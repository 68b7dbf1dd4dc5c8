import { DEFAULT_STORM, type Opening, type StormPolicy, stormState } from '../incidents/decide/storm.ts';
import type { Logger } from '../logger.ts';
import { beginStorm } from './fold.ts';
import { groupJob } from './followUps.ts';
import type { IncidentStore } from './ports.ts';

export interface StormPorts {
  readonly store: IncidentStore;
  readonly groups: {
    storms(): Promise<readonly { readonly id: number; readonly cluster: string; readonly since: number }[]>;
    openings(cluster: string, since: number): Promise<readonly Opening[]>;
    unsent(before: number): Promise<ReadonlyMap<string, number>>;
  };
  readonly policy?: StormPolicy;
  readonly clock: () => number;
  readonly log: Logger;
}

/**
 * What time does to storms: one begins when a card waits too long to be posted, and ends after ten calm minutes. That
 * many incidents open at once is seen when they open (fold.ts).
 */
export async function watchStorms(ports: StormPorts): Promise<void> {
  const policy = ports.policy ?? DEFAULT_STORM;
  const now = ports.clock();
  const unsent = await ports.groups.unsent(now - policy.oldestUnsentMs);
  const storms = await ports.groups.storms();
  const clusters = new Set(storms.map(({ cluster }) => cluster));
  for (const cluster of unsent.keys()) {
    if (clusters.has(cluster)) continue;
    await ports.store.transact((tx) => beginStorm(tx, cluster, 'unsent_card', now));
    ports.log.warn({ cluster, reason: 'unsent_card' }, 'a storm begins');
  }
  for (const { id, cluster, since } of storms) {
    const oldest = unsent.get(cluster);
    const openings = await ports.groups.openings(cluster, now - policy.calmMs);
    const before = { since, reason: 'not_calm_yet' } as const;
    const state = stormState(before, openings, oldest === undefined ? null : now - oldest, now, policy);
    if (state.since !== null) continue;
    await ports.store.transact(async (tx) => {
      if (await tx.groups.end(id, now)) await tx.enqueue([groupJob(id, now)], now);
    });
    ports.log.info({ cluster, storm: id }, 'a storm is over');
  }
}
