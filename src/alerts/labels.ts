import type { Labels } from './alert.ts';

/**
 * One vocabulary for the labels of all senders: our noun, and every spelling of it, the most trustworthy first. Dots,
 * slashes and hyphens are read as `_` (OpenTelemetry writes `k8s.pod.name` or `k8s_pod_name`, kube-state-metrics
 * `label_serving_knative_dev_service`), and `exported_` before any spelling wins over all: Prometheus puts it there
 * when the scraper's own label has the same name. A noun is the label name that runbooks, routes and commands use.
 *
 * Sources: kube-state-metrics `docs/metrics`, OpenTelemetry semantic conventions (`k8s.*`, `faas.*`, `host.*`,
 * `service.*`, `messaging.*`), Knative Serving and Eventing metrics up to 1.18 and from 1.19, Istio's standard labels.
 */
export const SPELLINGS = {
  // Where it is.
  cluster: ['cluster', 'k8s_cluster_name', 'kubernetes_cluster', 'kube_cluster_name', 'kubernetes_cluster_name'],
  tenant: ['tenant', 'tenant_id', '__tenant_id__', 'vm_account_id'],
  namespace: [
    'namespace_name',
    'k8s_namespace_name',
    'namespace',
    'kubernetes_namespace',
    'kubernetes_namespace_name',
    'kube_namespace',
    'destination_workload_namespace',
    'involved_object_namespace',
  ],
  // What it is.
  function: [
    'function',
    'function_name',
    'lambda_function',
    'faas_name',
    'lambda_knative_io_name',
    'build_notifi_network_parser_id',
    'knative_service',
    'ksvc',
    'kn_service_name',
    'serving_knative_dev_service',
    'configuration_name',
    'kn_configuration_name',
    'serving_knative_dev_configuration',
  ],
  revision: ['revision_name', 'kn_revision_name', 'revision', 'serving_knative_dev_revision'],
  deployment: ['k8s_deployment_name', 'deployment', 'deployment_name', 'kube_deployment'],
  statefulset: ['k8s_statefulset_name', 'statefulset', 'statefulset_name', 'kube_stateful_set'],
  daemonset: ['k8s_daemonset_name', 'daemonset', 'daemonset_name', 'kube_daemon_set'],
  replicaset: ['k8s_replicaset_name', 'replicaset', 'replicaset_name', 'kube_replica_set'],
  job_name: ['k8s_job_name', 'job_name', 'kube_job', 'batch_kubernetes_io_job_name'],
  cronjob: ['k8s_cronjob_name', 'cronjob', 'cronjob_name', 'kube_cronjob'],
  pod: ['k8s_pod_name', 'pod', 'pod_name', 'kubernetes_pod_name', 'kube_pod_name'],
  container: ['k8s_container_name', 'container', 'container_name', 'kubernetes_container_name', 'kube_container_name'],
  node: [
    'k8s_node_name',
    'node',
    'kubernetes_node',
    'node_name',
    'nodename',
    'kubernetes_node_name',
    'kube_node',
    'kubernetes_io_hostname',
  ],
  persistentvolumeclaim: [
    'k8s_persistentvolumeclaim_name',
    'persistentvolumeclaim',
    'persistentvolumeclaim_name',
    'pvc',
    'pvc_name',
  ],
  persistentvolume: ['persistentvolume', 'persistentvolume_name', 'pv', 'pv_name'],
  horizontalpodautoscaler: ['k8s_hpa_name', 'horizontalpodautoscaler', 'hpa', 'hpa_name'],
  poddisruptionbudget: ['poddisruptionbudget', 'pdb', 'pdb_name'],
  resourcequota: ['k8s_resourcequota_name', 'resourcequota', 'resource_quota'],
  ingress: ['ingress', 'k8s_ingress_name', 'ingress_name'],
  service: ['k8s_service_name', 'k8s_service', 'kube_service', 'destination_service_name'],
  broker: ['broker_name', 'kn_broker_name', 'broker'],
  trigger: ['trigger_name', 'kn_trigger_name', 'trigger'],
  lambdafunction: ['lambdafunction'],
  queue: ['queue', 'queue_name', 'messaging_destination_name', 'rabbitmq_queue'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** What a label can name, in our word for it. */
export type Noun = keyof typeof SPELLINGS;

/**
 * What an alert was measured at, for those that name no object: names of the scrape, which are no Kubernetes objects.
 * `exported_` wins here too.
 */
export const SCRAPED = {
  instance: ['instance', 'host_name', 'hostname', 'host', 'service_instance_id'],
  job: ['job', 'service_name'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** Tells that a bare `service_name` is Knative's (up to 1.18) and not OpenTelemetry's. */
const KNATIVES = ['namespace_name', 'configuration_name', 'revision_name'];

/** Pairs of labels of which one holds the kind and the other the name. */
const PAIRS = [
  ['workload_type', 'workload'],
  ['k8s_workload_kind', 'k8s_workload_name'],
  ['owner_kind', 'owner_name'],
  ['involved_object_kind', 'involved_object_name'],
] as const;

/** Kinds of objects beside which an exporter's namespace is nothing: they have none. */
const CLUSTER_WIDE: readonly Noun[] = ['node', 'persistentvolume'];

/** Places, and parts of a named object: none of them is an object by which two alerts could be told apart. */
const PLACES: readonly Noun[] = ['cluster', 'tenant', 'namespace', 'pod', 'container'];

/** The nouns that name an object other than the pod, the most telling first. */
export const OBJECT_NOUNS = (Object.keys(SPELLINGS) as readonly Noun[]).filter((noun) => !PLACES.includes(noun));

const RANKS: ReadonlyMap<string, readonly [Noun, number]> = new Map(
  (Object.entries(SPELLINGS) as [Noun, readonly string[]][]).flatMap(([noun, spellings]) =>
    spellings.map((spelling, rank) => [spelling, [noun, rank]] as const),
  ),
);

/** `k8s.pod.name` as `k8s_pod_name`; most names are plain already. */
export function plainName(name: string): string {
  return /[./-]/.test(name) ? name.replaceAll(/[./-]/g, '_') : name;
}

/**
 * The noun a label is a spelling of, with the rank of that spelling (lower is more trustworthy, -1 with `exported_`);
 * null for any other label.
 */
export function nounOf(name: string): readonly [noun: Noun, rank: number] | null {
  const before = asked.get(name);
  if (before !== undefined) return before;
  // Label names are few. A sender that invents new ones costs time, not memory: the cache is cleared.
  if (asked.size >= MAX_ASKED) asked.clear();
  const found = findNoun(name);
  asked.set(name, found);
  return found;
}

const MAX_ASKED = 5_000;
const asked = new Map<string, readonly [Noun, number] | null>();

function findNoun(name: string): readonly [Noun, number] | null {
  const plain = plainName(name).replace(/^label_/, '');
  const known = RANKS.get(plain);
  if (known) return known;
  const exported = /^(?:exported_)+(.+)$/.exec(plain)?.[1];
  // `exported_cluster` and `exported_tenant` name what the scraped target reports on; the bare label names where the
  // alert comes from.
  const inner = exported === 'service' ? (['service', 0] as const) : exported ? RANKS.get(exported) : undefined;
  return inner && inner[0] !== 'cluster' && inner[0] !== 'tenant' ? [inner[0], -1] : null;
}

export type Named = { readonly [noun in Noun]?: string };

/**
 * The objects that labels name, by our nouns, whatever the spelling. Which of them to believe is decided in `truth`.
 */
export function namedIn(labels: Labels): Named {
  const named: { [noun in Noun]?: string } = {};
  const ranks: { [noun in Noun]?: number } = {};
  for (const name in labels) {
    const value = labels[name];
    const known = value ? nounOf(name) : null;
    if (!known || !value) continue;
    const [noun, rank] = known;
    if (rank >= (ranks[noun] ?? Number.POSITIVE_INFINITY)) continue;
    ranks[noun] = rank;
    named[noun] = value;
  }
  nameByKind(labels, named);
  if (!named.function && labels.service_name && isKnatives(labels)) named.function = labels.service_name;
  if (named.tenant && labels.vm_project_id && labels.vm_account_id === named.tenant)
    named.tenant = `${named.tenant}:${labels.vm_project_id}`;
  return named;
}

function nameByKind(labels: Labels, named: { [noun in Noun]?: string }): void {
  for (const [kindLabel, nameLabel] of PAIRS) {
    const kind = labels[kindLabel]?.toLowerCase();
    const name = labels[nameLabel];
    const noun = kind === 'job' ? 'job_name' : kind;
    if (noun && name && Object.hasOwn(SPELLINGS, noun)) named[noun as Noun] ??= name; // asked one line up
  }
}

function isKnatives(labels: Labels): boolean {
  return KNATIVES.some((name) => labels[name]) || /knative/i.test(labels.alertname ?? '');
}

/** The host and the scrape job an alert was measured at; null when it does not say. */
export function scrapedAt(labels: Labels): { readonly instance: string | null; readonly job: string | null } {
  const plain = new Map(Object.keys(labels).map((name) => [plainName(name), labels[name] || null]));
  const of = (names: readonly string[]) =>
    plain.get(`exported_${names[0]}`) ?? names.map((name) => plain.get(name)).find((value) => value) ?? null;
  return { instance: of(SCRAPED.instance), job: of(SCRAPED.job) };
}

/** Whether the objects that labels name live in no namespace. */
export function isClusterWide(named: Named): boolean {
  const objects = OBJECT_NOUNS.filter((noun) => named[noun]);
  return objects.length > 0 && objects.every((noun) => CLUSTER_WIDE.includes(noun));
}

/**
 * Grafana's rule, which names what its own alerts (`DatasourceNoData`, `DatasourceError`) are about; null for alerts of
 * others. Source: Grafana's alerting state manager, labels `rulename` and `__alert_rule_uid__`.
 */
export function grafanaRule(labels: Labels): string | null {
  return labels.rulename || labels.__alert_rule_uid__ || null;
}

/** Labels that tell the replicas of one Prometheus, Thanos or vmalert apart: the same condition, seen twice. */
const REPLICAS: ReadonlySet<string> = new Set([
  'replica',
  'prometheus_replica',
  '__replica__',
  'rule_replica',
  'thanos_ruler_replica',
  'receive_replica',
  'vmalert_replica',
]);

export function isReplica(name: string): boolean {
  return REPLICAS.has(name);
}
