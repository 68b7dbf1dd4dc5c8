import type { Noun } from '../../alerts/labels.ts';
import type { NameProfile } from '../../alerts/profile.ts';
import { truth } from '../../alerts/truth.ts';
import type { ObjectName } from '../../incidents/evidence.ts';
import type { IncidentWithAlerts } from '../../incidents/incident.ts';
import { FIXED_RULES } from '../../incidents/policy.ts';
import type { Kind } from '../subjects/kinds.ts';
import { isServingNamespace } from '../subjects/knative.ts';
import { keyOf, named } from '../subjects/object.ts';

/** The part of the platform an alert is about; there may be several. */
export type Topic =
  | 'builds'
  | 'functions'
  | 'control'
  | 'serving'
  | 'eventing'
  | 'storage'
  | 'nodes'
  | 'quota'
  | 'certificates'
  | 'api'
  | 'metrics';

/** Whether an alert names nothing to look at: neither an object nor a namespace. */
export function isUnnamed({ namespace, names, objects }: Target): boolean {
  return namespace === null && names.size === 0 && objects.length === 0;
}

/** The target of a look: the objects an incident's alerts name, and the time. */
export interface Target {
  /** Name of the alert that speaks for the incident. */
  readonly alert: string;
  readonly namespace: string | null;
  /** Names of objects the labels give: pods, Jobs, functions, workloads, nodes, volumes. Empty: no object is named. */
  readonly names: ReadonlySet<string>;
  /** The objects the labels name with their kind, the most telling first. */
  readonly objects: readonly ObjectName[];
  readonly pods: readonly string[];
  readonly jobs: readonly string[];
  readonly functions: readonly string[];
  readonly workloads: readonly string[];
  readonly nodes: readonly string[];
  readonly topics: ReadonlySet<Topic>;
  /** Epoch ms: the earliest start of the alerts. */
  readonly startsAt: number;
  /** The window of evidence, and where changes begin to count (docs/rules.md#first-look-window). */
  readonly from: number;
  readonly changesFrom: number;
}

const MINUTE = 60_000;
/** The rule's `for` when it is unknown, a margin before that, and changes before: docs/rules.md#first-look-window. */
const { forMs: FOR_MS, marginMs: MARGIN_MS, changesMs: CHANGES_MS } = FIXED_RULES.firstLook;
/** A person who asks means what holds now: an hour, as long as Kubernetes keeps events. */
const ASKED_MS = 60 * MINUTE;

/** The kinds of what labels name, the most telling first; the labels are our nouns (`alerts/labels.ts`). */
const OBJECT_NOUNS = [
  ['Job', 'job_name'],
  ['CronJob', 'cronjob'],
  ['Pod', 'pod'],
  ['KnativeService', 'function'],
  ['Revision', 'revision'],
  ['Deployment', 'deployment'],
  ['StatefulSet', 'statefulset'],
  ['DaemonSet', 'daemonset'],
  ['ReplicaSet', 'replicaset'],
  ['HorizontalPodAutoscaler', 'horizontalpodautoscaler'],
  ['PodDisruptionBudget', 'poddisruptionbudget'],
  ['PersistentVolumeClaim', 'persistentvolumeclaim'],
  ['PersistentVolume', 'persistentvolume'],
  ['ResourceQuota', 'resourcequota'],
  ['Ingress', 'ingress'],
  ['Service', 'service'],
  ['Broker', 'broker'],
  ['Trigger', 'trigger'],
  ['LambdaFunction', 'lambdafunction'],
  ['Node', 'node'],
] as const satisfies readonly (readonly [Kind, Noun])[];
/** Labels that name something whose kind they do not tell. */
const UNKNOWN_KIND = ['name', 'service_name'];
const CLUSTER_WIDE: readonly Kind[] = ['Node', 'PersistentVolume'];

