import type { Kind } from '../kind.ts';
import { admissionRegistrationKinds } from './admissionregistration.ts';
import { apiExtensionsKinds } from './apiextensions.ts';
import { appsKinds } from './apps.ts';
import { autoscalingKinds } from './autoscaling.ts';
import { batchKinds } from './batch.ts';
import { certManager } from './certManager.ts';
import { coordinationKinds } from './coordination.ts';
import { coreKinds } from './core.ts';
import type { CustomResource } from './custom.ts';
import { discoveryKinds } from './endpointSlice.ts';
import { newEvent } from './event.ts';
import { knativeEventing } from './knativeEventing.ts';
import { knativeOperator } from './knativeOperator.ts';
import { knativeServing, knativeServingInternal } from './knativeServing.ts';
import { lambda } from './lambda.ts';
import { metricsKinds } from './metrics.ts';
import { rabbitmq } from './rabbitmq.ts';

/** What every Kubernetes cluster serves (of what the product reads), and metrics-server's aggregated API. */
export const BUILT_IN_KINDS: readonly Kind[] = [
  ...coreKinds,
  newEvent,
  ...appsKinds,
  ...batchKinds,
  ...autoscalingKinds,
  ...coordinationKinds,
  ...discoveryKinds,
  ...admissionRegistrationKinds,
  ...apiExtensionsKinds,
  ...metricsKinds,
];

/** What is installed on the simulated cluster, each by its CustomResourceDefinition. */
export const INSTALLED_RESOURCES: readonly CustomResource[] = [
  ...knativeServing,
  ...knativeServingInternal,
  ...knativeEventing,
  ...knativeOperator,
  ...lambda,
  ...rabbitmq,
  ...certManager,
];
