import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { backOffOf } from '../../../simulator/cluster/controllers/restarts.ts';
import { installPlatform } from '../../../simulator/cluster/healthyPlatform.ts';
import { type Cluster, startCluster } from '../../../simulator/cluster/start.ts';
import { type Answered, callerOf, rowsOf, TABLE } from './caller.ts';
import { jobObject, podObject, ready } from './objects.ts';

let now = 0;
let cluster: Cluster;
let call: (path: string, init?: RequestInit & { accept?: string }) => Promise<Answered>;

beforeEach(async () => {
  now = Date.parse('2026-03-01T12:00:00Z');
  cluster = await startCluster({ clock: () => now });
  call = callerOf(cluster);
});
afterEach(() => cluster.close());

function pass(seconds: number): void {
  for (let passed = 0; passed < seconds; passed++) {
    now += 1000;
    cluster.step();
  }
}

const table = async (path: string) => rowsOf(await call(path, { accept: TABLE }));
const del = (path: string) => call(path, { method: 'DELETE' });

test('a deleted pod comes back under another name, through Pending and ContainerCreating', async () => {
  installPlatform(cluster.world, { profile: 'builder', now });
  const [before] = await table('/api/v1/namespaces/minio/pods');
  await del(`/api/v1/namespaces/minio/pods/${before?.Name}`);
  expect(await table('/api/v1/namespaces/minio/pods')).toMatchObject([{ Name: before?.Name, Status: 'Terminating' }]);
  const seen = new Set<unknown>();
  for (let second = 0; second < 8; second++) {
    pass(1);
    for (const pod of await table('/api/v1/namespaces/minio/pods')) seen.add(pod.Status);
  }
  expect([...seen]).toEqual(['Terminating', 'Pending', 'ContainerCreating', 'Running']);
  const [after] = await table('/api/v1/namespaces/minio/pods');
  expect(after?.Name).not.toBe(before?.Name);
  expect(await table('/apis/apps/v1/namespaces/minio/deployments')).toMatchObject([{ Ready: '1/1', Available: 1 }]);
});

test('a pod the scenario removes stays away', () => {
  installPlatform(cluster.world, { profile: 'builder', now });
  for (const { metadata } of cluster.world.list({ apiVersion: 'v1', kind: 'Pod' }, 'minio'))
    cluster.world.remove({ apiVersion: 'v1', kind: 'Pod', namespace: 'minio', name: metadata.name });
  pass(10);
  expect(cluster.world.list({ apiVersion: 'v1', kind: 'Pod' }, 'minio')).toEqual([]);
});

test('the successor of a crashing pod crashes too', async () => {
  installPlatform(cluster.world, { profile: 'builder', now });
  const [pod] = cluster.world.list({ apiVersion: 'v1', kind: 'Pod' }, 'minio');
  const crashed = {
    ...ready('minio'),
    ready: false,
    restartCount: 5,
    state: { waiting: { reason: 'CrashLoopBackOff' } },
    lastState: { terminated: { exitCode: 1, finishedAt: new Date(now).toISOString() } },
  };
  const name = pod?.metadata.name ?? '';
  cluster.world.patchStatus(
    { apiVersion: 'v1', kind: 'Pod', namespace: 'minio', name },
    { containerStatuses: [crashed] },
  );
  await del(`/api/v1/namespaces/minio/pods/${name}`);
  pass(6);
  expect(await table('/api/v1/namespaces/minio/pods')).toMatchObject([{ Status: 'CrashLoopBackOff' }]);
});

