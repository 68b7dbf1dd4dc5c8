import { FIXED_RULES } from '../../incidents/policy.ts';
import { functionOfJob, isBuildPod, jobOfPod } from '../subjects/build.ts';
import { isFailed } from '../subjects/job.ts';
import { knativeServiceOf } from '../subjects/knative.ts';
import { createdAt, keyOf, named } from '../subjects/object.ts';
import { topOwner } from '../subjects/owners.ts';
import {
  type ContainerStatus,
  endedBadly,
  isSick,
  lastEnd,
  type Pod,
  restartsOf,
  statusesOf,
} from '../subjects/pod.ts';
import type { Facts } from './facts.ts';

export interface WantedLog {
  readonly pod: Pod;
  readonly container: string;
  readonly previous: boolean;
}

/** Unhealthy ones first: docs/rules.md#first-look-logs. */
const MAX_PODS = FIXED_RULES.firstLook.pods;

/**
 * Which logs decide most: what the alert names and is sick, other sick pods (one of each workload before two of any), the
 * control plane where it is asked about, then what is named and looks healthy.
 */
export function wantedLogs(facts: Facts): readonly WantedLog[] {
  const { target, now, profile } = facts;
  const pods = facts.all('Pod').filter(hasLog);
  const wanted = new Set(target.objects.map(keyOf));
  const isNamed = (pod: Pod) =>
    wanted.has(keyOf(named('Pod', pod.metadata))) ||
    wanted.has(keyOf(ownerOfPod(pod, facts))) ||
    [...facts.graph.reach(named('Pod', pod.metadata), ['family']).keys()].some((key) => wanted.has(key)) ||
    target.names.has(knativeServiceOf(pod) ?? ' ');
  const sick = pods.filter((pod) => isSick(pod, now) || hasRecentEnd(pod, facts));
  const isControl = (pod: Pod) => ownerOfPod(pod, facts).name === profile.controlDeployment;
  const asksControl = ['control', 'api', 'builds'].some((topic) => target.topics.has(topic as 'control'));
  const chosen: Pod[] = [];
  const add = (some: readonly Pod[], most: number) => {
    const fresh = some.filter((pod) => !chosen.includes(pod));
    chosen.push(...eachOwnerOnce(fresh, facts).slice(0, Math.min(most, MAX_PODS - chosen.length)));
  };
  add(newestFirst(sick.filter(isNamed)), 3);
  if (asksControl) add(newestFirst(pods.filter(isControl)), 1);
  add(newestFirst(sick.filter((pod) => target.namespace === null || pod.metadata.namespace === target.namespace)), 3);
  add(newestFirst(sick), 2);
  // Dead letters point at the subscribers that failed to take the events.
  if (target.topics.has('eventing')) add(newestFirst(pods.filter((pod) => knativeServiceOf(pod) !== null)), 3);
  add(newestFirst(pods.filter(isNamed)), 3);
  add(newestFirst(pods.filter((pod) => isBuildPod(pod, profile) && pod.status.phase === 'Running')), 2);
  add(
    pods.filter((pod) => pod.metadata.namespace === target.namespace).toSorted((a, b) => restartsOf(b) - restartsOf(a)),
    MAX_PODS,
  );
  return chosen.flatMap(logsOf);
}

function ownerOfPod(pod: Pod, facts: Facts) {
  return topOwner(named('Pod', pod.metadata), pod.metadata, facts);
}

/** Different workloads first, and of builds different functions. */
function eachOwnerOnce(pods: readonly Pod[], facts: Facts): readonly Pod[] {
  const groups = Map.groupBy(pods, (pod) => {
    const job = jobOfPod(pod);
    const build =
      job && isBuildPod(pod, facts.profile)
        ? functionOfJob({ metadata: { ...pod.metadata, name: job } }, facts.profile)
        : null;
    return build ?? keyOf(ownerOfPod(pod, facts));
  });
  const rounds = Math.max(0, ...[...groups.values()].map(({ length }) => length));
  return Array.from({ length: rounds }, (_, round) =>
    [...groups.values()].flatMap((group) => group.slice(round, round + 1)),
  ).flat();
}

function hasRecentEnd(pod: Pod, facts: Facts): boolean {
  const job = jobOfPod(pod);
  const owner = job ? facts.get('Job', pod.metadata.namespace, job) : null;
  if (owner && !isFailed(owner)) return false;
  return statusesOf(pod).some((one) => {
    const end = lastEnd(one);
    return endedBadly(end) && (end.finishedAt === undefined || Date.parse(end.finishedAt) >= facts.target.from);
  });
}

function hasLog(pod: Pod): boolean {
  if (pod.status.reason === 'Evicted') return false;
  return statusesOf(pod).some(({ state, lastState }) => state?.running || state?.terminated || lastState?.terminated);
}

/** The instance that ended and the one that runs, of the container that is ill; else of the one that does the work. */
function logsOf(pod: Pod): readonly WantedLog[] {
  const statuses = statusesOf(pod);
  const ill = statuses.filter(
    (one) =>
      endedBadly(lastEnd(one)) ||
      (one.state?.running !== undefined && one.ready === false && one.started !== undefined),
  );
  const chosen = ill.length > 0 ? ill : statuses.filter((one) => one.name === workerOf(pod)).slice(0, 1);
  return chosen.slice(0, 2).flatMap((one) => instancesOf(pod, one));
}

/** A container that waits after a crash has its dead instance as its log; one that runs again has it as the previous one. */
function instancesOf(pod: Pod, { name: container, state, lastState }: ContainerStatus): readonly WantedLog[] {
  const previous = state?.running && lastState?.terminated ? [{ pod, container, previous: true }] : [];
  return [...previous, { pod, container, previous: false }];
}

/** The container that does the work: the marked one, Knative's and Kaniko's by their names, else the first. */
function workerOf(pod: Pod): string {
  const names = pod.spec.containers.map(({ name }) => name);
  const marked = pod.metadata.annotations?.['kubectl.kubernetes.io/default-container'];
  return ['user-container', 'kaniko', marked].find((name) => name && names.includes(name)) ?? names[0] ?? '';
}

function newestFirst(pods: readonly Pod[]): readonly Pod[] {
  return pods.toSorted((a, b) => (createdAt(b) ?? 0) - (createdAt(a) ?? 0));
}
