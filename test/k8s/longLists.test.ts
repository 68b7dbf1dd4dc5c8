import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Cluster, startCluster } from '../../simulator/cluster/start.ts';
import type { ClusterAccess, Read } from '../../src/k8s/client/cluster.ts';
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
  expect(summary).toBe('1500 events, 10 warnings; the newest stand last.');
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
