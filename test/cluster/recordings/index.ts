import { ADMISSION, SCHEDULING, STORAGE } from './cluster.ts';
import { CONTAINERS, IMAGES, LOGGED, PROBES } from './containers.ts';
import { HEALTHY } from './healthy.ts';
import type { Recorded } from './recorded.ts';
import { JOBS, PLATFORM_CASES, SERVICES } from './workloads.ts';

/** Every case that is recorded on a real control plane. */
export const RECORDED: readonly Recorded[] = [
  ...LOGGED,
  ...CONTAINERS,
  ...IMAGES,
  ...PROBES,
  ...SCHEDULING,
  ...ADMISSION,
  ...STORAGE,
  ...JOBS,
  ...SERVICES,
  ...PLATFORM_CASES,
  ...HEALTHY,
];
