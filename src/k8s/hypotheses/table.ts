import { buildHypothesis, buildTimeout, sourceConditions, unexplainedBuilds } from './builds.ts';
import { pendingPods, quota, storm } from './capacity.ts';
import { crashes, imagePulls } from './containers.ts';
import { controlPlane, dataPath } from './deployments.ts';
import { builtNotDeployed, functionErrors, silentFailure } from './functions.ts';
import { general } from './general.ts';
import type { Hypothesis } from './hypothesis.ts';
import { nodePressure } from './nodes.ts';
import { notAnIncident } from './notIncident.ts';
import { certificates, knativeInstallation, slowApi } from './platform.ts';
import { storage } from './storage.ts';
import { webhook } from './webhook.ts';

/** Everything that is judged in a first look: F1 to F20 of the domain fact sheet, and what it lacks. */
export const HYPOTHESES: readonly Hypothesis[] = [
  buildHypothesis('F1', 'A build used more memory than its limit'),
  buildHypothesis('F2', 'The registry refuses or does not answer'),
  sourceConditions,
  buildTimeout,
  pendingPods,
  quota,
  imagePulls,
  crashes,
  storage,
  controlPlane,
  storm,
  functionErrors,
  webhook,
  dataPath,
  nodePressure,
  buildHypothesis('F15', 'A build was ended by its node or from outside'),
  slowApi,
  certificates,
  knativeInstallation,
  buildHypothesis('F19', 'A base image, a dependency or the function’s own code is at fault'),
  silentFailure,
  builtNotDeployed,
  unexplainedBuilds,
  notAnIncident,
  general,
];
