import { expect, test } from '@jest/globals';
import type { Metrics, Served } from '../../src/k8s/facts/ports.ts';
import { snapshot } from '../../src/k8s/facts/snapshot.ts';
import { lookAtSnapshot } from './lookAtSnapshot.ts';
import { usersSee } from './world/alerts.ts';
import { knativeService } from './world/knative.ts';
import { service } from './world/network.ts';
import { rollOut } from './world/rollout.ts';
import { type Town, town } from './world/town.ts';
import { deployment } from './world/workloads.ts';
import type { World } from './world/world.ts';

/** Failures that no object shows: nothing is unhealthy, and only what requests meet tells. */

const NAMESPACE = 'shop';

type Row = Partial<Served> & Pick<Served, 'errors'>;

/** A metrics server that counted these requests now, and those an hour before the trouble began. */
function counting(now: readonly Row[], before: readonly Row[] | null = null): Metrics {
  const rows = (all: readonly Row[]) =>
    all.map(
      (row): Served => ({ namespace: NAMESPACE, revision: null, pod: null, perSecond: 10, p95Seconds: 0.1, ...row }),
    );
  return {
    throttling: async () => [],
    requests: async (_, agoMs) => (agoMs === 0 ? rows(now) : before && rows(before)),
  };
}

async function look(tell: (stage: Town) => void, metrics: Metrics | null) {
  const stage = town({ namespace: NAMESPACE });
  tell(stage);
  const taken = snapshot.parse(stage.world.snapshot('silent', 'Something is slow.', { silent: true }));
  const diagnosis = await lookAtSnapshot(taken, metrics);
  return diagnosis;
}

/** `front` calls `cart`; the second version of `cart` is ready since eight minutes. */
function rolled(world: World) {
  const env = [{ name: 'CART', value: 'http://cart.shop.svc.cluster.local' }];
  const front = deployment(world, 'front', { ports: [8080], env });
  service(world, 'front');
  const cart = deployment(world, 'cart', { replicas: 4, ports: [8080] });
  service(world, 'cart');
  const { set, pods, oldPods } = rollOut(world, cart, { image: 'registry.example.com/shop/cart:1.9.0' }, { ago: '8m' });
  usersSee(world, 'ErrorRateHigh', 'More than 5 % of requests fail.', '3m');
  return { front, set, pods, oldPods };
}

const of = (pods: readonly { metadata: { name: string } }[], row: Row) =>
  pods.map(({ metadata }) => ({ pod: metadata.name, ...row }));

test('a version that fails beside one that serves well is the cause, with both shares and the way back', async () => {
  const rows: Row[] = [];
  const { findings } = await look(({ world }) => {
    const { pods, oldPods } = rolled(world);
    rows.push(...of(pods, { errors: 0.41 }), ...of(oldPods, { errors: 0.001 }));
  }, counting(rows));
  expect(findings[0]).toMatchObject({
    code: 'version-fails',
    confidence: 'confirmed',
    subject: { kind: 'ReplicaSet' },
  });
  expect(findings[0]?.conclusion).toContain('41 % of its requests fail');
  expect(findings[0]?.because.join('\n')).toMatch(/0\.1 % failed[\s\S]*created 5 min before the alert/);
  expect(findings[0]?.nextStep).toContain('kubectl rollout undo deployment/cart -n shop');
});

test('a revision that answers five times as late as the one before is the cause', async () => {
  const { findings } = await look(
    ({ world }) => {
      knativeService(world, 'resize', { age: '10m' });
      usersSee(world, 'LatencyHigh', 'p95 is above 1 s.', '3m');
    },
    counting(
      [{ revision: 'resize-00001', errors: 0, p95Seconds: 2.4 }],
      [{ revision: 'resize-00001', errors: 0, p95Seconds: 0.4 }],
    ),
  );
  expect(findings[0]).toMatchObject({ code: 'version-fails', subject: { kind: 'Revision', name: 'resize-00001' } });
  expect(findings[0]?.conclusion).toMatch(/within 2\.4 s, before within 400 ms/);
});

test('trouble begins at what is called: who calls it fails with it and is not told as a cause', async () => {
  const rows: Row[] = [];
  const { findings } = await look(({ world }) => {
    const { front, pods, oldPods } = rolled(world);
    rows.push(...of(front.pods, { errors: 0.3 }), ...of([...pods, ...oldPods], { errors: 0.3 }));
  }, counting(rows));
  expect(findings[0]).toMatchObject({ code: 'requests-fail', confidence: 'likely', subject: { name: 'cart' } });
  expect(findings.filter(({ subject }) => subject.name === 'front')).toEqual([]);
});

