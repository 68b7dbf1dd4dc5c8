import type { KubeObject } from '../apiClient.ts';
import type { Place } from '../place.ts';
import {
  create,
  createNamespace,
  deployment,
  happen,
  podsOf,
  say,
  setPod,
  terminated,
  type WorkloadDraft,
  waiting,
} from '../player.ts';
import type { ContainerDraft } from '../podStatus.ts';

/** What is true of a recorded case by its story: the cause that was made, whatever the product calls it. */
export interface Truth {
  readonly verdict: 'cause' | 'healthy';
  /** `Kind/name`: right where the finding is about one of them or about what it owns. */
  readonly about?: readonly string[];
  /** The detail that tells the cause from its sisters. */
  readonly says?: readonly RegExp[];
}

/** A case that `record.ts` plays on a real control plane and keeps as a snapshot. */
export interface Recorded {
  /** Also its namespace and the name of its file. */
  readonly name: string;
  happens(place: Place): Promise<void>;
  /** What goes on when some minutes are over, right before it is recorded. */
  readonly later?: (place: Place) => Promise<void>;
  /** Labels of the alert; `pod: '@'` is the first pod that is not ready. Without one a person asks about the namespace. */
  readonly alert?: Readonly<Record<string, string>>;
  readonly truth: Truth;
}

export const CRASHES = { alertname: 'KubePodCrashLooping', pod: '@', container: 'main' };
export const NOT_READY = { alertname: 'KubePodNotReady', pod: '@' };
export const mismatch = (name: string) => ({ alertname: 'KubeDeploymentReplicasMismatch', deployment: name });
/** Longer ago than anything may be starting. */
export const LONG_AGO = 15 * 60_000;

/** A Deployment whose pods are on nodes. */
export async function workload(place: Place, draft: WorkloadDraft): Promise<KubeObject> {
  await createNamespace(place, draft.namespace);
  return inNamespace(place, draft);
}

export async function inNamespace(place: Place, draft: WorkloadDraft): Promise<KubeObject> {
  await create(place, deployment(draft));
  const [pod] = await podsOf(place, draft);
  if (!pod) throw new Error(`${draft.name} has no pod`);
  return pod;
}

export async function runs(place: Place, draft: WorkloadDraft): Promise<readonly KubeObject[]> {
  await create(place, deployment(draft));
  const pods = await podsOf(place, draft);
  for (const pod of pods) await setPod(place, pod, { startedAt: Date.now() - LONG_AGO });
  return pods;
}

/** A container that ends again and again as a kubelet reports it, with the lines it ends with. */
export async function crashes(
  place: Place,
  pod: KubeObject,
  lines: readonly string[],
  { exit = 1, reason = 'Error', container = 'main', ran = 5, init = false } = {},
): Promise<void> {
  const { name, namespace, uid } = pod.metadata;
  await say(place, pod, lines, { container });
  await say(place, pod, lines, { container, previous: true, ago: 60 });
  const told = `back-off 5m0s restarting failed container=${container} pod=${name}_${namespace}(${uid})`;
  const state: ContainerDraft = {
    ready: false,
    restartCount: 7,
    state: waiting('CrashLoopBackOff', told),
    lastState: terminated(exit, reason, { ran, ago: 60 }),
  };
  const waits = { ready: false, state: waiting('PodInitializing') };
  await setPod(place, pod, {
    startedAt: Date.now() - LONG_AGO,
    ...(init
      ? { phase: 'Pending', initContainers: { [container]: state }, containers: { main: waits } }
      : { containers: { [container]: state } }),
  });
  const message = `Back-off restarting failed container ${container} in pod ${name}_${namespace}(${uid})`;
  await happen(place, pod, { reason: 'BackOff', message, count: 30, firstAgo: 800 });
}

/** A container that does not come to start. */
export async function waits(
  place: Place,
  pod: KubeObject,
  reason: string,
  message: string,
  told: readonly { readonly reason: string; readonly message: string }[] = [],
): Promise<void> {
  const state = { ready: false, state: waiting(reason, message) };
  await setPod(place, pod, { phase: 'Pending', startedAt: Date.now() - LONG_AGO, containers: { main: state } });
  for (const one of told) await happen(place, pod, { ...one, count: 12, firstAgo: 800 });
}

/** Crashes whose cause stands in the last lines. */
export function crash(name: string, lines: readonly string[], says: readonly RegExp[], exit = 1): Recorded {
  return {
    name,
    async happens(place) {
      await crashes(place, await workload(place, { namespace: name, name: 'orders' }), lines, { exit });
    },
    alert: CRASHES,
    truth: { verdict: 'cause', about: ['Deployment/orders'], says },
  };
}

export const sick = (about: readonly string[], ...says: readonly RegExp[]): Truth => ({
  verdict: 'cause',
  about,
  says,
});
export const WELL: Truth = { verdict: 'healthy' };
