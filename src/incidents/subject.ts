import type { Alert, Labels } from '../alerts/alert.ts';
import { fingerprintOf } from '../alerts/fingerprint.ts';
import type { NameProfile } from '../alerts/profile.ts';
import { cleanText } from '../alerts/text.ts';
import { truth } from '../alerts/truth.ts';
import type { Subject, SubjectKind } from './incident.ts';

/** Labels that name a function or its Knative Service, first the most direct. Dots and slashes arrive as `_`. */
const FUNCTION_LABELS = [
  'function',
  'function_name',
  'lambda_function',
  'label_lambda_knative_io_name',
  'lambda_knative_io_name',
  'knative_service',
  'ksvc',
  'kn_service_name',
  'label_serving_knative_dev_service',
  'serving_knative_dev_service',
  'configuration_name',
  'kn_configuration_name',
];
const REVISION_LABELS = [
  'revision_name',
  'kn_revision_name',
  'revision',
  'label_serving_knative_dev_revision',
  'serving_knative_dev_revision',
];
/** What tells that a bare `service_name` is Knative's (up to 1.18) and not OpenTelemetry's. */
const KNATIVE_LABELS = ['namespace_name', 'configuration_name', 'revision_name'];
const WORKLOADS: readonly SubjectKind[] = ['deployment', 'statefulset', 'daemonset'];
const NODE_LABELS = ['node', 'exported_node', 'kubernetes_node', 'node_name', 'nodename'];

/** The letters Kubernetes uses for generated suffixes (`apimachinery/pkg/util/rand`): no vowels, no 0, 1 or 3. */
const SAFE = '[bcdfghjklmnpqrstvwxz2456789]';
const REVISION = /^(?<service>.+)-[0-9]{5}$/;
const REVISION_POD = /^(?<service>.+)-[0-9]{5}-deployment-[a-z0-9]{3,10}-[a-z0-9]{5}$/;
const DEPLOYMENT_POD = new RegExp(`^(?<deployment>.+)-${SAFE}{7,10}-${SAFE}{5}$`);
const JOB_POD = /^(?<job>.+)-[a-z0-9]{5}$/;
/** What a build or a CronJob appends to a Job's name to make it unique: seconds, minutes or a short hash. */
const JOB_SUFFIX = /-[0-9]{8,13}$/;
const BUILD_HASH_SUFFIX = /(?<=^[^-]+-.+)-(?=[0-9a-f]*[0-9])[0-9a-f]{6,40}$/;

const MAX_NAME = 253;

/**
 * What an alert is about: function or Knative Service (by label, or owner of the pod, the Job or the revision),
 * Deployment, StatefulSet, DaemonSet, Job without the suffix that makes it unique, pod, node, volume claim, queue; and
 * when nothing of it is named, the alert itself. Rule: docs/rules.md#subject.
 */
export function subjectOf(alert: Pick<Alert, 'name' | 'labels'>, profile: NameProfile): Subject {
  const labels = truth(alert.labels);
  const found =
    functionOf(alert.name, labels, profile) ?? workloadOf(labels) ?? jobOf(labels, profile) ?? objectOf(labels);
  return found ?? { kind: 'alert', name: cleanText(alert.name, MAX_NAME) };
}

/** The namespace of what the alert is about; null for what has none, such as a node. */
export function namespaceOf(labels: Labels): string | null {
  return named(truth(labels), ['namespace', 'kubernetes_namespace']);
}

/** The node an alert names; null when it names none. */
export function nodeOf(labels: Labels): string | null {
  return named(labels, NODE_LABELS);
}

/**
 * Identity of "the same thing is broken": cluster, namespace and subject, as one text of at most 600 characters. A
 * missing namespace is a value of its own (nodes have none). Longer names end in a hash, so that they stay different.
 */
export function correlationKey(cluster: string, namespace: string | null, subject: Subject): string {
  const key = [cluster, namespace ?? '', `${subject.kind}:${subject.name}`].map(encodeURIComponent).join('/');
  return key.length <= 600 ? key : `${key.slice(0, 580)}~${fingerprintOf({ key })}`;
}

