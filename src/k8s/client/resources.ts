/** A kind of object as its URL names it. */
export interface Resource {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

function resource(group: string, version: string, plural: string, kind: string, namespaced = true): Resource {
  return { group, version, plural, kind, namespaced };
}

export const RESOURCES = {
  pods: resource('', 'v1', 'pods', 'Pod'),
  events: resource('', 'v1', 'events', 'Event'),
  namespaces: resource('', 'v1', 'namespaces', 'Namespace', false),
  nodes: resource('', 'v1', 'nodes', 'Node', false),
  services: resource('', 'v1', 'services', 'Service'),
  endpoints: resource('', 'v1', 'endpoints', 'Endpoints'),
  configmaps: resource('', 'v1', 'configmaps', 'ConfigMap'),
  resourcequotas: resource('', 'v1', 'resourcequotas', 'ResourceQuota'),
  persistentvolumeclaims: resource('', 'v1', 'persistentvolumeclaims', 'PersistentVolumeClaim'),
  jobs: resource('batch', 'v1', 'jobs', 'Job'),
  deployments: resource('apps', 'v1', 'deployments', 'Deployment'),
  replicasets: resource('apps', 'v1', 'replicasets', 'ReplicaSet'),
  statefulsets: resource('apps', 'v1', 'statefulsets', 'StatefulSet'),
  daemonsets: resource('apps', 'v1', 'daemonsets', 'DaemonSet'),
  horizontalpodautoscalers: resource('autoscaling', 'v2', 'horizontalpodautoscalers', 'HorizontalPodAutoscaler'),
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
  certificates: resource('cert-manager.io', 'v1', 'certificates', 'Certificate'),
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

/** URL path segments of a list (`name` null) or of one object; `namespace` null means all. */
export function pathOf(of: Resource, namespace: string | null, name: string | null = null): readonly string[] {
  const root = of.group === '' ? ['api', of.version] : ['apis', of.group, of.version];
  const place = of.namespaced && namespace !== null ? ['namespaces', namespace] : [];
  return [...root, ...place, of.plural, ...(name === null ? [] : [name])];
}