test('of a few requests no share is taken', async () => {
  const rows: Row[] = [];
  const { verdict, findings } = await look(({ world }) => {
    const { pods } = rolled(world);
    rows.push(...of(pods, { errors: 1, perSecond: 0.01 }));
  }, counting(rows));
  expect(verdict).toBe('unknown');
  expect(findings[0]?.nextStep).not.toContain('go well');
  expect(findings[0]?.nextStep).toContain('counted too few requests');
});

test('requests that are as bad as an hour before are not the trouble of now', async () => {
  const rows: Row[] = [];
  const { verdict, findings } = await look(
    ({ world }) => {
      const { pods, oldPods } = rolled(world);
      rows.push(...of([...pods, ...oldPods], { errors: 0.08 }));
    },
    counting(rows, rows),
  );
  expect(verdict).toBe('unknown');
  expect(findings[0]?.nextStep).toContain('requests to what is measured here go no worse than an hour before');
});

test('requests that go well are said to go well', async () => {
  const rows: Row[] = [];
  const tell = ({ world }: Town) => {
    const { pods, oldPods } = rolled(world);
    rows.push(...of([...pods, ...oldPods], { errors: 0 }));
  };
  const well = await look(tell, counting(rows));
  expect(well.findings[0]?.nextStep).toContain('requests to what is measured here go well');
});

test('nobody is told that requests go well where none came', async () => {
  const { findings } = await look(({ world }) => void rolled(world), counting([]));
  expect(findings[0]?.nextStep).not.toContain('go well');
});

test('a version that is slower than the one beside it is not said to have been faster before', async () => {
  const rows: Row[] = [];
  const { findings } = await look(({ world }) => {
    const { pods, oldPods } = rolled(world);
    rows.push(...of(pods, { errors: 0, p95Seconds: 2.4 }), ...of(oldPods, { errors: 0, p95Seconds: 0.2 }));
  }, counting(rows));
  expect(findings[0]).toMatchObject({ code: 'version-fails', subject: { kind: 'ReplicaSet' } });
  expect(findings[0]?.conclusion).not.toContain('before within');
  expect(findings[0]?.conclusion).toMatch(/those of ReplicaSet cart-\S+ within 200 ms/);
});

test('requests that a function counts itself are no version beside its revision', async () => {
  const rows: Row[] = [{ revision: 'resize-00001', errors: 0.5 }];
  const { findings } = await look(({ world }) => {
    const { workload } = knativeService(world, 'resize', { age: '10m', replicas: 2 });
    // What ends in its queue-proxy never reaches it.
    rows.push(...of(workload.pods, { errors: 0 }));
    usersSee(world, 'ErrorRateHigh', 'More than 5 % of requests fail.', '3m');
  }, counting(rows));
  expect(findings[0]).toMatchObject({ code: 'requests-fail', confidence: 'likely' });
  expect(findings[0]?.because.join('\n')).not.toContain('ReplicaSet');
});

test.each([
  ['without a metrics server', null],
  ['where nobody counts requests', { throttling: async () => [], requests: async () => null } satisfies Metrics],
])('%s the answer is unknown: it says what changed, and by which metric it would be decided', async (_, metrics) => {
  const { verdict, findings } = await look(({ world }) => void rolled(world), metrics);
  expect(verdict).toBe('unknown');
  expect(findings[0]).toMatchObject({ code: 'undecided', confidence: 'unknown' });
  expect(findings[0]?.because.join('\n')).toMatch(
    /Deployment cart was changed 5 min before the alert: image cart:\S+ → cart:1\.9\.0/,
  );
  expect(findings[0]?.nextStep).toContain('http_server_request_duration_seconds_count');
});

test('of functions it names the metric of Knative', async () => {
  const { findings } = await look(({ world }) => {
    knativeService(world, 'resize', { age: '9d' });
    usersSee(world, 'LatencyHigh', 'p95 is above 1 s.', '3m');
  }, null);
  expect(findings[0]?.nextStep).toMatch(/revision_app_request_count or kn_serving_invocation_duration_seconds_count/);
});
