import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Cluster, startCluster } from '../../simulator/cluster/start.ts';
import { PROFILES } from '../../src/alerts/profile.ts';
import { ResponderError } from '../../src/errors.ts';
import { FIXED_RULES } from '../../src/incidents/policy.ts';
import type { ClusterAccess, Read } from '../../src/k8s/client/cluster.ts';
import { gather } from '../../src/k8s/facts/gather.ts';
import { record } from '../../src/k8s/facts/recording.ts';
import { replayed } from '../../src/k8s/facts/replayed.ts';
import { snapshot } from '../../src/k8s/facts/snapshot.ts';
import { targetOfQuestion } from '../../src/k8s/facts/target.ts';
import { createRedactor } from '../../src/redaction/redactor.ts';
import { open } from './servers.ts';
import { asker, unhurried } from './stage.ts';

/** Lists longer than a page whose ill come last by name: nothing may be concluded from their beginning. */

const NOW = Date.parse('2026-03-01T12:00:00Z');
const asked: Read[] = [];
let cluster: Cluster;
let access: ClusterAccess;
let ask: ReturnType<typeof asker>;

beforeAll(async () => {
  cluster = await startCluster({ clock: () => NOW });
  fill();
  access = open(cluster.kubeconfig(), { clock: unhurried() });
  const told: ClusterAccess = {
    ...access,
    json(read) {
      asked.push(read);
      return access.json(read);
    },
  };
  ask = asker(told, 'builder', () => NOW);
});

afterAll(async () => {
  await access.close();
  await cluster.close();
});

const named = (index: number) => String(index).padStart(4, '0');
const HOUR_AGO = new Date(NOW - 3_600_000).toISOString();

function fill() {
  const { world } = cluster;
  const of = (name: string) => ({ name, namespace: 'crowd', creationTimestamp: HOUR_AGO });
  for (let index = 0; index < 1_200; index += 1) {
    const name = index < 1_197 ? `export-${named(index)}` : `zz-import-${index}`;
    const isDone = index < 1_197;
    const [type, reason] = isDone ? ['Complete', 'CompletionsReached'] : ['Failed', 'BackoffLimitExceeded'];
    world.apply({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: of(name),
      spec: { completions: 1, template: { spec: { containers: [{ name: 'main', image: 'main:1' }] } } },
      status: {
        ...(isDone ? { succeeded: 1 } : { failed: 7 }),
        conditions: [{ type, status: 'True', reason, message: 'so it ended', lastTransitionTime: HOUR_AGO }],
      },
    });
  }
  for (let index = 0; index < 700; index += 1) {
    const isWell = index < 698;
    world.apply({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: of(isWell ? `web-${named(index)}` : `zz-web-${index}`),
      spec: { nodeName: 'node-a', containers: [{ name: 'web', image: 'web:1' }] },
      status: {
        phase: 'Running',
        startTime: HOUR_AGO,
        conditions: [{ type: 'Ready', status: isWell ? 'True' : 'False' }],
        containerStatuses: [
          isWell
            ? { name: 'web', ready: true, restartCount: 0, state: { running: { startedAt: HOUR_AGO } } }
            : {
                name: 'web',
                ready: false,
                restartCount: 9,
                state: { waiting: { reason: 'CrashLoopBackOff' } },
                lastState: { terminated: { exitCode: 3, reason: 'Error', finishedAt: HOUR_AGO } },
              },
        ],
      },
    });
  }
  for (let index = 0; index < 1_500; index += 1) {
    const isNormal = index < 1_490;
    world.event({
      type: isNormal ? 'Normal' : 'Warning',
      reason: isNormal ? 'Pulled' : 'BackOff',
      message: `event ${index}`,
      regarding: {
        apiVersion: 'v1',
        kind: 'Pod',
        namespace: 'crowd',
        name: isNormal ? `web-${named(index % 600)}` : 'zz-web-699',
      },
      source: 'kubelet',
    });
  }
}

test('failed Jobs are counted and told although twelve hundred that completed stand before them', async () => {
  const { summary, findings, table } = await ask('jobs', { namespace: 'crowd' });
  expect(summary).toBe('1200 Jobs: 3 failed, 0 running or waiting, 1197 complete.');
  expect(findings.map(({ subject }) => subject.name)).toContain('zz-import-1199');
  expect(table?.rows[0]?.[0]).toMatch(/^zz-import/);
});

test('crashing pods are counted and told although seven hundred healthy ones stand before them', async () => {
  const { summary, findings, table } = await ask('pods', { namespace: 'crowd' });
  expect(summary).toBe('700 pods, 2 unhealthy.');
  expect(findings[0]?.subject.name).toMatch(/^zz-web/);
  expect(table?.rows[0]?.[0]).toMatch(/^zz-web/);
});

