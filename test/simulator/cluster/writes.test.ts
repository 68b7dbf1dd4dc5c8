import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Cluster, startCluster } from '../../../simulator/cluster/start.ts';
import { type Answered, callerOf } from './caller.ts';
import { jobObject, podObject } from './objects.ts';

let cluster: Cluster;
let call: (path: string, init?: RequestInit & { accept?: string }) => Promise<Answered>;

beforeEach(async () => {
  cluster = await startCluster({ profile: 'operator', clock: () => Date.parse('2026-03-01T12:00:00Z') });
  call = callerOf(cluster);
});
afterEach(() => cluster.close());

const patch = (path: string, type: string, body: unknown) =>
  call(path, { method: 'PATCH', headers: { 'content-type': `application/${type}+json` }, body: JSON.stringify(body) });

test('deleting a Job removes it with its pods and says so', async () => {
  const job = cluster.world.apply(jobObject('b'));
  cluster.world.apply(podObject('b-x', { namespace: 'builds', owner: job }));
  const answered = await call('/apis/batch/v1/namespaces/builds/jobs/b', { method: 'DELETE' });
  expect(answered.body).toMatchObject({
    kind: 'Status',
    status: 'Success',
    details: { name: 'b', group: 'batch', kind: 'jobs', uid: job.metadata.uid },
  });
  expect(cluster.world.list({ apiVersion: 'v1', kind: 'Pod' }, 'builds')).toEqual([]);
});

test('a dry run answers as if and changes nothing', async () => {
  cluster.world.apply(jobObject('b'));
  expect((await call('/apis/batch/v1/namespaces/builds/jobs/b?dryRun=All', { method: 'DELETE' })).code).toBe(200);
  const dry = await patch('/apis/batch/v1/namespaces/builds/jobs/b?dryRun=All', 'merge-patch', {
    spec: { suspend: true },
  });
  expect(dry.body.spec.suspend).toBe(true);
  expect(
    cluster.world.get({ apiVersion: 'batch/v1', kind: 'Job', namespace: 'builds', name: 'b' })?.spec,
  ).not.toHaveProperty('suspend');
});

test('a strategic merge patch merges containers by name and leaves the status alone', async () => {
  cluster.world.apply({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'd', namespace: 'shop', generation: 1 },
    spec: {
      replicas: 1,
      template: {
        spec: {
          containers: [
            { name: 'a', image: 'a:1' },
            { name: 'b', image: 'b:1' },
          ],
        },
      },
    },
    status: { readyReplicas: 1 },
  });
  const path = '/apis/apps/v1/namespaces/shop/deployments/d';
  const answered = await patch(path, 'strategic-merge-patch', {
    spec: { template: { spec: { containers: [{ name: 'b', image: 'b:2' }] } } },
    status: { readyReplicas: 9 },
  });
  expect(answered.body.spec.template.spec.containers).toEqual([
    { name: 'a', image: 'a:1' },
    { name: 'b', image: 'b:2' },
  ]);
  expect(answered.body).toMatchObject({ status: { readyReplicas: 1 }, metadata: { generation: 2 } });
});

test('a merge patch of the status subresource changes the status only: the recovery recipe of a failed function', async () => {
  cluster.world.apply({
    apiVersion: 'lambda.knative.io/v1alpha1',
    kind: 'LambdaFunction',
    metadata: { name: 'f', namespace: 'shop', generation: 3 },
    spec: { runtime: { language: 'python' } },
    status: { phase: 'Failed', buildStatus: { error: 'x' } },
  });
  const path = '/apis/lambda.knative.io/v1alpha1/namespaces/shop/lambdafunctions/f/status';
  const answered = await patch(path, 'merge-patch', {
    status: { phase: 'Pending', buildStatus: null },
    spec: { runtime: null },
  });
  expect(answered.body.status).toEqual({ phase: 'Pending' });
  expect(answered.body).toMatchObject({ spec: { runtime: { language: 'python' } }, metadata: { generation: 3 } });
});

test('a JSON patch takes its steps or none', async () => {
  cluster.world.apply(podObject('a', { labels: { app: 'x' } }));
  const path = '/api/v1/namespaces/shop/pods/a';
  const answered = await patch(path, 'json-patch', [
    { op: 'test', path: '/metadata/labels/app', value: 'x' },
    { op: 'add', path: '/metadata/labels/example.com~1drill', value: 'yes' },
  ]);
  expect(answered.body.metadata.labels).toEqual({ app: 'x', 'example.com/drill': 'yes' });
  expect((await patch(path, 'json-patch', [{ op: 'remove', path: '/metadata/labels/nothing' }])).code).toBe(422);
});

test('scale reads and changes the replicas', async () => {
  cluster.world.apply({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'd', namespace: 'shop' },
    spec: { replicas: 2 },
    status: { replicas: 2 },
  });
  const path = '/apis/apps/v1/namespaces/shop/deployments/d/scale';
  expect((await call(path)).body).toMatchObject({ kind: 'Scale', spec: { replicas: 2 } });
  expect((await patch(path, 'merge-patch', { spec: { replicas: 5 } })).body).toMatchObject({
    kind: 'Scale',
    spec: { replicas: 5 },
  });
  expect((await patch(path, 'merge-patch', { spec: { replicas: -1 } })).code).toBe(422);
});

test('an update from an old version is a conflict', async () => {
  cluster.world.apply(podObject('a'));
  const path = '/api/v1/namespaces/shop/pods/a';
  const { body } = await call(path);
  await patch(path, 'merge-patch', { metadata: { labels: { changed: 'yes' } } });
  const answered = await call(path, { method: 'PUT', body: JSON.stringify(body) });
  expect(answered.body).toMatchObject({
    code: 409,
    reason: 'Conflict',
    message: expect.stringContaining('the object has been modified'),
  });
});

test('creating twice is AlreadyExists, and a body that is no JSON is a bad request', async () => {
  cluster.world.apply(podObject('other', { namespace: 'builds' }));
  const path = '/apis/batch/v1/namespaces/builds/jobs';
  const body = JSON.stringify(jobObject('b'));
  expect((await call(path, { method: 'POST', body })).code).toBe(201);
  expect((await call(path, { method: 'POST', body })).body).toMatchObject({
    code: 409,
    message: 'jobs.batch "b" already exists',
  });
  expect((await call(path, { method: 'POST', body: '{' })).code).toBe(400);
  expect(
    (
      await call('/apis/batch/v1/namespaces/nowhere/jobs', {
        method: 'POST',
        body: JSON.stringify(jobObject('b', 'nowhere')),
      })
    ).body.message,
  ).toBe('namespaces "nowhere" not found');
});

test('a method nothing answers to is 405', async () => {
  expect((await call('/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods/a', { method: 'DELETE' })).body).toMatchObject({
    code: 405,
    reason: 'MethodNotAllowed',
  });
});

test('the user may ask what it may do', async () => {
  const ask = async (resource: string, group = '') =>
    (
      await call('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
        method: 'POST',
        body: JSON.stringify({ spec: { resourceAttributes: { verb: 'list', resource, group, namespace: 'shop' } } }),
      })
    ).body.status.allowed;
  expect([await ask('pods'), await ask('jobs', 'batch'), await ask('secrets')]).toEqual([true, true, false]);
});
