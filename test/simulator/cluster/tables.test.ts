import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { humanDuration } from '../../../simulator/cluster/age.ts';
import { type Cluster, startCluster } from '../../../simulator/cluster/start.ts';
import { type Answered, callerOf, rowsOf, TABLE } from './caller.ts';
import { jobObject, podObject, ready } from './objects.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
let cluster: Cluster;
let call: (path: string, init?: RequestInit & { accept?: string }) => Promise<Answered>;

beforeEach(async () => {
  cluster = await startCluster({ clock: () => NOW });
  call = callerOf(cluster);
});
afterEach(() => cluster.close());

const row = async (path: string) => rowsOf(await call(path, { accept: TABLE }))[0];
const state = (name: string, one: object, more: object = {}) => ({ ...ready(name), ready: false, state: one, ...more });
const at = (secondsAgo: number) => new Date(NOW - secondsAgo * 1000).toISOString();

describe('the STATUS of a pod', () => {
  test.each([
    ['Running', { phase: 'Running', containerStatuses: [ready('main')] }, '1/1'],
    ['Pending', { phase: 'Pending' }, '0/1'],
    [
      'ContainerCreating',
      { phase: 'Pending', containerStatuses: [state('main', { waiting: { reason: 'ContainerCreating' } })] },
      '0/1',
    ],
    [
      'CrashLoopBackOff',
      { phase: 'Running', containerStatuses: [state('main', { waiting: { reason: 'CrashLoopBackOff' } })] },
      '0/1',
    ],
    [
      'OOMKilled',
      { phase: 'Failed', containerStatuses: [state('main', { terminated: { exitCode: 137, reason: 'OOMKilled' } })] },
      '0/1',
    ],
    [
      'Completed',
      { phase: 'Succeeded', containerStatuses: [state('main', { terminated: { exitCode: 0, reason: 'Completed' } })] },
      '0/1',
    ],
    ['ExitCode:3', { phase: 'Failed', containerStatuses: [state('main', { terminated: { exitCode: 3 } })] }, '0/1'],
    [
      'Signal:9',
      { phase: 'Failed', containerStatuses: [state('main', { terminated: { exitCode: 137, signal: 9 } })] },
      '0/1',
    ],
    ['Evicted', { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.' }, '0/1'],
  ])('is %s', async (expected, status, readiness) => {
    cluster.world.apply(podObject('a', { status }));
    expect(await row('/api/v1/namespaces/shop/pods')).toMatchObject({ Name: 'a', Status: expected, Ready: readiness });
  });

  test.each([
    ['Init:0/2', { running: { startedAt: at(5) } }],
    ['Init:Error', { terminated: { exitCode: 1, reason: 'Error' } }],
    ['Init:ExitCode:2', { terminated: { exitCode: 2 } }],
    ['Init:ImagePullBackOff', { waiting: { reason: 'ImagePullBackOff' } }],
  ])('is %s while an init container holds it up', async (expected, init) => {
    const spec = {
      initContainers: [
        { name: 'fetch', image: 'x' },
        { name: 'unpack', image: 'x' },
      ],
    };
    const status = {
      phase: 'Pending',
      initContainerStatuses: [state('fetch', init), state('unpack', { waiting: { reason: 'PodInitializing' } })],
      containerStatuses: [state('main', { waiting: { reason: 'PodInitializing' } })],
    };
    cluster.world.apply(podObject('a', { spec, status }));
    expect(await row('/api/v1/namespaces/shop/pods')).toMatchObject({ Status: expected });
  });

  test('is Terminating once it is deleted', async () => {
    cluster.world.apply(podObject('a'));
    expect((await call('/api/v1/namespaces/shop/pods/a', { method: 'DELETE' })).code).toBe(200);
    expect(await row('/api/v1/namespaces/shop/pods')).toMatchObject({ Status: 'Terminating' });
  });

  test('shows when the last restart was, and a sidecar counts as a container', async () => {
    const restarted = {
      ...ready('main'),
      restartCount: 4,
      lastState: { terminated: { exitCode: 1, finishedAt: at(150) } },
    };
    const spec = { initContainers: [{ name: 'proxy', image: 'x', restartPolicy: 'Always' }] };
    const proxy = { ...ready('proxy'), started: true };
    cluster.world.apply(
      podObject('a', {
        spec,
        status: { phase: 'Running', initContainerStatuses: [proxy], containerStatuses: [restarted] },
      }),
    );
    expect(await row('/api/v1/namespaces/shop/pods')).toMatchObject({
      Ready: '2/2',
      Restarts: '4 (2m30s ago)',
      Status: 'Running',
    });
  });
});

test('a pod shows address and node in the wide columns only', async () => {
  cluster.world.apply(podObject('a'));
  const answered = await call('/api/v1/namespaces/shop/pods', { accept: TABLE });
  expect(rowsOf(answered)[0]).toMatchObject({ IP: '10.0.0.7', Node: 'node-a', 'Nominated Node': '<none>' });
  const wide = answered.body.columnDefinitions.filter((column: { priority: number }) => column.priority > 0);
  expect(wide.map((column: { name: string }) => column.name)).toEqual([
    'IP',
    'Node',
    'Nominated Node',
    'Readiness Gates',
  ]);
});

test('a row carries the metadata by default, the object or nothing on request', async () => {
  cluster.world.apply(podObject('a'));
  const of = async (include: string) => (await call(`/api/v1/pods${include}`, { accept: TABLE })).body.rows[0].object;
  expect(await of('')).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name: 'a' } });
  expect(await of('?includeObject=Object')).toMatchObject({ kind: 'Pod', spec: { nodeName: 'node-a' } });
  expect(await of('?includeObject=None')).toBeNull();
});