test('warnings are counted to the end of the events', async () => {
  const { summary, table } = await ask('events', { namespace: 'crowd' });
  expect(summary).toBe('1500 events, 10 warnings; the newest last.');
  expect(table?.rows.some((row) => row.some((cell) => /zz-web-699/.test(cell)))).toBe(true);
});

test('events of one object are asked for at the server, and those of what it made', async () => {
  asked.length = 0;
  const { summary } = await ask('events', { namespace: 'crowd', name: 'zz-web' });
  expect(summary).toContain('10 events, 10 warnings');
  expect(asked.map(({ query }) => query?.fieldSelector)).toContain('involvedObject.name=zz-web-699');
});

test('a filter finds what stands last, and says of how many', async () => {
  const { table, notes } = await ask('jobs', { namespace: 'crowd', filter: 'export-1196' });
  expect(table?.rows.some(([name]) => name === 'export-1196')).toBe(true);
  expect(notes.join(' ')).toContain('1 of 1200 match "export-1196"');
});

test('a Service without endpoints is told by the storage it belongs to', async () => {
  const of = (kind: string, apiVersion: string, spec: object) => ({
    apiVersion,
    kind,
    metadata: { name: 'minio', namespace: 'store', creationTimestamp: HOUR_AGO },
    spec,
  });
  cluster.world.apply(of('Service', 'v1', { selector: { app: 'minio' }, ports: [{ port: 9000 }] }));
  const labels = { app: 'object-store' };
  cluster.world.apply(
    of('StatefulSet', 'apps/v1', {
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'minio', image: 'minio:1' }] } },
    }),
  );
  const { findings, summary } = await ask('storage', { namespace: 'store' });
  expect(summary).toContain('1 Service, 1 without ready endpoints: minio');
  expect(findings.map(({ subject }) => `${subject.kind}/${subject.name}`)).toContain('Service/minio');
});

/** The same cluster with some of its answers changed, or refused. */
function changed(json: (read: Read, answer: () => Promise<unknown>) => Promise<unknown>) {
  return asker({ ...access, json: (read) => json(read, () => access.json(read)) }, 'builder', () => NOW);
}

const isCensus = ({ query }: Read) => query?.includeObject !== undefined;

test('what one kind of its objects lacks takes nothing from the events of the others, and is said', async () => {
  const partly = changed((read, answer) =>
    isCensus(read) && read.path.at(-1) === 'jobs'
      ? Promise.reject(new ResponderError('unavailable', 'etcd is away'))
      : answer(),
  );
  const { summary, notes } = await partly('events', { namespace: 'crowd', name: 'zz-web' });
  expect(summary).toContain('At least 10 events, at least 10 warnings');
  expect(notes.join(' ')).toContain('events of its jobs may be missing: etcd is away');
});

test('of a server that is slow the log of the pod that is named is read, whatever its lists hold', async () => {
  const target = targetOfQuestion({
    namespace: 'crowd',
    objects: [{ kind: 'Pod', namespace: 'crowd', name: 'zz-web-699' }],
    name: 'zz-web-699',
    now: NOW,
    startedAt: null,
  });
  const logs: string[] = [];
  const slow: ClusterAccess = {
    ...access,
    paceMs: () => 1_500,
    async text(read) {
      logs.push(read.path.join('/'));
      return access.text(read);
    },
  };
  const signal = AbortSignal.timeout(60_000);
  const options = { target, profile: PROFILES.builder, now: NOW, priority: 'automatic', signal } as const;
  const { calls } = await gather({ cluster: slow, ...options });
  expect(logs).toContain('api/v1/namespaces/crowd/pods/zz-web-699/log');
  expect(calls).toBeLessThanOrEqual(FIXED_RULES.firstLook.slowCalls);
});

test.each([
  ['could be read, the ill are known', false, 'ill'],
  ['could not be read, a part is known', true, 'part'],
] as const)('where each of the ill %s', async (_, isRefused, coverage) => {
  const partly: ClusterAccess = {
    ...access,
    async json(read) {
      if (isRefused && read.path.at(-1) === 'zz-web-699') throw new ResponderError('timeout', 'it took too long');
      return access.json(read);
    },
  };
  const target = targetOfQuestion({ namespace: 'crowd', objects: [], name: null, now: NOW, startedAt: null });
  const signal = AbortSignal.timeout(60_000);
  const options = { target, profile: PROFILES.builder, now: NOW, priority: 'person', signal } as const;
  const { facts } = await gather({ cluster: partly, ...options });
  expect(facts.coverage('Pod', 'crowd')).toBe(coverage);
});

