import { buildCases } from './builds.ts';
import type { Rule } from './case.ts';
import { containerCases } from './containers.ts';
import { imageCases } from './images.ts';
import { installationCases } from './installations.ts';
import { jobCases } from './jobs.ts';
import { knativeCases } from './knative.ts';
import { logCases } from './logs.ts';
import { networkCases } from './network.ts';
import { nodeCases } from './nodes.ts';
import { notIncidentCases } from './notIncident.ts';
import { platformCases } from './platform.ts';
import { preemptionCases } from './preemption.ts';
import { probeCases } from './probes.ts';
import { saturationCases } from './saturation.ts';
import { scalingCases } from './scaling.ts';
import { schedulingCases } from './scheduling.ts';
import { serviceCases } from './services.ts';
import { trafficCases } from './traffic.ts';
import { volumeCases } from './volumes.ts';
import { workloadCases } from './workloads.ts';

/** Every rule. The order is that of their cases when nothing else ranks them. */
export const RULES: readonly Rule[] = [
  nodeCases,
  schedulingCases,
  preemptionCases,
  workloadCases,
  volumeCases,
  imageCases,
  containerCases,
  probeCases,
  saturationCases,
  trafficCases,
  logCases,
  serviceCases,
  platformCases,
  knativeCases,
  installationCases,
  buildCases,
  jobCases,
  networkCases,
  scalingCases,
  notIncidentCases,
];
