import type { NameProfile } from '../../alerts/profile.ts';
import type { Claim, Conditioned, Endpoints, Event, Job, Node, Pod, Quota, Trigger, Workload } from '../objects.ts';
import type { Target } from './target.ts';

/** The log of one container instance, as far as it was read. */
export interface LogExcerpt {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** Of the instance before the restart. */
  readonly previous: boolean;
  readonly lines: readonly LogLine[];
  /** Why there is none, as the server said it; null when it was read. */
  readonly missing: string | null;
}

export interface LogLine {
  /** Epoch ms as the kubelet stamped it; null without a stamp. */
  readonly at: number | null;
  readonly text: string;
}

/** What a hypothesis may know: everything that was read, and what was not. Nothing here is redacted yet. */
export interface Facts {
  readonly target: Target;
  readonly profile: NameProfile;
  readonly now: number;
  readonly pods: readonly Pod[];
  readonly jobs: readonly Job[];
  /** Warnings, and what happened to Knative's objects and nodes, within the window. */
  readonly events: readonly Event[];
  readonly nodes: readonly Node[];
  readonly deployments: readonly Workload[];
  readonly replicaSets: readonly Workload[];
  readonly claims: readonly Claim[];
  readonly quotas: readonly Quota[];
  readonly endpoints: readonly Endpoints[];
  readonly services: readonly Conditioned[];
  readonly revisions: readonly Conditioned[];
  readonly functions: readonly Conditioned[];
  readonly triggers: readonly Trigger[];
  readonly brokers: readonly Conditioned[];
  readonly platform: readonly Conditioned[];
  readonly certificates: readonly Conditioned[];
  readonly logs: readonly LogExcerpt[];
  /** `pods minio`, `nodes`: what was read completely enough to rule something out. */
  readonly read: ReadonlySet<string>;
  /** Lists of which only the first part was read: their real length by the same key. */
  readonly totals: ReadonlyMap<string, number>;
  /** How the API server answered us. */
  readonly api: { readonly p95Ms: number | null; readonly timeouts: readonly string[] };
}

/** The log of a pod's container(s), newest instance last. */
export function logsOf(facts: Facts, pod: Pod): readonly LogExcerpt[] {
  return facts.logs.filter(
    (one) => one.pod === pod.metadata.name && one.namespace === (pod.metadata.namespace ?? one.namespace),
  );
}

/** Was any list of this kind read (`pods`), or this kind in this namespace (`pods minio`)? */
export function wasRead(facts: Facts, kind: string, namespace: string | null = null): boolean {
  if (namespace !== null) return facts.read.has(`${kind} ${namespace}`);
  return [...facts.read].some((key) => key === kind || key.startsWith(`${kind} `));
}

/** The Job a pod belongs to, by owner and by label. */
export function jobOfPod(pod: Pod): string | null {
  const labels = pod.metadata.labels ?? {};
  return (
    pod.metadata.ownerReferences?.find(({ kind }) => kind === 'Job')?.name ??
    labels['batch.kubernetes.io/job-name'] ??
    labels['job-name'] ??
    null
  );
}

/** The function a pod serves or builds; null when it is none of a function. */
export function functionOfPod(pod: Pod, profile: NameProfile): string | null {
  const labels = pod.metadata.labels ?? {};
  const serving = labels['serving.knative.dev/service'] ?? labels['serving.knative.dev/configuration'];
  if (serving) return serving;
  const job = jobOfPod(pod);
  return job === null ? null : (labels[profile.buildFunctionLabel] ?? functionOfJobName(job, profile));
}

export function functionOfJobName(job: string, profile: NameProfile): string | null {
  return job.length > 253 ? null : (new RegExp(profile.buildJobPattern).exec(job)?.groups?.function ?? null);
}

export function functionOfJob(job: Job, profile: NameProfile): string | null {
  return job.metadata.labels?.[profile.buildFunctionLabel] ?? functionOfJobName(job.metadata.name, profile);
}

/** Whether a Job builds a function: by name, label, or its container. */
export function isBuild(
  job: { readonly metadata: Job['metadata']; readonly spec?: Job['spec'] },
  profile: NameProfile,
): boolean {
  const { name, labels } = job.metadata;
  if (labels?.[profile.buildFunctionLabel] && /build/i.test(`${name} ${Object.keys(labels).join(' ')}`)) return true;
  if (name.length <= 253 && new RegExp(profile.buildJobPattern).test(name)) return true;
  return job.spec?.template?.spec.containers?.some((one) => /kaniko|buildkit|buildah/i.test(one.image ?? '')) ?? false;
}

/** Names by which an object is found again in alerts and in other objects. */
export function namesOfPod(pod: Pod, profile: NameProfile): readonly string[] {
  const labels = pod.metadata.labels ?? {};
  const owners = (pod.metadata.ownerReferences ?? []).flatMap(({ kind, name }) =>
    kind === 'ReplicaSet' ? [name, name.replace(/-[a-z0-9]{6,10}$/, '')] : [name],
  );
  return [
    pod.metadata.name,
    ...owners,
    jobOfPod(pod),
    // A build's pod is the build's, not the function's that serves meanwhile.
    jobOfPod(pod) === null ? functionOfPod(pod, profile) : null,
    labels['serving.knative.dev/revision'],
    deploymentOfPod(pod),
  ].filter((name) => name !== null && name !== undefined);
}

const SAFE = '[bcdfghjklmnpqrstvwxz2456789]';
const DEPLOYMENT_POD = new RegExp(`^(?<deployment>.+)-(?:${SAFE}{7,10}|[0-9a-f]{8,10})-[a-z0-9]{5}$`);

/** The Deployment of a pod, by its ReplicaSet or the shape of its name. */
export function deploymentOfPod(pod: Pod): string | null {
  const owner = pod.metadata.ownerReferences?.find(({ kind }) => kind === 'ReplicaSet')?.name;
  if (owner) return owner.replace(/-[a-z0-9]{6,10}$/, '');
  if ((pod.metadata.ownerReferences ?? []).length > 0) return null;
  return pod.metadata.name.length > 253 ? null : (DEPLOYMENT_POD.exec(pod.metadata.name)?.groups?.deployment ?? null);
}

/** Epoch ms of a Kubernetes time; null when there is none. */
export function timeOf(text: string | null | undefined): number | null {
  const at = text ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? null : at;
}

/** `4 min before the alert`, `2 min after it`: a moment told by the alert's start. */
export function besideAlert(at: number, target: Target): string {
  const minutes = Math.round(Math.abs(at - target.startsAt) / 60_000);
  if (minutes === 0) return 'as the alert began';
  return at < target.startsAt ? `${minutes} min before the alert` : `${minutes} min after the alert began`;
}

/** When a pod's conditions or containers last changed, epoch ms; 0 when nothing tells. */
export function lastTransition(pod: Pod): number {
  const conditions = (pod.status.conditions ?? []).map((one) => timeOf(one.lastTransitionTime) ?? 0);
  const ended = (pod.status.containerStatuses ?? []).map((one) => timeOf(one.state?.terminated?.finishedAt) ?? 0);
  // A pod that is over has ended when its containers did; what its conditions did later is bookkeeping.
  if (ended.some((one) => one > 0) && (pod.status.phase === 'Failed' || pod.status.phase === 'Succeeded'))
    return Math.max(...ended);
  return Math.max(0, timeOf(pod.status.startTime) ?? 0, ...conditions, ...ended);
}