/** Words in an alert's name (and in what it says) that tell its part; the labels decide before they do. */
const WORDS: readonly (readonly [Topic, RegExp])[] = [
  ['builds', /build|kaniko|image.?push|job.?(?:creation|failed)/i],
  ['eventing', /dlq|dead.?letter|trigger|broker|queue|rabbit|event.?(?:ing|deliver)|receiver|dispatcher/i],
  ['storage', /minio|storage|\bs3\b|bucket|volume|persistent|context.?error|source/i],
  ['nodes', /node(?!js)|evict|kubelet|memory.?pressure|disk.?pressure/i],
  ['quota', /quota|pods?.?missing|capacity|concurrency/i],
  ['serving', /serving|activator|autoscaler|webhook|cold.?start|ingress|gateway|kourier|availability|burn|slo\b/i],
  ['control', /operator|controller|reconcil|control.?plane|telemetry|workqueue|leader|context.?error|builder/i],
  ['functions', /function|revision|ksvc|lambda(?!build)|latency|error.?rate|availability|burn|deploying/i],
  ['certificates', /cert|tls|x509/i],
  ['api', /api.?server|apiserver|etcd|kube.?api/i],
  ['metrics', /metrics?.?(?:absent|missing)|absent|telemetry/i],
];

/** The input of a target: an incident with its alerts, or recorded alerts. */
export interface Alerted {
  readonly incident: Pick<IncidentWithAlerts['incident'], 'namespace' | 'subject' | 'startedAt' | 'title'>;
  readonly alerts: readonly Pick<IncidentWithAlerts['alerts'][number], 'name' | 'labels' | 'startsAt' | 'status'>[];
}

/** Resolves what an incident's alerts name, all of them, firing ones first. */
export function targetOf(known: Alerted, profile: NameProfile, forMs: number = FOR_MS): Target {
  const { incident } = known;
  const firing = known.alerts.filter(({ status }) => status === 'firing');
  const alerts = (firing.length > 0 ? firing : known.alerts).slice(0, 200);
  const labels = alerts.map((alert) => truth(alert.labels));
  const values = (names: readonly string[]) => [
    ...new Set(labels.flatMap((one) => names.flatMap((name) => one[name] || []))),
  ];
  const jobs = values(['job_name']);
  const functions = values(['function']);
  const { kind, name } = incident.subject;
  if (kind === 'function' && !functions.includes(name)) functions.push(name);
  const workloads = values(['deployment', 'statefulset', 'daemonset']);
  if (['deployment', 'statefulset', 'daemonset'].includes(kind) && !workloads.includes(name)) workloads.push(name);
  const [pods, nodes] = [values(['pod']), values(['node'])];
  const others = values([...OBJECT_NOUNS.map(([, noun]) => noun), ...UNKNOWN_KIND]);
  if (kind === 'node' && !nodes.includes(name)) nodes.push(name);
  const startsAt = Math.min(incident.startedAt, ...alerts.map((alert) => alert.startsAt));
  const names = new Set([...pods, ...jobs, ...functions, ...workloads, ...nodes, ...others]);
  return {
    alert: alerts[0]?.name ?? incident.title,
    namespace: incident.namespace,
    names,
    objects: objectsOf(labels, incident.namespace, { functions, workloads: kind, subject: name, nodes }),
    pods,
    jobs,
    functions,
    workloads,
    nodes,
    topics: topicsOf({ incident, alerts, names, jobs, nodes }, profile),
    startsAt,
    from: startsAt - forMs - MARGIN_MS,
    changesFrom: startsAt - CHANGES_MS,
  };
}

/** The target with nodes that the alerts name by an address only. */
export function withNodes(target: Target, nodes: readonly string[]): Target {
  const added = [...new Set(nodes)].filter((name) => !target.nodes.includes(name));
  if (added.length === 0) return target;
  return {
    ...target,
    names: new Set([...target.names, ...added]),
    nodes: [...target.nodes, ...added],
    objects: [...target.objects, ...added.map((name) => named('Node', { namespace: null, name }))],
    topics: new Set([...target.topics, 'nodes']),
  };
}

