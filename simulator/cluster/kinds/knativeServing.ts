import type { CustomResource } from './custom.ts';

const READY = ".status.conditions[?(@.type=='Ready')].status";
const REASON = ".status.conditions[?(@.type=='Ready')].reason";
const GROUP = { group: 'serving.knative.dev', version: 'v1', categories: ['all', 'knative', 'serving'] } as const;

/** Knative Serving's own resources, with the printer columns of its release manifests (1.16). */
export const knativeServing: readonly CustomResource[] = [
  {
    ...GROUP,
    kind: 'Service',
    plural: 'services',
    shortNames: ['kservice', 'ksvc'],
    columns: [
      ['URL', '.status.url'],
      ['LatestCreated', '.status.latestCreatedRevisionName'],
      ['LatestReady', '.status.latestReadyRevisionName'],
      ['Ready', READY],
      ['Reason', REASON],
    ],
  },
  {
    ...GROUP,
    kind: 'Configuration',
    plural: 'configurations',
    shortNames: ['config', 'cfg'],
    columns: [
      ['LatestCreated', '.status.latestCreatedRevisionName'],
      ['LatestReady', '.status.latestReadyRevisionName'],
      ['Ready', READY],
      ['Reason', REASON],
    ],
  },
  {
    ...GROUP,
    kind: 'Revision',
    plural: 'revisions',
    shortNames: ['rev'],
    columns: [
      ['Config Name', ".metadata.labels['serving.knative.dev/configuration']"],
      ['Generation', ".metadata.labels['serving.knative.dev/configurationGeneration']"],
      ['Ready', READY],
      ['Reason', REASON],
      ['Actual Replicas', '.status.actualReplicas', 'integer'],
      ['Desired Replicas', '.status.desiredReplicas', 'integer'],
    ],
  },
  {
    ...GROUP,
    kind: 'Route',
    plural: 'routes',
    shortNames: ['rt'],
    columns: [
      ['URL', '.status.url'],
      ['Ready', READY],
      ['Reason', REASON],
    ],
  },
];

/** What Serving makes for itself out of those. */
export const knativeServingInternal: readonly CustomResource[] = [
  {
    group: 'autoscaling.internal.knative.dev',
    version: 'v1alpha1',
    kind: 'PodAutoscaler',
    plural: 'podautoscalers',
    shortNames: ['kpa', 'pa'],
    categories: ['knative-internal', 'autoscaling'],
    columns: [
      ['DesiredScale', '.status.desiredScale', 'integer'],
      ['ActualScale', '.status.actualScale', 'integer'],
      ['Ready', READY],
      ['Reason', REASON],
    ],
  },
  {
    group: 'networking.internal.knative.dev',
    version: 'v1alpha1',
    kind: 'ServerlessService',
    plural: 'serverlessservices',
    shortNames: ['sks'],
    categories: ['knative-internal', 'networking'],
    columns: [
      ['Mode', '.spec.mode'],
      ['Activators', '.spec.numActivators', 'integer'],
      ['ServiceName', '.status.serviceName'],
      ['PrivateServiceName', '.status.privateServiceName'],
      ['Ready', READY],
      ['Reason', REASON],
    ],
  },
  {
    group: 'networking.internal.knative.dev',
    version: 'v1alpha1',
    kind: 'Ingress',
    plural: 'ingresses',
    shortNames: ['kingress', 'king'],
    categories: ['knative-internal', 'networking'],
    columns: [
      ['Ready', READY],
      ['Reason', REASON],
    ],
  },
];
