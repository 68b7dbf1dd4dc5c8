import type { Alert, Labels } from '../alerts/alert.ts';
import { fingerprintOf } from '../alerts/fingerprint.ts';
import { grafanaRule, type Noun, plainName, scrapedAt } from '../alerts/labels.ts';
import type { NameProfile } from '../alerts/profile.ts';
import { cleanText } from '../alerts/storableText.ts';
import { isOfStateMetrics, truth } from '../alerts/truth.ts';
import type { Subject, SubjectKind } from './incident.ts';

/** Objects that an alert names by a label of their own, before the node they may stand on. */
const OWN_LABELS = [
  'horizontalpodautoscaler',
  'poddisruptionbudget',
  'resourcequota',
  'cronjob',
  'persistentvolumeclaim',
  'persistentvolume',
  'replicaset',
  'ingress',
  'service',
  'trigger',
  'broker',
  'queue',
] as const satisfies readonly (SubjectKind & Noun)[];
const WORKLOADS = ['deployment', 'statefulset', 'daemonset'] as const;

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
 * Deployment, StatefulSet, DaemonSet, Job without the suffix that makes it unique, the object that has a label of its
 * own (autoscaler, quota, volume claim ...), pod, node; when no object is named, what distinguishes the alert from its
 * siblings: the host, the scrape job, Grafana's rule; else the alert itself. Rule: docs/rules.md#subject.
 */
export function subjectOf(alert: Pick<Alert, 'name' | 'labels'>, profile: NameProfile): Subject {
  const labels = truth(alert.labels);
  const found =
    functionOf(alert.name, labels, profile) ??
    firstOf(labels, WORKLOADS) ??
    jobOf(labels, profile) ??
    // A queue is of whoever reads it: what the labels name of pods and nodes is where it was measured.
    firstOf(labels, OWN_LABELS) ??
    podOf(labels) ??
    firstOf(labels, ['node']) ??
    measuredAt(alert.labels);
  return found ?? { kind: 'alert', name: cleanText(alert.name, MAX_NAME) };
}

/** The namespace of what the alert is about; null for what has none, such as a node. */
export function namespaceOf(labels: Labels): string | null {
  return named(truth(labels), ['namespace']);
}

/** The node an alert names; null when it names none. */
export function nodeOf(labels: Labels): string | null {
  return named(truth(labels), ['node']);
}

/**
 * Identity of "the same thing is broken": cluster, namespace and subject, as one text of at most 600 characters. A
 * missing namespace is a value of its own (nodes have none). Longer names end in a hash, so that they stay different.
 */
export function correlationKey(cluster: string, namespace: string | null, subject: Subject): string {
  const key = [cluster, namespace ?? '', `${subject.kind}:${subject.name}`]
    .map((part) => encodeURIComponent(part.toWellFormed()))
    .join('/');
  return key.length <= 600 ? key : `${key.slice(0, 580)}~${fingerprintOf({ key })}`;
}

/** The correlation key of an alert. An exercise about a thing is never one incident with the real failure of it. */
export function keyOfAlert(alert: Pick<Alert, 'cluster' | 'name' | 'labels'>, profile: NameProfile): string {
  const subject = subjectOf(alert, profile);
  const key = correlationKey(alert.cluster, namespaceOf(alert.labels), subject);
  const scope = scopeOf(alert.labels, subject.kind === 'alert' || subject.kind === 'rule');
  return `${scope ? `${key}/${encodeURIComponent(cleanText(scope, 60))}` : key}${isDrill(alert.labels) ? '/drill' : ''}`;
}

/**
 * What keeps the same names of two senders apart: the tenant of a Mimir, the folder of a Grafana (a rule's title is
 * unique only within one) when the rule is all that is known. Empty for others.
 */
export function scopeOf(labels: Labels, isRule: boolean): string {
  return [truth(labels).tenant, isRule ? labels.grafana_folder : null].filter((part) => part).join('/');
}

/** An exercise says so in a label: `drill="true"`. */
export function isDrill(labels: Labels): boolean {
  return ['true', 'yes', '1'].includes(labels.drill?.toLowerCase() ?? '');
}

function functionOf(alertName: string, labels: Labels, profile: NameProfile): Subject | null {
  const own = plainName(profile.buildFunctionLabel);
  const isKnatives = /knative/i.test(alertName);
  const direct =
    named(labels, ['function', own, `label_${own}`]) ?? (isKnatives ? named(labels, ['service_name']) : null);
  if (direct) return { kind: 'function', name: direct };
  const { revision } = labels;
  const service = revision ? (REVISION.exec(revision)?.groups?.service ?? null) : null;
  const owner = service ?? ownerOfPod(labels.pod, profile) ?? buildOf(labels.job_name, profile);
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

function firstOf(labels: Labels, kinds: readonly (SubjectKind & Noun)[]): Subject | null {
  for (const kind of kinds) {
    const name = named(labels, [kind]);
    if (name) return { kind, name };
  }
  return null;
}

function jobOf(labels: Labels, profile: NameProfile): Subject | null {
  const direct = named(labels, ['job_name']);
  const pod = labels.pod ?? '';
  const ofPod = pod.length <= MAX_NAME ? JOB_POD.exec(pod)?.groups?.job : undefined;
  const isBuild = (job: string) => job.length <= MAX_NAME && patternOf(profile).test(job);
  const job = direct ?? (ofPod && isBuild(ofPod) ? ofPod : null);
  if (!job) return null;
  const plain = job.replace(JOB_SUFFIX, '');
  return { kind: 'job', name: isBuild(job) && plain === job ? job.replace(BUILD_HASH_SUFFIX, '') : plain };
}

function podOf(labels: Labels): Subject | null {
  const pod = named(labels, ['pod']);
  const deployment = pod ? DEPLOYMENT_POD.exec(pod)?.groups?.deployment : undefined;
  if (deployment) return { kind: 'deployment', name: deployment };
  return pod ? { kind: 'pod', name: pod } : null;
}

/** What an alert that names no object was measured at. kube-state-metrics' own address and job say nothing. */
export function measuredAt(labels: Labels): Subject | null {
  const rule = grafanaRule(labels);
  // Grafana's own alerts are about the rule they come from, whatever labels that rule has.
  if (rule) return { kind: 'rule', name: cleanText(rule, MAX_NAME) };
  if (isOfStateMetrics(labels)) return null;
  const { instance, job } = scrapedAt(labels);
  if (instance) return { kind: 'instance', name: cleanText(instance, MAX_NAME) };
  return job ? { kind: 'scrape-job', name: cleanText(job, MAX_NAME) } : null;
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

const MAX_TITLE = 150;

/** A title in one line, as long as people read. */
export function titleOf(text: string): string {
  return cleanText(text.replace(/\s+/g, ' ').trim(), MAX_TITLE);
}
