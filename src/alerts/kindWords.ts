/**
 * Kubernetes' kinds and the words for them, as kubectl, labels and people write them. The first word of each is how a request
 * to the cluster spells the kind. Knative's Service is `function`: that is what it is to whoever is on call.
 * The short names are those of `kubectl api-resources`; `test/k8s/kindWords.test.ts` holds the table against the kinds that are read.
 */
export const KIND_WORDS = {
  Pod: ['pod', 'pods', 'po'],
  Event: ['event', 'events', 'ev'],
  Deployment: ['deployment', 'deployments', 'deploy', 'dep'],
  ReplicaSet: ['replicaset', 'replicasets', 'rs'],
  StatefulSet: ['statefulset', 'statefulsets', 'sts'],
  DaemonSet: ['daemonset', 'daemonsets', 'ds'],
  Job: ['job', 'jobs'],
  CronJob: ['cronjob', 'cronjobs', 'cj'],
  Node: ['node', 'nodes', 'no'],
  Lease: ['lease', 'leases'],
  Namespace: ['namespace', 'namespaces', 'ns'],
  Service: ['service', 'services', 'svc'],
  EndpointSlice: ['endpointslice', 'endpointslices', 'endpoints', 'endpoint', 'ep'],
  Ingress: ['ingress', 'ingresses', 'ing'],
  IngressClass: ['ingressclass', 'ingressclasses'],
  NetworkPolicy: ['networkpolicy', 'networkpolicies', 'netpol'],
  PersistentVolumeClaim: ['persistentvolumeclaim', 'persistentvolumeclaims', 'pvc', 'pvcs'],
  PersistentVolume: ['persistentvolume', 'persistentvolumes', 'pv', 'pvs'],
  StorageClass: ['storageclass', 'storageclasses', 'sc'],
  ResourceQuota: ['resourcequota', 'resourcequotas', 'quota', 'quotas'],
  LimitRange: ['limitrange', 'limitranges', 'limits'],
  ServiceAccount: ['serviceaccount', 'serviceaccounts', 'sa'],
  HorizontalPodAutoscaler: ['horizontalpodautoscaler', 'horizontalpodautoscalers', 'hpa', 'hpas'],
  PodDisruptionBudget: ['poddisruptionbudget', 'poddisruptionbudgets', 'pdb', 'pdbs'],
  KnativeService: ['function', 'functions', 'ksvc', 'ksvcs', 'kservice', 'kservices'],
  Configuration: ['configuration', 'configurations', 'cfg'],
  Revision: ['revision', 'revisions', 'rev'],
  Route: ['route', 'routes', 'rt'],
  PodAutoscaler: ['podautoscaler', 'podautoscalers', 'kpa', 'pa'],
  KnativeIngress: ['knativeingress', 'knativeingresses', 'king'],
  Broker: ['broker', 'brokers'],
  Trigger: ['trigger', 'triggers'],
  KnativeServing: ['knativeserving', 'knativeservings'],
  KnativeEventing: ['knativeeventing', 'knativeeventings'],
  LambdaFunction: ['lambdafunction', 'lambdafunctions', 'lf', 'lambda', 'lambdas'],
  Certificate: ['certificate', 'certificates', 'cert', 'certs'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type KnownKind = keyof typeof KIND_WORDS;

const BY_WORD: ReadonlyMap<string, KnownKind> = new Map(
  (Object.keys(KIND_WORDS) as KnownKind[]).flatMap((kind) =>
    KIND_WORDS[kind].map((word): [string, KnownKind] => [word, kind]),
  ),
);

/** API groups whose kinds share a word with one of Kubernetes' own. */
const BY_GROUP: ReadonlyMap<string, KnownKind> = new Map([
  ['service.serving.knative.dev', 'KnativeService'],
  ['services.serving.knative.dev', 'KnativeService'],
  ['ingress.networking.internal.knative.dev', 'KnativeIngress'],
  ['ingresses.networking.internal.knative.dev', 'KnativeIngress'],
]);

/** The kind behind a word in any letter case, with or without its API group (`deployments.apps`, `deployment.v1.apps`); null for one that is not read. */
export function kindOfWord(word: string): KnownKind | null {
  const [plain = '', ...group] = word.toLowerCase().split('.');
  const name = /^v\d/.test(group[0] ?? '') ? group.slice(1).join('.') : group.join('.');
  return BY_GROUP.get(`${plain}.${name}`) ?? BY_WORD.get(plain) ?? null;
}

/** How a request to the cluster spells a kind. */
export function spellingOf(kind: KnownKind): string {
  return KIND_WORDS[kind][0];
}
