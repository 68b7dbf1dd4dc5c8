const row = Symbol('row of RESOURCES');

/**
 * A kind of object as its URL names it. Made only in this file: whatever is read of a cluster is a row of RESOURCES, and so
 * has its line in the ClusterRole.
 */
export interface Resource {
  readonly [row]: true;
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

function resource(group: string, version: string, plural: string, kind: string, namespaced = true): Resource {
  return { [row]: true, group, version, plural, kind, namespaced };
}

export const RESOURCES = {
  pods: resource('', 'v1', 'pods', 'Pod'),
  events: resource('', 'v1', 'events', 'Event'),
  namespaces: resource('', 'v1', 'namespaces', 'Namespace', false),
  nodes: resource('', 'v1', 'nodes', 'Node', false),
  resourcequotas: resource('', 'v1', 'resourcequotas', 'ResourceQuota'),
  persistentvolumeclaims: resource('', 'v1', 'persistentvolumeclaims', 'PersistentVolumeClaim'),
  jobs: resource('batch', 'v1', 'jobs', 'Job'),
  deployments: resource('apps', 'v1', 'deployments', 'Deployment'),
  replicasets: resource('apps', 'v1', 'replicasets', 'ReplicaSet'),
  statefulsets: resource('apps', 'v1', 'statefulsets', 'StatefulSet'),
  daemonsets: resource('apps', 'v1', 'daemonsets', 'DaemonSet'),
  horizontalpodautoscalers: resource('autoscaling', 'v2', 'horizontalpodautoscalers', 'HorizontalPodAutoscaler'),
  mutatingwebhookconfigurations: resource(
    'admissionregistration.k8s.io',
    'v1',
    'mutatingwebhookconfigurations',
    'MutatingWebhookConfiguration',
    false,
  ),
  validatingwebhookconfigurations: resource(
    'admissionregistration.k8s.io',
    'v1',
    'validatingwebhookconfigurations',
    'ValidatingWebhookConfiguration',
    false,
  ),
  certificates: resource('cert-manager.io', 'v1', 'certificates', 'Certificate'),
  services: resource('', 'v1', 'services', 'Service'),
  persistentvolumes: resource('', 'v1', 'persistentvolumes', 'PersistentVolume', false),
  limitranges: resource('', 'v1', 'limitranges', 'LimitRange'),
  serviceaccounts: resource('', 'v1', 'serviceaccounts', 'ServiceAccount'),
  storageclasses: resource('storage.k8s.io', 'v1', 'storageclasses', 'StorageClass', false),
  endpointslices: resource('discovery.k8s.io', 'v1', 'endpointslices', 'EndpointSlice'),
  ingresses: resource('networking.k8s.io', 'v1', 'ingresses', 'Ingress'),
  ingressclasses: resource('networking.k8s.io', 'v1', 'ingressclasses', 'IngressClass', false),
  networkpolicies: resource('networking.k8s.io', 'v1', 'networkpolicies', 'NetworkPolicy'),
  poddisruptionbudgets: resource('policy', 'v1', 'poddisruptionbudgets', 'PodDisruptionBudget'),
  cronjobs: resource('batch', 'v1', 'cronjobs', 'CronJob'),
  leases: resource('coordination.k8s.io', 'v1', 'leases', 'Lease'),
  podMetrics: resource('metrics.k8s.io', 'v1beta1', 'pods', 'PodMetrics'),
  nodeMetrics: resource('metrics.k8s.io', 'v1beta1', 'nodes', 'NodeMetrics', false),
  ksvc: resource('serving.knative.dev', 'v1', 'services', 'Service'),
  configurations: resource('serving.knative.dev', 'v1', 'configurations', 'Configuration'),
  revisions: resource('serving.knative.dev', 'v1', 'revisions', 'Revision'),
  routes: resource('serving.knative.dev', 'v1', 'routes', 'Route'),
  podautoscalers: resource('autoscaling.internal.knative.dev', 'v1alpha1', 'podautoscalers', 'PodAutoscaler'),
  kingresses: resource('networking.internal.knative.dev', 'v1alpha1', 'ingresses', 'Ingress'),
  brokers: resource('eventing.knative.dev', 'v1', 'brokers', 'Broker'),
  triggers: resource('eventing.knative.dev', 'v1', 'triggers', 'Trigger'),
  knativeservings: resource('operator.knative.dev', 'v1beta1', 'knativeservings', 'KnativeServing'),
  knativeeventings: resource('operator.knative.dev', 'v1beta1', 'knativeeventings', 'KnativeEventing'),
  lambdafunctions: resource('lambda.knative.io', 'v1alpha1', 'lambdafunctions', 'LambdaFunction'),
} as const satisfies Readonly<Record<string, Resource>>;

/** A read as RBAC tells it apart: `get` is one object by its name, `log` a get of `pods/log`. */
export type ReadVerb = 'get' | 'list' | 'log';

type Reads = Partial<Record<ReadVerb, readonly (keyof typeof RESOURCES)[]>>;

const WORKLOADS = ['deployments', 'statefulsets', 'daemonsets'] as const;
/** The resources behind a function. */
const CHAIN = [
  'ksvc',
  'configurations',
  'routes',
  'revisions',
  'kingresses',
  'podautoscalers',
  'lambdafunctions',
] as const;

/**
 * Resources that a look at a namespace or an object may read: `facts/reads.ts` and `facts/furtherReads.ts` choose among
 * them.
 */
const LOOK = {
  get: [
    ...(['pods', 'jobs', 'cronjobs', 'deployments', 'replicasets', 'statefulsets', 'daemonsets'] as const),
    ...(['horizontalpodautoscalers', 'poddisruptionbudgets', 'persistentvolumeclaims', 'persistentvolumes'] as const),
    ...(['resourcequotas', 'services', 'ingresses', 'nodes', 'ksvc', 'revisions', 'brokers', 'triggers'] as const),
    'lambdafunctions',
  ],
  list: [
    ...(['pods', 'events', 'nodes', 'leases', 'namespaces', 'jobs', 'cronjobs'] as const),
    ...(['deployments', 'replicasets', 'statefulsets', 'daemonsets', 'horizontalpodautoscalers'] as const),
    ...(['poddisruptionbudgets', 'resourcequotas', 'limitranges', 'serviceaccounts', 'services'] as const),
    ...(['endpointslices', 'ingresses', 'ingressclasses', 'networkpolicies', 'persistentvolumeclaims'] as const),
    ...([
      'persistentvolumes',
      'storageclasses',
      'podMetrics',
      'nodeMetrics',
      'certificates',
      'ksvc',
      'configurations',
    ] as const),
    ...(['routes', 'revisions', 'brokers', 'triggers', 'knativeservings', 'lambdafunctions'] as const),
  ],
  log: ['pods'],
} as const satisfies Reads;

/**
 * The reads of each diagnostic, of the first look, and of the search for a mistyped name. The ClusterRole is generated
 * from it (`npm run manifests`), and test/k8s/permissions.test.ts compares it with the reads really made. Secrets,
 * ConfigMaps and Roles are not in it: RBAC cannot limit a read to metadata, and they hold secrets and source code.
 */
export const READS: Readonly<Record<string, Reads>> = {
  'first look': LOOK,
  'did you mean': { list: ['pods', 'jobs', 'ksvc', 'namespaces'] },
  'diag jobs': { get: ['jobs'], list: ['jobs'] },
  'diag logs': { get: ['pods'], list: ['pods', 'deployments', 'statefulsets', 'daemonsets'], log: ['pods'] },
  'diag events': {
    list: [
      ...(['events', 'pods', 'nodes', 'replicasets', 'jobs', 'persistentvolumeclaims'] as const),
      ...(['horizontalpodautoscalers', 'ksvc', 'configurations', 'revisions', 'routes', 'kingresses'] as const),
      ...(['brokers', 'triggers', 'lambdafunctions', 'certificates'] as const),
      ...WORKLOADS,
    ],
  },
  'diag pods': { get: ['pods'], list: ['pods', 'events'] },
  'diag top pods': { list: ['podMetrics'] },
  'diag top nodes': { list: ['nodes', 'nodeMetrics'] },
  'diag builds': { list: ['jobs', 'pods', 'events'], log: ['pods'] },
  'diag function': { list: [...CHAIN, 'pods', 'events'], log: ['pods'] },
  'diag rollouts': { list: [...WORKLOADS, 'replicasets', 'revisions'] },
  'diag changes': { list: [...WORKLOADS, 'replicasets', 'revisions', 'ksvc', 'lambdafunctions', 'resourcequotas'] },
  'diag nodes': { list: ['nodes', 'pods', 'events'] },
  'diag hpa': { list: ['horizontalpodautoscalers'] },
  'diag quota': { list: ['resourcequotas', 'events', 'replicasets', 'statefulsets', 'daemonsets', 'jobs'] },
  'diag storage': {
    list: [
      ...(['persistentvolumeclaims', 'persistentvolumes', 'storageclasses', 'pods'] as const),
      ...(['services', 'endpointslices', 'events'] as const),
      ...WORKLOADS,
    ],
  },
  'diag eventing': { list: ['triggers', 'brokers', 'pods'] },
  'diag serving': {
    list: [
      ...(['deployments', 'pods', 'services', 'knativeservings', 'certificates'] as const),
      ...(['mutatingwebhookconfigurations', 'validatingwebhookconfigurations'] as const),
    ],
  },
  'diag operator': { list: ['knativeservings', 'knativeeventings', 'deployments', 'pods'] },
  'diag describe': {
    get: LOOK.get,
    list: [...LOOK.list, ...(['podautoscalers', 'kingresses', 'knativeeventings'] as const)],
    log: LOOK.log,
  },
  'diag all': LOOK,
};

/** URL path segments of a list (`name` null) or of one object; `namespace` null means all. */
export function pathOf(of: Resource, namespace: string | null, name: string | null = null): readonly string[] {
  const root = of.group === '' ? ['api', of.version] : ['apis', of.group, of.version];
  const place = of.namespaced && namespace !== null ? ['namespaces', namespace] : [];
  return [...root, ...place, of.plural, ...(name === null ? [] : [name])];
}

/** URL path segments of the log of one pod. */
export function logPathOf(namespace: string | null, pod: string): readonly string[] {
  return [...pathOf(RESOURCES.pods, namespace, pod), 'log'];
}
