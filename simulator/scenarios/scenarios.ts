import { kanikoOomKilled } from './s01-kaniko-oomkilled.ts';
import { registryUnauthorized } from './s02-registry-unauthorized.ts';
import { sourceMissing } from './s03-source-missing.ts';
import { buildHangs } from './s04-build-hangs.ts';
import { imagePullBackOff } from './s05-image-pull-backoff.ts';
import { revisionCrashes } from './s06-revision-crashes.ts';
import { quotaExhausted } from './s07-quota-exhausted.ts';
import { webhookDown } from './s08-webhook-down.ts';
import { storageUnreachable } from './s09-storage-unreachable.ts';
import { storm } from './s10-storm.ts';
import { nodePressure } from './s11-node-pressure.ts';
import { deadLetters } from './s12-dead-letters.ts';
import { controlPlaneCrash } from './s13-control-plane-crash.ts';
import { coldStartBrownout } from './s14-cold-start-brownout.ts';
import { baseImageMissing } from './s15-base-image-missing.ts';
import { slowApi } from './s16-slow-api.ts';
import { brokenCode, metricsOff, scaledToZero, staleGauge } from './s17-false-positives.ts';
import { compound } from './s18-compound.ts';
import type { Scenario } from './scenario.ts';
import { triggerFailed } from './t01-trigger-failed.ts';
import { readyButCrashing, symptomsWithoutCause, twoCauses } from './t02-misleading.ts';

/** Everything that can be started, in the order people are shown it. */
export const SCENARIOS: readonly Scenario[] = [
  kanikoOomKilled,
  registryUnauthorized,
  sourceMissing,
  buildHangs,
  imagePullBackOff,
  revisionCrashes,
  quotaExhausted,
  webhookDown,
  storageUnreachable,
  storm,
  nodePressure,
  deadLetters,
  controlPlaneCrash,
  coldStartBrownout,
  baseImageMissing,
  slowApi,
  staleGauge,
  scaledToZero,
  metricsOff,
  brokenCode,
  compound,
  triggerFailed,
  twoCauses,
  symptomsWithoutCause,
  readyButCrashing,
];
