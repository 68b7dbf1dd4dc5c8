import { BUILD_CODES } from './codes/builds.ts';
import { CONTAINER_CODES } from './codes/containers.ts';
import { IMAGE_CODES } from './codes/images.ts';
import { JOB_CODES } from './codes/jobs.ts';
import { KNATIVE_CODES } from './codes/knative.ts';
import { LOG_CODES } from './codes/logs.ts';
import { NETWORK_CODES } from './codes/network.ts';
import { NODE_CODES } from './codes/nodes.ts';
import { PLATFORM_CODES } from './codes/platform.ts';
import { SATURATION_CODES } from './codes/saturation.ts';
import { SCALING_CODES } from './codes/scaling.ts';
import { SCHEDULING_CODES } from './codes/scheduling.ts';
import { SERVICE_CODES } from './codes/services.ts';
import { TRAFFIC_CODES } from './codes/traffic.ts';
import { VOLUME_CODES } from './codes/volumes.ts';
import { WORKLOAD_CODES } from './codes/workloads.ts';

/** Every code of the diagnosis, by subject. One row a code: level, depth, words, next step, and when it is concluded. */
export const CODES = {
  ...NODE_CODES,
  ...SCHEDULING_CODES,
  ...WORKLOAD_CODES,
  ...VOLUME_CODES,
  ...IMAGE_CODES,
  ...CONTAINER_CODES,
  ...LOG_CODES,
  ...SERVICE_CODES,
  ...PLATFORM_CODES,
  ...KNATIVE_CODES,
  ...BUILD_CODES,
  ...JOB_CODES,
  ...NETWORK_CODES,
  ...SATURATION_CODES,
  ...SCALING_CODES,
  ...TRAFFIC_CODES,
} as const;