/** The subject of the incident, which correlation found, and every object that a label gives with its kind. */
function objectsOf(
  labels: readonly Readonly<Record<string, string>>[],
  namespace: string | null,
  subject: {
    readonly functions: readonly string[];
    readonly workloads: string;
    readonly subject: string;
    readonly nodes: readonly string[];
  },
): readonly ObjectName[] {
  const found = new Map<string, ObjectName>();
  const add = (kind: Kind, place: string | null | undefined, name: string) => {
    const of = named(kind, { namespace: CLUSTER_WIDE.includes(kind) ? null : place, name });
    found.set(keyOf(of), of);
  };
  for (const [kind, noun] of OBJECT_NOUNS)
    for (const one of labels) {
      const value = one[noun];
      if (value) add(kind, one.namespace || namespace, value);
    }
  const { workloads: kind } = subject;
  const own = { deployment: 'Deployment', statefulset: 'StatefulSet', daemonset: 'DaemonSet' }[kind] as
    | Kind
    | undefined;
  if (own) add(own, namespace, subject.subject);
  if (kind === 'function') add('KnativeService', namespace, subject.subject);
  for (const node of subject.nodes) add('Node', null, node);
  return [...found.values()];
}

/** The target of a person's question: a namespace, or one object in it, by kind where they name it. */
export function targetOfQuestion(question: {
  readonly namespace: string | null;
  readonly objects: readonly ObjectName[];
  readonly name: string | null;
  readonly now: number;
  readonly startedAt: number | null;
}): Target {
  const { namespace, objects, name, now } = question;
  const startsAt = question.startedAt ?? now;
  return {
    alert: name ?? (namespace === null ? 'the cluster' : `namespace ${namespace}`),
    namespace,
    names: new Set(objects.map((one) => one.name).concat(name ?? [])),
    objects,
    pods: [],
    jobs: [],
    functions: [],
    workloads: [],
    nodes: objects.flatMap((one) => (one.kind === 'Node' ? [one.name] : [])),
    topics: new Set(),
    startsAt,
    from: Math.min(startsAt, now) - ASKED_MS,
    changesFrom: startsAt - CHANGES_MS,
  };
}

function topicsOf(
  what: {
    readonly incident: Alerted['incident'];
    readonly alerts: Alerted['alerts'];
    readonly names: ReadonlySet<string>;
    readonly jobs: readonly string[];
    readonly nodes: readonly string[];
  },
  profile: NameProfile,
): ReadonlySet<Topic> {
  const { incident, alerts, names, jobs, nodes } = what;
  const topics = new Set<Topic>();
  const text = [...new Set(alerts.map(({ name }) => name))].slice(0, 20).join(' ');
  // The platform's own name says nothing about the part of it.
  const plain = text.replaceAll(/knative-?_?lambda/gi, '');
  for (const [topic, pattern] of WORDS) if (pattern.test(plain)) topics.add(topic);
  const { namespace, subject } = incident;
  const isBuild = [...jobs, ...names].some(
    (name) => name.length < 254 && new RegExp(profile.buildJobPattern).test(name.replace(/-[a-z0-9]{5}$/, '')),
  );
  if (isBuild || (namespace === profile.buildsNamespace && namespace !== profile.controlNamespace))
    topics.add('builds');
  if (nodes.length > 0 && names.size === nodes.length) topics.add('nodes');
  if (namespace === profile.storageNamespace) topics.add('storage');
  if (isServingNamespace(namespace)) topics.add('serving');
  if (namespace === 'knative-eventing' || namespace === profile.rabbitmqNamespace || subject.kind === 'queue')
    if (namespace !== profile.controlNamespace || subject.kind === 'queue') topics.add('eventing');
  if (subject.kind === 'function' && !isBuild) topics.add('functions');
  if (names.has(profile.controlDeployment)) topics.add('control');
  return topics;
}
