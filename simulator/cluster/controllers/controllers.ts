import type { ClusterWorld } from '../world.ts';
import { refuseClaims } from './claims.ts';
import { expireEvents, expireJobs } from './expiry.ts';
import { runJobs } from './jobs.ts';
import { countQuotas } from './quotas.ts';
import { followSpecs, replaceDeletedPods } from './replicas.ts';
import { restartContainers } from './restarts.ts';
import { startPods } from './starting.ts';

/**
 * One round of everything that happens in a cluster by itself. What scenarios put into the world is left as they put
 * it: a pod they remove stays away, a status they write stays. Followed up is what users do through the API (a deleted
 * pod comes back, a changed Deployment rolls out, a new Job runs), and what time alone does (a Job's time to live, the
 * back-off of a crashing container, the hour that events are kept).
 */
export function step(world: ClusterWorld): void {
  const now = world.clock();
  countQuotas(world);
  refuseClaims(world, now);
  followSpecs(world, now);
  replaceDeletedPods(world, now);
  runJobs(world, now);
  startPods(world, now);
  restartContainers(world, now);
  expireJobs(world, now);
  expireEvents(world, now);
  for (const task of world.tasks) task(now);
}
