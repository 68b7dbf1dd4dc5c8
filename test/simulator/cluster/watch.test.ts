import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Cluster, startCluster } from '../../../simulator/cluster/start.ts';
import { callerOf, TABLE } from './caller.ts';
import { podObject } from './objects.ts';

let cluster: Cluster;
let abort: AbortController;

beforeEach(async () => {
  cluster = await startCluster();
  abort = new AbortController();
});
afterEach(async () => {
  abort.abort();
  await cluster.close();
});

const ref = (name: string) => ({ apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name });

/** Reads watch events one by one; undefined when the stream has ended. */
async function open(query: string, accept = 'application/json') {
  const response = await fetch(`${cluster.url}/api/v1/namespaces/shop/pods?watch=true&${query}`, {
    headers: { accept },
    signal: abort.signal,
  });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  return async () => {
    while (!rest.includes('\n')) {
      const part = await reader?.read();
      if (!part || part.done) return undefined;
      rest += part.value;
    }
    const end = rest.indexOf('\n');
    const line = rest.slice(0, end);
    rest = rest.slice(end + 1);
    return JSON.parse(line);
  };
}

test('tells of what comes, changes and goes after a resource version', async () => {
  cluster.world.apply(podObject('a'));
  const listed = await callerOf(cluster)('/api/v1/namespaces/shop/pods');
  const next = await open(`resourceVersion=${listed.body.metadata.resourceVersion}`);
  cluster.world.apply(podObject('b'));
  cluster.world.apply(podObject('other', { namespace: 'elsewhere' }));
  cluster.world.patchStatus(ref('b'), { phase: 'Failed' });
  cluster.world.remove(ref('b'));
  expect(await next()).toMatchObject({ type: 'ADDED', object: { kind: 'Pod', metadata: { name: 'b' } } });
  expect(await next()).toMatchObject({ type: 'MODIFIED', object: { status: { phase: 'Failed' } } });
  expect(await next()).toMatchObject({ type: 'DELETED', object: { metadata: { name: 'b' } } });
});

test('begins with everything there is when no version is given', async () => {
  cluster.world.apply(podObject('a'));
  cluster.world.apply(podObject('b'));
  const next = await open('');
  expect([(await next()).object.metadata.name, (await next()).object.metadata.name]).toEqual(['a', 'b']);
});

test('catches up on what happened since the version', async () => {
  const listed = await callerOf(cluster)('/api/v1/namespaces/shop/pods');
  cluster.world.apply(podObject('meanwhile'));
  const next = await open(`resourceVersion=${listed.body.metadata.resourceVersion}`);
  expect(await next()).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'meanwhile' } } });
});

test('an object that begins or ceases to match the selector appears or goes', async () => {
  cluster.world.apply(podObject('a'));
  const next = await open('fieldSelector=status.phase=Failed&resourceVersion=0');
  cluster.world.patchStatus(ref('a'), { phase: 'Failed' });
  cluster.world.patchStatus(ref('a'), { phase: 'Running' });
  expect(await next()).toMatchObject({ type: 'ADDED', object: { status: { phase: 'Failed' } } });
  expect(await next()).toMatchObject({ type: 'DELETED' });
});

test('a version that is too old is an ERROR event with 410, and the stream ends', async () => {
  cluster.world.apply(podObject('a'));
  cluster.world.store.compact();
  const next = await open('resourceVersion=1');
  expect(await next()).toMatchObject({
    type: 'ERROR',
    object: {
      kind: 'Status',
      code: 410,
      reason: 'Expired',
      message: expect.stringContaining('too old resource version: 1'),
    },
  });
  expect(await next()).toBeUndefined();
});

test('ends by itself after timeoutSeconds', async () => {
  const next = await open('timeoutSeconds=1');
  expect(await next()).toBeUndefined();
});

test('initial events end with a bookmark that says so', async () => {
  cluster.world.apply(podObject('a'));
  const next = await open('sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan');
  expect(await next()).toMatchObject({ type: 'ADDED' });
  expect(await next()).toMatchObject({
    type: 'BOOKMARK',
    object: { kind: 'Pod', metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } },
  });
});

test('as a table, the columns come with the first row only', async () => {
  const next = await open('resourceVersion=0', TABLE);
  cluster.world.apply(podObject('a'));
  cluster.world.apply(podObject('b'));
  const first = await next();
  expect(first.object).toMatchObject({
    kind: 'Table',
    columnDefinitions: expect.arrayContaining([expect.objectContaining({ name: 'Status' })]),
  });
  expect((await next()).object).toMatchObject({
    kind: 'Table',
    columnDefinitions: null,
    rows: [{ cells: expect.arrayContaining(['b']) }],
  });
});

test('closing the cluster ends the watches', async () => {
  const next = await open('resourceVersion=0');
  await cluster.close();
  await expect(next()).rejects.toThrow();
});
