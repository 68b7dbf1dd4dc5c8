import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Cluster, startCluster } from '../../../simulator/cluster/start.ts';
import { type Answered, callerOf } from './caller.ts';
import { jobObject, podObject } from './objects.ts';

let cluster: Cluster;
let call: (path: string, init?: RequestInit & { accept?: string }) => Promise<Answered>;

beforeEach(async () => {
  cluster = await startCluster();
  call = callerOf(cluster);
});
afterEach(() => cluster.close());

const namesOf = ({ body }: Answered) => body.items.map((item: { metadata: { name: string } }) => item.metadata.name);

test('lists the objects of one namespace in the order of their names, without kind and apiVersion on the items', async () => {
  for (const name of ['b', 'a', 'c']) cluster.world.apply(podObject(name));
  cluster.world.apply(podObject('elsewhere', { namespace: 'other' }));
  const answered = await call('/api/v1/namespaces/shop/pods');
  expect(namesOf(answered)).toEqual(['a', 'b', 'c']);
  expect(answered.body).toMatchObject({ kind: 'PodList', apiVersion: 'v1' });
  expect(answered.body.items[0]).not.toHaveProperty('kind');
  expect(Number(answered.body.metadata.resourceVersion)).toBeGreaterThan(0);
});

test('keeps kind and apiVersion on the items of a list of custom resources', async () => {
  cluster.world.apply({
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Service',
    metadata: { name: 'f', namespace: 'shop' },
  });
  const answered = await call('/apis/serving.knative.dev/v1/services');
  expect(answered.body.items[0]).toMatchObject({ kind: 'Service', apiVersion: 'serving.knative.dev/v1' });
});

test.each([
  ['app=web', ['a', 'b']],
  ['app==web,tier!=front', ['b']],
  ['app in (web,db)', ['a', 'b', 'c']],
  ['app notin (web)', ['c', 'd']],
  ['tier', ['a', 'b']],
  ['!app', ['d']],
])('the label selector %s chooses %j', async (selector, expected) => {
  cluster.world.apply(podObject('a', { labels: { app: 'web', tier: 'front' } }));
  cluster.world.apply(podObject('b', { labels: { app: 'web', tier: 'back' } }));
  cluster.world.apply(podObject('c', { labels: { app: 'db' } }));
  cluster.world.apply(podObject('d'));
  const answered = await call(`/api/v1/namespaces/shop/pods?labelSelector=${encodeURIComponent(selector)}`);
  expect(namesOf(answered)).toEqual(expected);
});

test('a label selector that does not parse is a bad request', async () => {
  const { code, body } = await call(`/api/v1/pods?labelSelector=${encodeURIComponent('app in web')}`);
  expect(code).toBe(400);
  expect(body).toMatchObject({ kind: 'Status', reason: 'BadRequest' });
});

test('field selectors choose by phase, node and name', async () => {
  cluster.world.apply(podObject('a', { status: { phase: 'Failed' } }));
  cluster.world.apply(podObject('b'));
  cluster.world.apply(podObject('c', { spec: { nodeName: 'node-b' } }));
  expect(namesOf(await call('/api/v1/pods?fieldSelector=status.phase!=Running'))).toEqual(['a']);
  expect(namesOf(await call('/api/v1/pods?fieldSelector=spec.nodeName=node-b'))).toEqual(['c']);
  expect(namesOf(await call('/api/v1/pods?fieldSelector=metadata.name=b,status.phase=Running'))).toEqual(['b']);
});

test('status.successful=0 matches running Jobs as well as failed ones, as it does on a real server', async () => {
  cluster.world.apply(jobObject('running', 'builds', { active: 1 }));
  cluster.world.apply(jobObject('done', 'builds', { succeeded: 1 }));
  cluster.world.apply(jobObject('failed', 'builds', { failed: 1 }));
  const answered = await call('/apis/batch/v1/namespaces/builds/jobs?fieldSelector=status.successful=0');
  expect(namesOf(answered)).toEqual(['failed', 'running']);
});

test('a field the kind does not support is refused by name', async () => {
  const { code, body } = await call('/api/v1/pods?fieldSelector=spec.image=x');
  expect(code).toBe(400);
  expect(body.message).toBe(
    'Unable to find "/v1, Resource=pods" that match label selector "", field selector "spec.image=x": field label not supported: spec.image',
  );
});

test('limit and continue walk through all objects once, and nothing created meanwhile appears', async () => {
  for (let index = 0; index < 25; index++) cluster.world.apply(podObject(`p${String(index).padStart(2, '0')}`));
  const seen: string[] = [];
  let path = '/api/v1/pods?limit=10';
  for (;;) {
    const answered = await call(path);
    seen.push(...namesOf(answered));
    if (seen.length === 10) {
      expect(answered.body.metadata.remainingItemCount).toBe(15);
      cluster.world.apply(podObject('p99'));
    }
    const next = answered.body.metadata.continue;
    if (!next) break;
    path = `/api/v1/pods?limit=10&continue=${next}`;
  }
  expect(seen).toHaveLength(25);
  expect(new Set(seen).size).toBe(25);
  expect(seen).not.toContain('p99');
});

test('a continue token older than the history is 410 Gone, with a token to go on without consistency', async () => {
  for (const name of ['a', 'b', 'c']) cluster.world.apply(podObject(name));
  const first = await call('/api/v1/pods?limit=1');
  cluster.world.apply(podObject('aa'));
  cluster.world.store.compact();
  const gone = await call(`/api/v1/pods?limit=1&continue=${first.body.metadata.continue}`);
  expect(gone.code).toBe(410);
  expect(gone.body).toMatchObject({ kind: 'Status', reason: 'Expired' });
  const rest = await call(`/api/v1/pods?continue=${gone.body.metadata.continue}`);
  expect(namesOf(rest)).toEqual(['aa', 'b', 'c']);
});

test('a continue token nobody wrote is a bad request', async () => {
  expect((await call('/api/v1/pods?continue=nonsense')).code).toBe(400);
});

test('both event APIs show the same events, each in its own words', async () => {
  const regarding = { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'a' };
  cluster.world.event({ type: 'Warning', reason: 'BackOff', message: 'Back-off', regarding, source: 'kubelet' });
  cluster.world.event({ type: 'Warning', reason: 'BackOff', message: 'Back-off', regarding, source: 'kubelet' });
  const core = await call('/api/v1/namespaces/shop/events?fieldSelector=involvedObject.name=a');
  expect(core.body.items).toHaveLength(1);
  expect(core.body.items[0]).toMatchObject({ count: 2, involvedObject: { name: 'a' }, message: 'Back-off' });
  const events = await call('/apis/events.k8s.io/v1/namespaces/shop/events?fieldSelector=regarding.name=a');
  expect(events.body.items[0]).toMatchObject({ deprecatedCount: 2, regarding: { name: 'a' }, note: 'Back-off' });
});

test('a long list is compressed when the client takes gzip', async () => {
  for (let index = 0; index < 60; index++) cluster.world.apply(podObject(`p${index}`));
  const answered = await call('/api/v1/pods');
  expect(answered.headers.get('content-encoding')).toBe('gzip');
  expect(answered.body.items).toHaveLength(60);
});

test('metadata alone can be asked for', async () => {
  cluster.world.apply({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'code', namespace: 'shop' },
    data: { a: 'source' },
  });
  const accept = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';
  const answered = await call('/api/v1/namespaces/shop/configmaps', { accept });
  expect(answered.body.kind).toBe('PartialObjectMetadataList');
  expect(answered.text).not.toContain('def handler');
});
