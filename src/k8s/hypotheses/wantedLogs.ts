import type { Pod } from '../objects.ts';
import { deploymentOfPod, type Facts, functionOfPod, jobOfPod, namesOfPod, timeOf } from './facts.ts';
import { failedBuilds } from './failedBuilds.ts';
import { unhealthy } from './followUp.ts';

export interface WantedLog {
  readonly pod: Pod;
  readonly container: string;
  readonly previous: boolean;
}

/** RULES "First look": five pods, unhealthy first. */
export const MAX_PODS = 5;

/** Which logs decide most: five pods at the most, what the alert names and what ended badly first, each kind once before any twice. */
export function wantedLogs(facts: Facts): readonly WantedLog[] {
  const { target, profile } = facts;
  const seen = new Set<string>();
  const wanted: WantedLog[] = [];
  const add = (pods: readonly Pod[]) => {
    for (const pod of pods) {
      const key = `${pod.metadata.namespace}/${pod.metadata.name}`;
      if (wanted.length >= MAX_PODS || seen.has(key) || !hasLog(pod)) continue;
      seen.add(key);
      wanted.push(logOf(pod));
    }
  };
  const named = facts.pods.filter((pod) => namesOfPod(pod, profile).some((name) => target.names.has(name)));
  add(newestFirst(named.filter(unhealthy).filter((pod) => !isToldByStatus(pod))).slice(0, 3));
  add(spread(facts));
  if (target.topics.has('control') || target.topics.has('api')) add(controlPods(facts).slice(0, 2));
  add(facts.pods.filter((pod) => unhealthy(pod) && jobOfPod(pod) === null && !isToldByStatus(pod)).slice(0, 3));
  const serving = named.filter((pod) => functionOfPod(pod, profile) !== null && jobOfPod(pod) === null);
  add(newestFirst(serving).slice(0, 3));
  if (target.topics.has('eventing')) add(newestFirst(subscribers(facts)));
  add(newestFirst(named));
  if (target.topics.has('builds')) add(controlPods(facts).slice(0, 1));
  return wanted;
}

/** Failed builds whose status does not tell why: one of each function first, so that different causes are seen. */
function spread(facts: Facts): readonly Pod[] {
  if (!facts.target.topics.has('builds') && facts.target.names.size > 0) return [];
  const open = failedBuilds(facts).filter(({ cause }) => cause === null);
  const groups = [...Map.groupBy(open, ({ name }) => name).values()];
  const order = [0, 1].flatMap((round) => groups.flatMap((group) => group[round]?.pods[0] ?? []));
  const running = facts.jobs
    .filter(
      (job) => (job.status.active ?? 0) > 0 && facts.now - (timeOf(job.status.startTime) ?? facts.now) > 10 * 60_000,
    )
    .flatMap((job) => facts.pods.filter((pod) => jobOfPod(pod) === job.metadata.name).slice(0, 1));
  return [...order, ...running];
}

function controlPods({ pods, profile }: Facts): readonly Pod[] {
  return pods.filter((pod) => deploymentOfPod(pod) === profile.controlDeployment);
}

function subscribers({ pods, triggers, profile }: Facts): readonly Pod[] {
  const names = new Set(triggers.flatMap(({ spec }) => spec.subscriber?.ref?.name ?? []));
  return pods.filter(
    (pod) =>
      jobOfPod(pod) === null &&
      (names.size === 0
        ? pod.metadata.labels?.['serving.knative.dev/service'] !== undefined
        : names.has(functionOfPod(pod, profile) ?? '')),
  );
}

/** What an OOM kill, an eviction or a pull error leaves to say is in the status; a log adds nothing that decides. */
function isToldByStatus(pod: Pod): boolean {
  const statuses = [...(pod.status.initContainerStatuses ?? []), ...(pod.status.containerStatuses ?? [])];
  const ends = statuses.flatMap(({ state, lastState }) => state?.terminated ?? lastState?.terminated ?? []);
  const isBuild = jobOfPod(pod) !== null;
  return pod.status.reason === 'Evicted' || (!isBuild && ends.some(({ reason }) => reason === 'OOMKilled'));
}

function hasLog(pod: Pod): boolean {
  if (pod.status.reason === 'Evicted') return false;
  const statuses = [...(pod.status.initContainerStatuses ?? []), ...(pod.status.containerStatuses ?? [])];
  return statuses.some(
    ({ state, lastState }) =>
      state?.running !== undefined || state?.terminated !== undefined || lastState?.terminated !== undefined,
  );
}

/** The container that failed and its dead instance; else the one that does the work. */
function logOf(pod: Pod): WantedLog {
  const statuses = [...(pod.status.initContainerStatuses ?? []), ...(pod.status.containerStatuses ?? [])];
  const crashed = statuses.find(
    ({ state, lastState }) => state?.waiting !== undefined && lastState?.terminated !== undefined,
  );
  if (crashed) return { pod, container: crashed.name, previous: true };
  const failed = statuses.find(({ state }) => (state?.terminated?.exitCode ?? 0) !== 0);
  const marked = pod.metadata.annotations?.['kubectl.kubernetes.io/default-container'];
  const names = pod.spec.containers.map(({ name }) => name);
  const usual = ['user-container', 'kaniko', marked].find((name) => name && names.includes(name));
  return { pod, container: failed?.name ?? usual ?? names[0] ?? statuses[0]?.name ?? '', previous: false };
}

function newestFirst(pods: readonly Pod[]): readonly Pod[] {
  return pods.toSorted(
    (a, b) => (timeOf(b.metadata.creationTimestamp) ?? 0) - (timeOf(a.metadata.creationTimestamp) ?? 0),
  );
}
