import { APPLY, type KubeObject, MERGE } from './apiClient.ts';
import { copyInEtcd, emptyInEtcd, type Original } from './etcdCopies.ts';
import { BY_HAND } from './kubelet.ts';
import type { Place } from './place.ts';
import { create, createNamespace, eventually, happen, say, setPod, terminated, waiting } from './player.ts';
import { now } from './podStatus.ts';
import { NODES, type TestCluster } from './testCluster.ts';

/** A namespace in which almost all is well, and what is ill comes last by name. */
export const CROWD = { namespace: 'crowd', jobs: 5_000, pods: 10_000, events: 20_000, illPods: 3 } as const;
export const ILL_JOB = 'zz-nightly';
const FAKE_NODES = 10;

/**
 * Fills the namespace: one of each kind through the API server and its controllers, the others as copies of it in etcd.
 * @returns what takes it away again
 */
export async function fillCrowd(place: Place & { readonly cluster: TestCluster }): Promise<() => Promise<void>> {
  const { etcd } = place.cluster;
  await createNamespace(place, CROWD.namespace);
  const first = await completeJob(place, JOB_NAME(0));
  const jobs = names(JOB_NAME, CROWD.jobs).slice(1);
  await copyInEtcd(etcd, [original('jobs', first)], first.metadata.name, jobs);
  const nodes = Array.from({ length: FAKE_NODES }, (_, index) => `crowd-${index}`);
  for (const node of nodes) await fakeNode(place, node);
  const beats = setInterval(() => {
    for (const node of nodes) void beat(place, node).catch(() => {});
  }, 5_000).unref();
  const pods = names(POD_NAME, CROWD.pods);
  // The first pod of each node is the original of the others there.
  for (const [index, node] of nodes.entries()) {
    const pod = await runningPod(place, POD_NAME(index), node);
    const happened = [await pulled(place, pod, 600 - index), await pulled(place, pod, 300 - index)];
    const events = happened.map((one) => original('events', one, pod));
    const there = pods.filter((_, at) => at >= FAKE_NODES && at % FAKE_NODES === index);
    await copyInEtcd(etcd, [original('pods', pod), ...events], pod.metadata.name, there);
  }
  await illOnes(place);
  await eventually('the API server to know all pods', async () => (await countOf(place, 'pods')) >= CROWD.pods, 120);
  return async () => {
    clearInterval(beats);
    for (const resource of ['pods', 'jobs', 'events']) await emptyInEtcd(etcd, resource, CROWD.namespace);
    for (const node of nodes) await place.api.call('DELETE', `/api/v1/nodes/${node}`);
    await place.api.call('DELETE', `/api/v1/namespaces/${CROWD.namespace}`);
  };
}

/**
 * On a busy machine KWOK comes too late with its Leases, and the pods of a node that is not heard of for 40 s get Warnings that
 * are not meant: we speak for its nodes as well.
 */
async function beat(place: Place, node: string): Promise<void> {
  const path = `/api/v1/nodes/${node}`;
  const { status } = await place.api.json<KubeObject>('GET', path);
  const conditions = (status?.conditions ?? []).map((one: object) => ({ ...one, lastHeartbeatTime: now() }));
  await place.api.json('PATCH', `${path}/status`, { status: { conditions } }, MERGE);
}

const number = (index: number) => String(index).padStart(5, '0');
const JOB_NAME = (index: number) => `build-${number(index)}`;
const POD_NAME = (index: number) => `app-${number(index)}`;
const names = (name: (index: number) => string, count: number) => Array.from({ length: count }, (_, at) => name(at));

/** An object as it lies in etcd, and the others that it names. */
function original(resource: string, one: KubeObject, ...named: readonly KubeObject[]): Original {
  const uids = [one, ...named].map(({ metadata }) => metadata.uid ?? '');
  return { key: `/registry/${resource}/${CROWD.namespace}/${one.metadata.name}`, uids };
}

async function countOf(place: Place, resource: string): Promise<number> {
  const path = `/api/v1/namespaces/${CROWD.namespace}/${resource}?limit=1`;
  const { items, metadata } = await place.api.json<{ items: unknown[]; metadata: { remainingItemCount?: number } }>(
    'GET',
    path,
  );
  return items.length + (metadata.remainingItemCount ?? 0);
}

