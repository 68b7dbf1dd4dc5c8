import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Cluster, startCluster } from '../../../simulator/cluster/start.ts';
import { type Answered, callerOf } from './caller.ts';
import { podObject } from './objects.ts';

let cluster: Cluster;
let call: (path: string, init?: RequestInit & { accept?: string }) => Promise<Answered>;

beforeEach(async () => {
  cluster = await startCluster();
  call = callerOf(cluster);
  cluster.world.apply(podObject('a'));
});
afterEach(() => cluster.close());

const USER = 'system:serviceaccount:lambda-responder:lambda-responder';

test('a wrong token is 401', async () => {
  const answered = await call('/api/v1/pods', { headers: { authorization: 'Bearer wrong' } });
  expect(answered.code).toBe(401);
  expect(answered.body).toMatchObject({
    kind: 'Status',
    status: 'Failure',
    reason: 'Unauthorized',
    message: 'Unauthorized',
  });
});

test('an object that is not there is 404 in the words of the server', async () => {
  const pod = await call('/api/v1/namespaces/shop/pods/gone');
  expect(pod.body).toMatchObject({
    code: 404,
    reason: 'NotFound',
    message: 'pods "gone" not found',
    details: { name: 'gone', kind: 'pods' },
  });
  const job = await call('/apis/batch/v1/namespaces/shop/jobs/gone');
  expect(job.body.message).toBe('jobs.batch "gone" not found');
});

test('a resource that is not served is a plain 404', async () => {
  const answered = await call('/apis/lambda.knative.io/v1alpha1/lambdafunctions');
  expect(answered.code).toBe(404);
  expect(answered.text).toBe('404 page not found\n');
});

test('Secrets exist and are refused', async () => {
  cluster.world.apply({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 's', namespace: 'shop' },
    data: { password: 'aHVudGVyMg==' },
  });
  const list = await call('/api/v1/namespaces/shop/secrets');
  expect(list.body).toMatchObject({
    code: 403,
    reason: 'Forbidden',
    message: `secrets is forbidden: User "${USER}" cannot list resource "secrets" in API group "" in the namespace "shop"`,
  });
  const one = await call('/api/v1/namespaces/shop/secrets/s');
  expect(one.body.message).toBe(
    `secrets "s" is forbidden: User "${USER}" cannot get resource "secrets" in API group "" in the namespace "shop"`,
  );
  expect(one.text).not.toContain('aHVudGVyMg');
});

test('a closed namespace is refused, and so is the list across all namespaces', async () => {
  cluster.world.fault({ kind: 'forbidden_namespace', namespace: 'shop' });
  expect((await call('/api/v1/namespaces/shop/pods')).body.message).toContain('in the namespace "shop"');
  expect((await call('/api/v1/pods')).body.message).toContain(
    'cannot list resource "pods" in API group "" at the cluster scope',
  );
  expect((await call('/api/v1/namespaces/shop/pods/a/log')).body.message).toContain('cannot get resource "pods/log"');
  expect((await call('/api/v1/namespaces/other/pods')).code).toBe(200);
  expect((await call('/api/v1/nodes')).code).toBe(200);
});

test('without metrics-server the API is registered and unavailable, or not registered at all', async () => {
  const end = cluster.world.fault({ kind: 'no_metrics_server' });
  const answered = await call('/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods');
  expect(answered.body).toMatchObject({
    code: 503,
    reason: 'ServiceUnavailable',
    message: 'the server is currently unable to handle the request',
  });
  end();
  cluster.world.fault({ kind: 'no_metrics_server', absent: true });
  expect((await call('/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods')).code).toBe(404);
  expect((await call('/apis')).text).not.toContain('metrics.k8s.io');
});

test('a throttled request says when to come back', async () => {
  cluster.world.fault({ kind: 'status', code: 429, retryAfterSeconds: 7, times: 1 });
  const answered = await call('/api/v1/pods');
  expect(answered.code).toBe(429);
  expect(answered.headers.get('retry-after')).toBe('7');
  expect(answered.body).toMatchObject({ reason: 'TooManyRequests' });
  expect((await call('/api/v1/pods')).code).toBe(200);
});

test('a fault may concern one resource only', async () => {
  cluster.world.fault({ kind: 'status', code: 500, resource: 'events' });
  expect((await call('/api/v1/pods')).code).toBe(200);
  expect((await call('/api/v1/events')).body.message).toBe('Internal error occurred: etcdserver: request timed out');
  cluster.world.clearFaults();
  expect((await call('/api/v1/events')).code).toBe(200);
});

test('a reset connection gives no answer, and a half one when it is cut in the middle', async () => {
  cluster.world.fault({ kind: 'reset', times: 1 });
  await expect(call('/api/v1/pods')).rejects.toThrow();
  cluster.world.fault({ kind: 'reset', afterBytes: 20, times: 1 });
  await expect(call('/api/v1/pods')).rejects.toThrow();
  expect((await call('/api/v1/pods')).code).toBe(200);
});

test('a stalled request fails when the election is over, and later ones go through', async () => {
  cluster.world.fault({ kind: 'stall', ms: 150 });
  const stalled = await call('/api/v1/pods');
  expect(stalled.body.message).toBe('Internal error occurred: etcdserver: leader changed');
  expect((await call('/api/v1/pods')).code).toBe(200);
});

test('a slow answer is a right answer', async () => {
  cluster.world.fault({ kind: 'latency', ms: 30 });
  expect((await call('/api/v1/pods')).body.items).toHaveLength(1);
});

test.each([
  '/api/v1/namespaces/shop/pods/%E0%A4%A',
  '/apis',
  '/apis/nothing/v1/x',
  '/api/v1/namespaces/shop/pods/a/exec',
])('an odd path is answered and harms nothing: %s', async (path) => {
  expect((await call(path)).code).toBeLessThan(500);
  expect((await call('/readyz')).text).toBe('ok');
});