test('an event whose age nobody can read is not taken for the newest', async () => {
  const odd = changed(async (read, answer) => {
    const page = (await answer()) as { rows: { cells: unknown[] }[]; columnDefinitions: { name: string }[] };
    if (!isCensus(read) || read.path.at(-1) !== 'events') return page;
    const at = (name: string) => page.columnDefinitions.findIndex((one) => one.name === name);
    for (const { cells } of page.rows)
      if (cells[at('Message')] === 'event 1495') cells[at('Last Seen')] = '<unknown>';
      else cells[at('Last Seen')] = '5m';
    return page;
  });
  const { table } = await odd('events', { namespace: 'crowd' });
  const messages = table?.rows.map((row) => row.join(' ')) ?? [];
  expect(messages.at(-1)).not.toContain('event 1495');
});

describe('a Service of a namespace with more pods than a page', () => {
  const pod = (name: string, app: string, isWell: boolean) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'mall', labels: { app }, creationTimestamp: HOUR_AGO },
    spec: { nodeName: 'node-a', containers: [{ name: 'web', image: 'web:1' }] },
    status: {
      phase: 'Running',
      startTime: HOUR_AGO,
      conditions: [{ type: 'Ready', status: isWell ? 'True' : 'False' }],
      containerStatuses: [
        isWell
          ? { name: 'web', ready: true, restartCount: 0, state: { running: { startedAt: HOUR_AGO } } }
          : { name: 'web', ready: false, restartCount: 9, state: { waiting: { reason: 'CrashLoopBackOff' } } },
      ],
    },
  });
  const service = (name: string) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'mall', creationTimestamp: HOUR_AGO },
    spec: { selector: { app: name }, ports: [{ port: 80 }] },
  });
  const factsOf = async (kind: string, name: string) => {
    const target = targetOfQuestion({
      namespace: 'mall',
      objects: [{ kind, namespace: 'mall', name }],
      name,
      now: NOW,
      startedAt: null,
    });
    const signal = AbortSignal.timeout(60_000);
    const profile = PROFILES.builder;
    return (await gather({ cluster: access, target, profile, now: NOW, priority: 'person', signal })).facts;
  };

  beforeAll(() => {
    for (let index = 0; index < 600; index += 1) cluster.world.apply(pod(`a-${named(index)}`, 'other', true));
    for (const name of ['zz-half-1', 'zz-half-2']) cluster.world.apply(pod(name, 'half', name === 'zz-half-1'));
    for (const name of ['zz-well-1', 'zz-well-2']) cluster.world.apply(pod(name, 'well', true));
    for (const name of ['half', 'well']) cluster.world.apply(service(name));
    const labels = { app: 'wel' };
    cluster.world.apply({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'well', namespace: 'mall', creationTimestamp: HOUR_AGO },
      spec: {
        replicas: 0,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'web:1' }] } },
      },
    });
  });

  test.each(['half', 'well'])('has no trouble while its healthy pods stand past the first: %s', async (name) => {
    const { findings } = await ask('describe', { namespace: 'mall', name: `service/${name}` });
    expect(findings.filter(({ code }) => code.startsWith('service-'))).toEqual([]);
  });

  test('still shows the ill one, which stands past the first page too', async () => {
    const { findings } = await ask('describe', { namespace: 'mall', name: 'service/half' });
    expect(findings.map(({ subject }) => subject.name)).toContain('zz-half-2');
  });

  test('a healthy pod that is asked about is read by name', async () => {
    const facts = await factsOf('Pod', 'zz-well-2');
    expect(facts.get('Pod', 'mall', 'zz-well-2')).not.toBeNull();
  });
});

test.each<[string, object]>([
  ['pods', {}],
  ['jobs', {}],
  ['events', {}],
  ['describe', { name: 'pod/zz-web-699' }],
])('a snapshot of more than a page is replayed with the same answer: %s', async (diagnostic, request) => {
  const recording = record(access);
  const live = await asker(recording.cluster, 'builder', () => NOW)(diagnostic, { namespace: 'crowd', ...request });
  const redactor = createRedactor();
  const taken = await recording.taken({ id: 'crowd', namespace: 'crowd', now: NOW }, redactor);
  const again = replayed(snapshot.parse(JSON.parse(JSON.stringify(taken))));
  const { summary, findings, table } = await asker(
    again,
    'builder',
    () => NOW,
  )(diagnostic, {
    namespace: 'crowd',
    ...request,
  });
  expect({ summary, findings, table }).toEqual({
    summary: live.summary,
    findings: live.findings,
    table: live.table,
  });
});

test('a snapshot answers of a container that is called as what every object has', async () => {
  const again = replayed(
    snapshot.parse({ id: 'odd', now: new Date(NOW).toISOString(), namespace: 'shop', objects: [], logs: { web: {} } }),
  );
  const read = {
    path: ['api', 'v1', 'namespaces', 'shop', 'pods', 'web', 'log'],
    query: { container: 'constructor' },
    accept: '*/*',
    priority: 'person',
    signal: AbortSignal.timeout(60_000),
  } as const;
  await expect(again.text(read)).rejects.toMatchObject({ code: 'not_found' });
});
