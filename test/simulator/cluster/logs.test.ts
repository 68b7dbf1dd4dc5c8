import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Cluster, startCluster } from '../../../simulator/cluster/start.ts';
import { type Answered, callerOf } from './caller.ts';
import { podObject, ready } from './objects.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const POD = '/api/v1/namespaces/shop/pods/a/log';
let cluster: Cluster;
let call: (path: string, init?: RequestInit & { accept?: string }) => Promise<Answered>;

beforeEach(async () => {
  cluster = await startCluster({ clock: () => NOW });
  call = callerOf(cluster);
  cluster.world.apply(podObject('a'));
});
afterEach(() => cluster.close());

const main = { namespace: 'shop', pod: 'a', container: 'main' };
const write = (...lines: readonly (readonly [secondsAgo: number, text: string])[]) =>
  cluster.world.log({ ...main, lines: lines.map(([secondsAgo, text]) => ({ at: NOW - secondsAgo * 1000, text })) });
const waiting = (reason: string, more: object = {}) =>
  cluster.world.apply(
    podObject('a', {
      status: {
        phase: 'Pending',
        containerStatuses: [{ ...ready('main'), ready: false, state: { waiting: { reason } }, ...more }],
      },
    }),
  );

test('gives the lines in order, and an empty text for a container that said nothing', async () => {
  expect(await call(POD)).toMatchObject({ code: 200, text: '' });
  write([20, 'first'], [10, 'second']);
  const answered = await call(POD);
  expect(answered.text).toBe('first\nsecond\n');
  expect(answered.headers.get('content-type')).toContain('text/plain');
});

test('takes an encoded slash for a slash, as Kubernetes does: it decodes a path before it takes it apart', async () => {
  write([20, 'first']);
  expect((await call('/api/v1/namespaces/shop/pods/a%2Flog')).text).toBe('first\n');
});

test.each([
  ['tailLines=2', 'three\nfour\n'],
  ['tailLines=0', ''],
  ['sinceSeconds=25', 'three\nfour\n'],
  ['sinceTime=2026-03-01T11:59:30Z', 'two\nthree\nfour\n'],
  ['limitBytes=6', 'one\ntw'],
  ['tailLines=3&limitBytes=4', 'two\n'],
  ['timestamps=true&tailLines=1', '2026-03-01T11:59:50.000000000Z four\n'],
])('%s gives %j', async (query, expected) => {
  write([40, 'one'], [30, 'two'], [20, 'three'], [10, 'four']);
  expect((await call(`${POD}?${query}`)).text).toBe(expected);
});

test('refuses options that make no sense', async () => {
  for (const query of [
    'tailLines=-1',
    'limitBytes=0',
    'sinceSeconds=x',
    'sinceTime=yesterday',
    'sinceSeconds=5&sinceTime=2026-03-01T11:59:30Z',
  ])
    expect((await call(`${POD}?${query}`)).code).toBe(400);
});

test('asks for a container when there are several', async () => {
  const spec = {
    initContainers: [{ name: 'fetch', image: 'x' }],
    containers: [
      { name: 'kaniko', image: 'x' },
      { name: 'sidecar', image: 'x' },
    ],
  };
  cluster.world.apply(podObject('a', { spec }));
  expect((await call(POD)).body).toMatchObject({
    code: 400,
    reason: 'BadRequest',
    message:
      'a container name must be specified for pod a, choose one of: [kaniko sidecar] or one of the init containers: [fetch]',
  });
  expect((await call(`${POD}?container=nothing`)).body.message).toBe('container nothing is not valid for pod a');
});

test('says what a container waits for', async () => {
  waiting('ContainerCreating');
  expect((await call(POD)).body.message).toBe('container "main" in pod "a" is waiting to start: ContainerCreating');
  waiting('ImagePullBackOff');
  expect((await call(POD)).body.message).toBe(
    'container "main" in pod "a" is waiting to start: trying and failing to pull image',
  );
});

test('has the log of the previous instance only when there was one', async () => {
  expect((await call(`${POD}?previous=true`)).body.message).toBe(
    'previous terminated container "main" in pod "a" not found',
  );
  waiting('CrashLoopBackOff', {
    restartCount: 1,
    lastState: { terminated: { exitCode: 1, finishedAt: '2026-03-01T11:59:00Z' } },
  });
  cluster.world.log({
    ...main,
    previous: true,
    lines: [{ at: NOW - 60_000, text: "Error: Cannot find module 'express'" }],
  });
  expect((await call(`${POD}?previous=true`)).text).toBe("Error: Cannot find module 'express'\n");
  expect((await call(POD)).text).toBe('');
});

test('a removed pod takes its log with it', async () => {
  write([1, 'gone']);
  cluster.world.remove({ apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'a' });
  expect((await call(POD)).body.message).toBe('pods "a" not found');
  cluster.world.apply(podObject('a'));
  expect((await call(POD)).text).toBe('');
});

test('follows a running container until it ends', async () => {
  write([5, 'before']);
  const response = await fetch(`${cluster.url}${POD}?follow=true`);
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  expect((await reader?.read())?.value).toBe('before\n');
  write([0, 'live']);
  expect((await reader?.read())?.value).toBe('live\n');
  cluster.world.patchStatus(
    { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'a' },
    { phase: 'Succeeded', containerStatuses: [{ ...ready('main'), state: { terminated: { exitCode: 0 } } }] },
  );
  expect((await reader?.read())?.done).toBe(true);
});

test('a follower that goes away is forgotten', async () => {
  const abort = new AbortController();
  const response = await fetch(`${cluster.url}${POD}?follow=true`, { signal: abort.signal });
  abort.abort();
  await expect(response.text()).rejects.toThrow();
  write([0, 'to nobody']);
  expect((await call(POD)).text).toBe('to nobody\n');
});

test('a generated log of any size is streamed at flat memory, and its tail is found at once', async () => {
  const text = 'x'.repeat(190);
  const count = 200_000;
  cluster.world.logStream(main, { count, line: (index) => ({ at: NOW - (count - index), text: `${index} ${text}` }) });
  const tail = await call(`${POD}?tailLines=1`);
  expect(tail.text).toBe(`${count - 1} ${text}\n`);
  const before = process.memoryUsage().rss;
  const response = await fetch(`${cluster.url}${POD}`);
  let bytes = 0;
  // A fetch body is iterable; the DOM's type does not say so.
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) bytes += chunk.length;
  expect(bytes).toBeGreaterThan(38_000_000);
  // The whole would be 38 MB as bytes and as much again as text.
  expect(process.memoryUsage().rss - before).toBeLessThan(120_000_000);
});