test('a restart rolls out new pods before the old ones go, and an undo goes back to the old ReplicaSet', async () => {
  installPlatform(cluster.world, { profile: 'builder', now });
  const path = '/apis/apps/v1/namespaces/knative-lambda/deployments/knative-lambda-builder';
  const selector = '?labelSelector=app%3Dknative-lambda-builder';
  const pods = () => table(`/api/v1/namespaces/knative-lambda/pods${selector}`);
  const before = (await pods()).map((pod) => pod.Name);
  const { body } = await call(path);
  const patch = (template: unknown) =>
    call(path, {
      method: 'PATCH',
      headers: { 'content-type': 'application/strategic-merge-patch+json' },
      body: JSON.stringify({ spec: { template } }),
    });
  await patch({ metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': '2026-03-01T12:00:00Z' } } });
  pass(1);
  expect(await pods()).toHaveLength(4);
  pass(8);
  const after = await pods();
  expect(after).toHaveLength(2);
  expect(after.every((pod) => pod.Status === 'Running' && !before.includes(pod.Name))).toBe(true);
  expect(await table(`/apis/apps/v1/namespaces/knative-lambda/deployments${selector}`)).toMatchObject([
    { Ready: '2/2', 'Up-to-date': 2 },
  ]);
  await patch({ metadata: { annotations: null }, ...body.spec.template });
  pass(10);
  const sets = await table(`/apis/apps/v1/namespaces/knative-lambda/replicasets${selector}`);
  expect(sets.map((set) => set.Desired).sort()).toEqual([0, 2]);
  expect(await table(`/apis/apps/v1/namespaces/knative-lambda/deployments${selector}`)).toMatchObject([
    { Ready: '2/2', 'Up-to-date': 2 },
  ]);
});

test('scaling makes and removes pods', async () => {
  installPlatform(cluster.world, { profile: 'builder', now });
  const scale = (replicas: number) =>
    call('/apis/apps/v1/namespaces/minio/deployments/minio/scale', {
      method: 'PATCH',
      headers: { 'content-type': 'application/merge-patch+json' },
      body: JSON.stringify({ spec: { replicas } }),
    });
  await scale(3);
  pass(6);
  expect(await table('/api/v1/namespaces/minio/pods')).toHaveLength(3);
  await scale(0);
  pass(6);
  expect(await table('/api/v1/namespaces/minio/pods')).toHaveLength(0);
});

test('a Job that is created runs and completes; its time to live takes it and its pod away', async () => {
  installPlatform(cluster.world, { profile: 'operator', now });
  const job = jobObject('again', 'default');
  Object.assign(job.spec as object, { ttlSecondsAfterFinished: 300 });
  expect(
    (await call('/apis/batch/v1/namespaces/default/jobs', { method: 'POST', body: JSON.stringify(job) })).code,
  ).toBe(201);
  pass(5);
  expect(await table('/apis/batch/v1/namespaces/default/jobs')).toMatchObject([{ Name: 'again', Status: 'Running' }]);
  expect(await table('/api/v1/namespaces/default/pods')).toMatchObject([{ Status: 'Running' }]);
  pass(40);
  expect(await table('/apis/batch/v1/namespaces/default/jobs')).toMatchObject([
    { Status: 'Complete', Completions: '1/1' },
  ]);
  pass(320);
  expect(await table('/apis/batch/v1/namespaces/default/jobs')).toEqual([]);
  expect(await table('/api/v1/namespaces/default/pods')).toEqual([]);
});

test('more builds than fit queue as Pending pods, and the scheduler says why', async () => {
  installPlatform(cluster.world, { profile: 'operator', now });
  const resources = { requests: { cpu: '2', memory: '1Gi' } };
  for (let index = 0; index < 14; index++) {
    const job = jobObject(`storm-${index}`, 'default');
    Object.assign(job.spec as object, {
      template: { spec: { containers: [{ name: 'kaniko', image: 'kaniko:1', resources }] } },
    });
    await call('/apis/batch/v1/namespaces/default/jobs', { method: 'POST', body: JSON.stringify(job) });
  }
  pass(5);
  const pods = await table('/api/v1/namespaces/default/pods');
  expect(pods.filter((pod) => pod.Status === 'Running').length).toBeGreaterThan(3);
  expect(pods.filter((pod) => pod.Status === 'Pending').length).toBeGreaterThan(3);
  const events = await table('/api/v1/namespaces/default/events?fieldSelector=reason=FailedScheduling');
  expect(events[0]?.Message).toMatch(/^0\/3 nodes are available: 3 Insufficient cpu/);
  pass(120);
  expect((await table('/apis/batch/v1/namespaces/default/jobs')).every((job) => job.Status === 'Complete')).toBe(true);
});

test('a full quota keeps the Job without a pod, with the event that says so', async () => {
  cluster.world.apply({
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'builds-quota', namespace: 'builds' },
    status: { hard: { 'limits.memory': '40Gi' }, used: { 'limits.memory': '40Gi' } },
  });
  const job = jobObject('eleventh');
  Object.assign(job.spec as object, {
    template: { spec: { containers: [{ name: 'kaniko', resources: { limits: { memory: '4Gi' } } }] } },
  });
  await call('/apis/batch/v1/namespaces/builds/jobs', { method: 'POST', body: JSON.stringify(job) });
  pass(65);
  expect(await table('/api/v1/namespaces/builds/pods')).toEqual([]);
  expect(await table('/api/v1/namespaces/builds/events')).toMatchObject([
    {
      Reason: 'FailedCreate',
      Count: 3,
      Message:
        'Error creating: pods "eleventh-" is forbidden: exceeded quota: builds-quota, requested: limits.memory=4Gi, used: limits.memory=40Gi, limited: limits.memory=40Gi',
    },
  ]);
});

test('a crashing container restarts after ever longer waits', async () => {
  const status = {
    ...ready('main'),
    ready: false,
    restartCount: 0,
    state: { waiting: { reason: 'CrashLoopBackOff' } },
    lastState: { terminated: { exitCode: 1, reason: 'Error', finishedAt: new Date(now).toISOString() } },
  };
  cluster.world.apply(podObject('a', { status: { phase: 'Running', containerStatuses: [status] } }));
  pass(75);
  expect(await table('/api/v1/namespaces/shop/pods')).toMatchObject([
    { Restarts: '3 (5s ago)', Status: 'CrashLoopBackOff' },
  ]);
  expect(await table('/api/v1/namespaces/shop/events')).toMatchObject([{ Reason: 'BackOff', Count: 3 }]);
  expect([0, 1, 2, 3, 4, 5, 9].map((restarts) => backOffOf(restarts) / 1000)).toEqual([10, 20, 40, 80, 160, 300, 300]);
});

test('events are kept for an hour', async () => {
  const regarding = { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'a' };
  cluster.world.event({
    type: 'Warning',
    reason: 'Old',
    message: 'x',
    regarding,
    source: 'kubelet',
    firstAt: now - 3_590_000,
    lastAt: now - 3_590_000,
  });
  cluster.world.event({ type: 'Warning', reason: 'New', message: 'x', regarding, source: 'kubelet' });
  pass(120);
  expect(await table('/api/v1/namespaces/shop/events')).toMatchObject([{ Reason: 'New' }]);
});

test.each(['builder', 'operator'] as const)('the %s platform goes on building by itself', async (profile) => {
  await cluster.close();
  cluster = await startCluster({ clock: () => now, profile });
  call = callerOf(cluster);
  installPlatform(cluster.world, { profile, now });
  const begin = now;
  for (let minute = 0; minute < 75; minute++) {
    now += 58_000;
    pass(2);
  }
  const namespace = profile === 'builder' ? 'knative-lambda-builds' : 'knative-lambda';
  const { body } = await call(`/apis/batch/v1/namespaces/${namespace}/jobs`);
  const recent = body.items.filter(
    (job: { metadata: { creationTimestamp: string } }) => Date.parse(job.metadata.creationTimestamp) > begin,
  );
  expect(recent.length).toBeGreaterThan(0);
  expect(body.items.every((job: { status: { failed?: number } }) => !job.status.failed)).toBe(true);
});