/** The correlation key of an alert. An exercise about a thing is never one incident with the real failure of it. */
export function keyOfAlert(alert: Pick<Alert, 'cluster' | 'name' | 'labels'>, profile: NameProfile): string {
  const key = correlationKey(alert.cluster, namespaceOf(alert.labels), subjectOf(alert, profile));
  return isDrill(alert.labels) ? `${key}/drill` : key;
}

/** An exercise says so in a label: `drill="true"`. */
export function isDrill(labels: Labels): boolean {
  return ['true', 'yes', '1'].includes(labels.drill?.toLowerCase() ?? '');
}

function functionOf(alertName: string, labels: Labels, profile: NameProfile): Subject | null {
  const own = profile.buildFunctionLabel.replaceAll(/[^a-zA-Z0-9_]/g, '_');
  const isKnatives = /knative/i.test(alertName) || KNATIVE_LABELS.some((name) => labels[name]);
  const direct =
    named(labels, [...FUNCTION_LABELS, own, `label_${own}`]) ?? (isKnatives ? named(labels, ['service_name']) : null);
  if (direct) return { kind: 'function', name: direct };
  const revision = named(labels, REVISION_LABELS);
  const service = revision ? (REVISION.exec(revision)?.groups?.service ?? null) : null;
  const owner = service ?? ownerOfPod(labels.pod ?? labels.pod_name, profile) ?? buildOf(labels.job_name, profile);
  return owner ? { kind: 'function', name: cleanText(owner, MAX_NAME) } : null;
}

function ownerOfPod(pod: string | undefined, profile: NameProfile): string | null {
  if (!pod || pod.length > MAX_NAME) return null;
  const service = REVISION_POD.exec(pod)?.groups?.service;
  return service ?? buildOf(JOB_POD.exec(pod)?.groups?.job, profile);
}

/** The function a build Job's name tells; null when it is no build or its name does not tell. */
function buildOf(job: string | undefined, profile: NameProfile): string | null {
  if (!job || job.length > MAX_NAME) return null;
  return patternOf(profile).exec(job)?.groups?.function ?? null;
}

function workloadOf(labels: Labels): Subject | null {
  for (const kind of WORKLOADS) {
    const name = named(labels, [kind]);
    if (name) return { kind, name };
  }
  return null;
}

function jobOf(labels: Labels, profile: NameProfile): Subject | null {
  const direct = named(labels, ['job_name']);
  const pod = labels.pod ?? labels.pod_name ?? '';
  const ofPod = pod.length <= MAX_NAME ? JOB_POD.exec(pod)?.groups?.job : undefined;
  const isBuild = (job: string) => job.length <= MAX_NAME && patternOf(profile).test(job);
  const job = direct ?? (ofPod && isBuild(ofPod) ? ofPod : null);
  if (!job) return null;
  const plain = job.replace(JOB_SUFFIX, '');
  return { kind: 'job', name: isBuild(job) && plain === job ? job.replace(BUILD_HASH_SUFFIX, '') : plain };
}

function objectOf(labels: Labels): Subject | null {
  const pod = named(labels, ['pod', 'pod_name']);
  const deployment = pod ? DEPLOYMENT_POD.exec(pod)?.groups?.deployment : undefined;
  if (deployment) return { kind: 'deployment', name: deployment };
  if (pod) return { kind: 'pod', name: pod };
  const node = nodeOf(labels);
  if (node) return { kind: 'node', name: node };
  for (const kind of ['persistentvolumeclaim', 'queue'] as const) {
    const name = named(labels, [kind]);
    if (name) return { kind, name };
  }
  return null;
}

function named(labels: Labels, names: readonly string[]): string | null {
  for (const name of names) {
    const value = labels[name];
    if (value) return cleanText(value, MAX_NAME);
  }
  return null;
}

const patterns = new WeakMap<NameProfile, RegExp>();

function patternOf(profile: NameProfile): RegExp {
  const known = patterns.get(profile);
  if (known) return known;
  const made = new RegExp(profile.buildJobPattern);
  patterns.set(profile, made);
  return made;
}