/** KWOK plays it: its Lease, its status and its pods. */
async function fakeNode(place: Place, name: string): Promise<void> {
  await place.api.json(
    'PATCH',
    `/api/v1/nodes/${name}?fieldManager=test`,
    {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name, annotations: { 'kwok.x-k8s.io/node': 'fake' }, labels: { 'kubernetes.io/hostname': name } },
      spec: { taints: [{ key: 'crowd', effect: 'NoSchedule' }] },
    },
    APPLY,
  );
}

/** Managed by us, so that the Job controller leaves its status as we write it. */
async function completeJob(place: Place, name: string): Promise<KubeObject> {
  const at = Date.now() - 3_600_000;
  const made = await create(place, jobObject(name));
  const condition = (type: string) => ({
    type,
    status: 'True',
    reason: 'CompletionsReached',
    message: 'Reached expected number of succeeded pods',
    lastProbeTime: now(at),
    lastTransitionTime: now(at),
  });
  await jobStatus(place, name, {
    startTime: now(at - 60_000),
    completionTime: now(at),
    succeeded: 1,
    ready: 0,
    terminating: 0,
    conditions: [condition('SuccessCriteriaMet'), condition('Complete')],
  });
  return made;
}

function jobObject(name: string): KubeObject {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace: CROWD.namespace },
    spec: {
      managedBy: 'test.lambda-responder/player',
      template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'registry.example/build:1' }] } },
    },
  };
}

async function jobStatus(place: Place, name: string, status: Readonly<Record<string, unknown>>): Promise<void> {
  await place.api.json('PATCH', `/apis/batch/v1/namespaces/${CROWD.namespace}/jobs/${name}/status`, { status }, MERGE);
}

async function runningPod(place: Place, name: string, node: string): Promise<KubeObject> {
  const pod = await create(place, podObject(name, node, {}));
  const path = `/api/v1/namespaces/${CROWD.namespace}/pods/${name}`;
  await eventually(
    `${name} to run`,
    async () => (await place.api.json<KubeObject>('GET', path)).status?.phase === 'Running',
  );
  return pod;
}

function podObject(name: string, node: string, labels: Readonly<Record<string, string>>): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: CROWD.namespace, labels: { app: name, ...labels } },
    spec: {
      nodeName: node,
      tolerations: [{ operator: 'Exists' }],
      containers: [{ name: 'main', image: 'registry.example/app:1' }],
    },
  };
}

function pulled(place: Place, about: KubeObject, lastAgo: number): Promise<KubeObject> {
  const message = 'Container image "registry.example/app:1" already present on machine';
  return happen(place, about, { type: 'Normal', reason: 'Pulled', message, firstAgo: 600, lastAgo });
}

/** Three pods that crash, one Job that failed, and the twenty Warnings that say so. */
async function illOnes(place: Place): Promise<void> {
  for (let index = 0; index < CROWD.illPods; index += 1) {
    const pod = await create(place, podObject(`zz-ill-${index}`, NODES[0] ?? '', { [BY_HAND]: '' }));
    await say(place, pod, ['starting', 'panic: cannot open /data/ledger.db: no space left on device'], {
      previous: true,
    });
    await say(place, pod, ['starting', 'panic: cannot open /data/ledger.db: no space left on device']);
    const state = waiting(
      'CrashLoopBackOff',
      `back-off 5m0s restarting failed container=main pod=${pod.metadata.name}_crowd(${pod.metadata.uid})`,
    );
    await setPod(place, pod, {
      startedAt: Date.now() - 900_000,
      containers: { main: { restartCount: 8, state, lastState: terminated(2) } },
    });
    for (let time = 0; time < 6; time += 1)
      await happen(place, pod, {
        reason: 'BackOff',
        message: 'Back-off restarting failed container main',
        count: 10,
        firstAgo: 800,
        lastAgo: time * 20,
      });
  }
  const job = await create(place, jobObject(ILL_JOB));
  const at = Date.now() - 300_000;
  const condition = (type: string) => ({
    type,
    status: 'True',
    reason: 'BackoffLimitExceeded',
    message: 'Job has reached the specified backoff limit',
    lastProbeTime: now(at),
    lastTransitionTime: now(at),
  });
  await jobStatus(place, ILL_JOB, {
    startTime: now(at - 60_000),
    failed: 7,
    ready: 0,
    terminating: 0,
    conditions: [condition('FailureTarget'), condition('Failed')],
  });
  for (let time = 0; time < 2; time += 1)
    await happen(place, job, {
      reason: 'BackoffLimitExceeded',
      message: 'Job has reached the specified backoff limit',
      source: 'job-controller',
      lastAgo: 300,
    });
}
