import { afterEach, describe, expect, test } from '@jest/globals';
import { installPlatform } from '../../simulator/cluster/healthyPlatform.ts';
import { type Cluster, startCluster } from '../../simulator/cluster/start.ts';
import { createMetricStore } from '../../simulator/metrics/store.ts';
import { createDirector } from '../../simulator/scenarios/director.ts';
import { PROFILES } from '../../src/alerts/profile.ts';
import type { DiagnosticResult } from '../../src/incidents/evidence.ts';
import { createDiagnostics } from '../../src/k8s/ask/diagnostics.ts';
import type { ClusterAccess } from '../../src/k8s/client/cluster.ts';
import { createRedactor } from '../../src/redaction/redactor.ts';
import { asking } from '../builders/diagnostics.ts';
import { type ApiServer, failure, json, open, startApiServer } from './servers.ts';

const START = Date.parse('2026-03-01T12:00:00Z');
const PROFILE = PROFILES.operator;
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function ask(access: ClusterAccess, diagnostic: string, namespace: string): Promise<DiagnosticResult> {
  closers.push(() => access.close());
  const diagnostics = createDiagnostics({
    clusters: new Map([['test', access]]),
    defaultCluster: 'test',
    profile: PROFILE,
    redactor: createRedactor(),
    clock: () => START,
  });
  return diagnostics.run(asking(diagnostic, { namespace }));
}

/** The simulated platform, `seconds` after the scenario began; healthy without one. */
async function platform(scenario: string | null = null, seconds = 0): Promise<ClusterAccess> {
  let now = START;
  const clock = () => now;
  const cluster: Cluster = await startCluster({ profile: 'operator', clock });
  closers.push(() => cluster.close());
  installPlatform(cluster.world, { profile: 'operator', now });
  if (scenario) {
    const director = createDirector({
      world: cluster.world,
      metrics: createMetricStore({ now: clock }),
      clock: { now: clock },
      profile: 'operator',
    });
    closers.push(() => director.close());
    director.start(scenario);
    for (let second = 0; second < seconds; second += 1) {
      now += 1000;
      director.tick();
      cluster.step();
    }
  }
  return open(cluster.kubeconfig());
}

async function server(answer: Parameters<typeof startApiServer>[0]): Promise<ApiServer> {
  const started = await startApiServer(answer);
  closers.push(() => started.close());
  return started;
}

const PLACES = [
  ['storage', 'minio'],
  ['eventing', 'knative-lambda'],
  ['serving', 'knative-serving'],
  ['operator', 'knative-operator'],
] as const;

describe.each(PLACES)('diag %s', (diagnostic, namespace) => {
  test('finds nothing wrong on a healthy platform and shows what there is', async () => {
    const result = await ask(await platform(), diagnostic, namespace);
    expect(result.findings.filter(({ level }) => level === 'critical')).toEqual([]);
    expect(result.table?.rows.length).toBeGreaterThan(0);
  });

  test('says in a note what it may not read, and answers with the rest', async () => {
    const api = await server((_, response) =>
      failure(response, 403, 'pods is forbidden: User "x" cannot list resource'),
    );
    const result = await ask(open(api.kubeconfig()), diagnostic, namespace);
    expect(result.notes.join('\n')).toMatch(/forbidden/);
    expect(result.findings).toEqual([]);
  });

  test('works on a cluster without Knative', async () => {
    const api = await server(({ url }, response) =>
      /^\/(api|apis\/apps)\/v1\//.test(url)
        ? json(response, { kind: 'List', items: [] })
        : failure(response, 404, 'the server could not find the requested resource'),
    );
    const result = await ask(open(api.kubeconfig()), diagnostic, namespace);
    expect(result.findings).toEqual([]);
    if (diagnostic !== 'storage')
      expect([result.summary, ...result.notes].join('\n')).toMatch(/not installed|installed\?/);
  });
});

describe('what is broken is named with the object and its evidence', () => {
  test('a webhook without a replica, and who waits for it', async () => {
    const access = await platform('s08', 700);
    const serving = await ask(access, 'serving', 'knative-serving');
    expect(serving.findings).toContainEqual(
      expect.objectContaining({
        code: 'webhook-down',
        subject: { kind: 'Deployment', namespace: 'knative-serving', name: 'webhook' },
      }),
    );
    const operator = await ask(access, 'operator', 'knative-operator');
    expect(operator.findings).toContainEqual(
      expect.objectContaining({
        code: 'knative-not-ready',
        conclusion: expect.stringContaining('it waits for Deployment webhook'),
      }),
    );
  });

  test('a volume that cannot be attached', async () => {
    const { findings } = await ask(await platform('s09', 30), 'storage', 'minio');
    expect(findings.map(({ because }) => because.join(' ')).join('\n')).toContain('Multi-Attach error');
  });

  test('a Trigger whose subscriber does not exist', async () => {
    const { findings } = await ask(await platform('t01', 60), 'eventing', 'knative-lambda');
    expect(findings).toContainEqual(
      expect.objectContaining({
        code: 'subscriber-missing',
        subject: expect.objectContaining({ name: 'price-updater-trigger' }),
        conclusion: expect.stringContaining('its subscriber price-updater does not exist'),
      }),
    );
  });

  test('a volume claim, in the words of a real API server', async () => {
    const items: Readonly<Record<string, readonly object[]>> = {
      persistentvolumeclaims: [
        {
          metadata: { name: 'data', namespace: 'shop' },
          spec: { storageClassName: 'fast' },
          status: { phase: 'Pending' },
        },
      ],
      pods: [],
      events: [
        {
          metadata: { name: 'e', namespace: 'shop' },
          type: 'Warning',
          reason: 'ProvisioningFailed',
          message: 'storageclass.storage.k8s.io "fast" not found',
          involvedObject: { kind: 'PersistentVolumeClaim', namespace: 'shop', name: 'data' },
        },
      ],
    };
    const api = await server(({ url }, response) => {
      const kind = /namespaces\/shop\/(\w+)/.exec(url)?.[1] ?? '';
      json(response, {
        kind: 'Table',
        columnDefinitions: [{ name: 'Name' }],
        rows: (items[kind] ?? []).map((object) => ({ cells: ['x'], object })),
      });
    });
    const { findings } = await ask(open(api.kubeconfig()), 'storage', 'shop');
    expect(findings).toContainEqual(
      expect.objectContaining({
        code: 'claim-no-class',
        subject: expect.objectContaining({ kind: 'PersistentVolumeClaim', name: 'data' }),
        because: expect.arrayContaining(['ProvisioningFailed: storageclass.storage.k8s.io "fast" not found']),
      }),
    );
  });
});
