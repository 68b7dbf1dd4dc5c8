import { APPLY, type KubeObject, MERGE } from './apiClient.ts';
import { BY_HAND } from './kubelet.ts';
import type { Place } from './place.ts';
import { create, createNamespace, eventually, happen, say, setPod, terminated, waiting } from './player.ts';
import { now } from './podStatus.ts';
import { NODES } from './testCluster.ts';

/** A namespace in which almost all is well, and what is ill comes last by name. */
export const CROWD = { namespace: 'crowd', jobs: 5_000, pods: 10_000, events: 20_000, illPods: 3 } as const;
export const ILL_JOB = 'zz-nightly';
const FAKE_NODES = 10;

/** Fills the namespace; some minutes on a busy machine. */
export async function fillCrowd(place: Place): Promise<void> {
  await createNamespace(place, CROWD.namespace);
  for (let index = 0; index < FAKE_NODES; index += 1) await fakeNode(place, `crowd-${index}`);
  await inParallel(CROWD.jobs, (index) => completeJob(place, `build-${number(index)}`));
  await inParallel(CROWD.pods, (index) => runningPod(place, index));
  await inParallel(CROWD.events - 20, (index) => normalEvent(place, index));
  await illOnes(place);
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
async function completeJob(place: Place, name: string): Promise<void> {
  const at = Date.now() - 3_600_000;
  await create(place, jobObject(name));
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

async function runningPod(place: Place, index: number): Promise<void> {
  await create(place, podObject(`app-${number(index)}`, `crowd-${index % FAKE_NODES}`, {}));
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

async function normalEvent(place: Place, index: number): Promise<void> {
  const about = podObject(`app-${number(index % CROWD.pods)}`, '', {});
  const message = 'Container image "registry.example/app:1" already present on machine';
  await happen(place, about, {
    type: 'Normal',
    reason: 'Pulled',
    message,
    firstAgo: 600,
    lastAgo: 600 - (index % 600),
  });
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
  await eventually(
    'the pods of the crowd to run',
    async () => {
      const path = `/api/v1/namespaces/${CROWD.namespace}/pods?fieldSelector=status.phase%3DPending&limit=1`;
      return (await place.api.json<{ items: unknown[] }>('GET', path)).items.length === 0;
    },
    300,
  );
}

const number = (index: number) => String(index).padStart(5, '0');

/** So many at a time: the API server has a limit of its own on requests in flight. */
async function inParallel(count: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const one = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: 48 }, one));
}
