import type { DiagnosisCase } from '../snapshot.ts';
import { ADMISSION } from './admission.ts';
import { BATCH_AND_FUNCTIONS } from './batchAndFunctions.ts';
import { BESIDE_PLATFORM } from './besidePlatform.ts';
import { BUILDS } from './builds.ts';
import { CHANGES_AS_LEAD } from './changesAsLead.ts';
import { CLAIMS } from './claims.ts';
import { CONTAINERS } from './containers.ts';
import { DEPENDENCIES } from './dependencies.ts';
import { HEALTHY_BESIDE } from './healthyBeside.ts';
import { HEALTHY_MOVING } from './healthyMoving.ts';
import { HEALTHY_ODD } from './healthyOdd.ts';
import { HEALTHY_RECOVERED } from './healthyRecovered.ts';
import { IMAGES } from './images.ts';
import { INGRESS } from './ingress.ts';
import { JOB_CASES } from './jobs.ts';
import { KILLS } from './kills.ts';
import { KNATIVE } from './knative.ts';
import { LARGE } from './large.ts';
import { LOGS } from './logs.ts';
import { LOGS_DEPENDENCIES } from './logsDependencies.ts';
import { LOGS_OF_CHAINS } from './logsOfChains.ts';
import { LOGS_RUNTIMES } from './logsRuntimes.ts';
import { MESHES } from './meshes.ts';
import { MOUNTS } from './mounts.ts';
import { NODES } from './nodes.ts';
import { NODES_AND_KUBELETS } from './nodesAndKubelets.ts';
import { PLACEMENT } from './placement.ts';
import { PLATFORM } from './platform.ts';
import { PROBES } from './probes.ts';
import { RARER } from './rarer.ts';
import { REFUSALS } from './refusals.ts';
import { SATURATION } from './saturation.ts';
import { SCALING } from './scaling.ts';
import { SCHEDULING } from './scheduling.ts';
import { SELDOM } from './seldom.ts';
import { SERVICES } from './services.ts';
import { START_AND_STORAGE } from './startAndStorage.ts';
import { STUCK } from './stuck.ts';
import { TWO_CAUSES } from './twoCauses.ts';
import { UNDECIDABLE } from './undecidable.ts';
import { UNFORESEEN } from './unforeseen.ts';
import { UNREAD } from './unread.ts';

/** Every written case. They say what is true of a cluster; which rule finds it, and in which words, is the product's. */
export const CASES: readonly DiagnosisCase[] = [
  ...IMAGES,
  ...ADMISSION,
  ...SCHEDULING,
  ...PLACEMENT,
  ...CLAIMS,
  ...MOUNTS,
  ...CONTAINERS,
  ...PROBES,
  ...KILLS,
  ...SERVICES,
  ...INGRESS,
  ...SATURATION,
  ...NODES,
  ...PLATFORM,
  ...BESIDE_PLATFORM,
  ...JOB_CASES,
  ...SCALING,
  ...STUCK,
  ...LOGS,
  ...LOGS_DEPENDENCIES,
  ...LOGS_RUNTIMES,
  ...NODES_AND_KUBELETS,
  ...RARER,
  ...REFUSALS,
  ...MESHES,
  ...SELDOM,
  ...DEPENDENCIES,
  ...START_AND_STORAGE,
  ...BATCH_AND_FUNCTIONS,
  ...LOGS_OF_CHAINS,
  ...CHANGES_AS_LEAD,
  ...UNFORESEEN,
  ...KNATIVE,
  ...BUILDS,
  ...HEALTHY_RECOVERED,
  ...HEALTHY_MOVING,
  ...HEALTHY_ODD,
  ...HEALTHY_BESIDE,
  ...TWO_CAUSES,
  ...UNDECIDABLE,
  ...LARGE,
  ...UNREAD,
];
