import { type KubeObject, MERGE } from './apiClient.ts';
import { pathOf } from './botAccount.ts';
import { BY_HAND } from './kubelet.ts';
import type { Place } from './place.ts';
import { now, type PodStatusDraft, podStatus } from './podStatus.ts';

/** What kubelets and controllers write, told by a test: objects, statuses, events, log lines. */

export async function create(place: Pick<Place, 'api'>, object: KubeObject): Promise<KubeObject> {
  return place.api.json('POST', await pathOf(place.api, object), object);
}

/** Empty: one that an earlier run left on a cluster brought up by hand goes first. */
export async function createNamespace(place: Pick<Place, 'api'>, name: string): Promise<void> {
  const path = `/api/v1/namespaces/${name}`;
  if ((await place.api.call('DELETE', path)).status !== 404)
    await eventually(
      `the old namespace ${name} to be gone`,
      async () => (await place.api.call('GET', path)).status === 404,
      120,
    );
  await create(place, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  // Its controller makes the account without which no pod can be created.
  const account = `/api/v1/namespaces/${name}/serviceaccounts/default`;
  await eventually(
    `the default ServiceAccount of ${name}`,
    async () => (await place.api.call('GET', account)).status === 200,
  );
}

export interface WorkloadDraft {
  readonly namespace: string;
  readonly name: string;
  readonly image?: string;
  readonly replicas?: number;
  /** Merged into the container `main`. */
  readonly container?: Readonly<Record<string, unknown>>;
  /** Merged into the pod's spec. */
  readonly pod?: Readonly<Record<string, unknown>>;
  readonly node?: string;
}

/** The template of pods whose statuses the test writes. */
export function podTemplate({ name, image = `registry.example/${name}:1.0`, container, pod, node }: WorkloadDraft) {
  return {
    metadata: { labels: { app: name, [BY_HAND]: '' } },
    spec: {
      ...(node ? { nodeSelector: { 'kubernetes.io/hostname': node } } : {}),
      containers: [{ name: 'main', image, ...container }],
      ...pod,
    },
  };
}

export function deployment(draft: WorkloadDraft): KubeObject {
  const { namespace, name, replicas = 1 } = draft;
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, labels: { app: name } },
    spec: { replicas, selector: { matchLabels: { app: name } }, template: podTemplate(draft) },
  };
}

export function job(draft: WorkloadDraft & { readonly spec?: Readonly<Record<string, unknown>> }): KubeObject {
  const { namespace, name } = draft;
  const template = podTemplate({ ...draft, pod: { restartPolicy: 'Never', ...draft.pod } });
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace, labels: { app: name } },
    spec: { backoffLimit: 0, template, ...draft.spec },
  };
}

/** The pods of a workload that are bound to a node, once there are so many. */
export async function podsOf(
  place: Place,
  { namespace, name, replicas = 1 }: WorkloadDraft,
): Promise<readonly KubeObject[]> {
  const path = `/api/v1/namespaces/${namespace}/pods?labelSelector=app%3D${name}`;
  let pods: readonly KubeObject[] = [];
  await eventually(`${replicas} scheduled pods of ${namespace}/${name}`, async () => {
    const { items } = await place.api.json<{ items: KubeObject[] }>('GET', path);
    pods = items.filter((pod) => pod.spec.nodeName && !pod.metadata.deletionTimestamp);
    return pods.length >= replicas;
  });
  // The items of a list carry no kind.
  return pods.map((pod) => ({ ...pod, apiVersion: 'v1', kind: 'Pod' }));
}

/** Writes a pod's whole status as its kubelet would. */
export async function setPod(place: Place, pod: KubeObject, draft: PodStatusDraft): Promise<void> {
  const path = `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}/status`;
  await place.api.json('PATCH', path, { status: podStatus(pod, draft) }, MERGE);
}

export interface Happening {
  readonly type?: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  /** `kubelet` when absent. */
  readonly source?: string;
  readonly count?: number;
  /** Seconds ago: the first and the last time. */
  readonly firstAgo?: number;
  readonly lastAgo?: number;
}

let events = 0;

/** An event as client-go's recorder writes it. */
export async function happen(place: Place, about: KubeObject, one: Happening): Promise<KubeObject> {
  const { name, namespace = 'default', uid, resourceVersion } = about.metadata;
  const { source = 'kubelet', count = 1, lastAgo = 0, firstAgo = lastAgo } = one;
  events += 1;
  return create(place, {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${name}.${(Date.now() * 1000 + events).toString(16)}`, namespace },
    involvedObject: { apiVersion: about.apiVersion, kind: about.kind, name, namespace, uid, resourceVersion },
    type: one.type ?? 'Warning',
    reason: one.reason,
    message: one.message,
    source: {
      component: source,
      ...(source === 'kubelet' && about.spec?.nodeName ? { host: about.spec.nodeName } : {}),
    },
    reportingComponent: source,
    reportingInstance: '',
    count,
    firstTimestamp: now(Date.now() - firstAgo * 1000),
    lastTimestamp: now(Date.now() - lastAgo * 1000),
  });
}

/** Lines a second apart, the last one `ago` seconds ago. */
export async function say(
  place: Place,
  pod: KubeObject,
  lines: readonly string[],
  { container = 'main', previous = false, ago = 5 } = {},
): Promise<void> {
  const { name, namespace = '' } = pod.metadata;
  const begin = Date.now() - (ago + lines.length) * 1000;
  const stamped = lines.map((text, index) => ({ at: begin + index * 1000, text }));
  await place.tell({ logs: [{ namespace, pod: name, container, previous, lines: stamped }] });
}

/** A container that ended: `exitCode`, how long it ran and how long ago it ended, in seconds. */
export function terminated(exitCode: number, reason = 'Error', { ran = 5, ago = 20 } = {}) {
  const at = Date.now() - ago * 1000;
  return { terminated: { exitCode, reason, startedAt: now(at - ran * 1000), finishedAt: now(at) } };
}

export function waiting(reason: string, message = '') {
  return { waiting: { reason, ...(message ? { message } : {}) } };
}

/** Looks until it is so. @throws Error with `what` after `seconds` */
export async function eventually(what: string, look: () => Promise<boolean>, seconds = 60): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!(await look())) {
    if (Date.now() > end) throw new Error(`${what}: not within ${seconds} s`);
    await new Promise((wake) => setTimeout(wake, 200));
  }
}