test.each([
  ['Running', { active: 1, startTime: at(61) }, '0/1', '61s'],
  [
    'Complete',
    { succeeded: 1, startTime: at(300), completionTime: at(255), conditions: [{ type: 'Complete', status: 'True' }] },
    '1/1',
    '45s',
  ],
  [
    'Failed',
    { failed: 1, startTime: at(300), conditions: [{ type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded' }] },
    '0/1',
    '5m',
  ],
  ['Running', {}, '0/1', ''],
])('a Job that is %s', async (status, jobStatus, completions, duration) => {
  cluster.world.apply(jobObject('b', 'builds', jobStatus));
  expect(await row('/apis/batch/v1/jobs')).toMatchObject({
    Status: status,
    Completions: completions,
    Duration: duration,
    Containers: 'kaniko',
    Images: 'kaniko:1',
    Selector: '<none>',
  });
});

test('an event shows its latest occurrence, object, source and count', async () => {
  const regarding = { apiVersion: 'batch/v1', kind: 'Job', namespace: 'builds', name: 'b' };
  cluster.world.event({
    type: 'Warning',
    reason: 'FailedCreate',
    message: ' no quota \n',
    regarding,
    source: 'job-controller',
    firstAt: NOW - 600_000,
    lastAt: NOW - 30_000,
    count: 7,
  });
  expect(await row('/api/v1/events')).toMatchObject({
    'Last Seen': '30s',
    'First Seen': '10m',
    Count: 7,
    Type: 'Warning',
    Object: 'job/b',
    Source: 'job-controller',
    Message: 'no quota',
  });
});

test('a revision shows replicas as numbers and an empty cell where nothing is known', async () => {
  cluster.world.apply({
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Revision',
    metadata: {
      name: 'f-00001',
      namespace: 'shop',
      labels: { 'serving.knative.dev/configuration': 'f', 'serving.knative.dev/configurationGeneration': '1' },
    },
    status: { actualReplicas: 2, conditions: [{ type: 'Ready', status: 'False', reason: 'ExitCode1' }] },
  });
  expect(await row('/apis/serving.knative.dev/v1/revisions')).toEqual({
    Name: 'f-00001',
    'Config Name': 'f',
    Generation: '1',
    Ready: 'False',
    Reason: 'ExitCode1',
    'Actual Replicas': 2,
    'Desired Replicas': null,
  });
});

test('a CustomResourceDefinition that is applied is served with its own columns', async () => {
  cluster.world.apply({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'backups.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { kind: 'Backup', plural: 'backups', singular: 'backup' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          additionalPrinterColumns: [
            { name: 'State', type: 'string', jsonPath: '.status.items[0].state' },
            { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
          ],
        },
      ],
    },
  });
  cluster.world.apply({
    apiVersion: 'example.com/v1',
    kind: 'Backup',
    metadata: { name: 'b', namespace: 'shop', creationTimestamp: at(7200) },
    status: { items: [{ state: 'Done' }] },
  });
  expect(await row('/apis/example.com/v1/namespaces/shop/backups')).toEqual({ Name: 'b', State: 'Done', Age: '120m' });
});

test.each([
  [5_000, '5s'],
  [119_000, '119s'],
  [120_000, '2m'],
  [305_000, '5m5s'],
  [11 * 60_000, '11m'],
  [3 * 3_600_000, '3h'],
  [3.5 * 3_600_000, '3h30m'],
  [47 * 3_600_000, '47h'],
  [50 * 3_600_000, '2d2h'],
  [20 * 86_400_000, '20d'],
  [800 * 86_400_000, '2y70d'],
  [-5_000, '<invalid>'],
])('%i ms of age are shown as %s', (milliseconds, expected) => {
  expect(humanDuration(milliseconds)).toBe(expected);
});
