import { afterEach, expect, test } from '@jest/globals';
import { DIAGNOSTICS } from '../../src/k8s/ask/diagnostics.ts';
import { asker } from './stage.ts';
import { type HandMade, startHandMade } from './tables.ts';

let made: HandMade | null = null;
afterEach(async () => {
  await made?.close();
  made = null;
});

const KINDS = [
  ...['pods', 'events', 'nodes', 'services', 'endpoints', 'configmaps', 'resourcequotas', 'persistentvolumeclaims'],
  ...['deployments', 'replicasets', 'statefulsets', 'daemonsets'].map((plural) => `apps/v1/${plural}`),
  'batch/v1/jobs',
  'autoscaling/v2/horizontalpodautoscalers',
  ...['services', 'configurations', 'revisions', 'routes'].map((plural) => `serving.knative.dev/v1/${plural}`),
  'autoscaling.internal.knative.dev/v1alpha1/podautoscalers',
  'networking.internal.knative.dev/v1alpha1/ingresses',
  ...['brokers', 'triggers'].map((plural) => `eventing.knative.dev/v1/${plural}`),
  'lambda.knative.io/v1alpha1/lambdafunctions',
];

/** Objects of which fields are missing, null, or of another type than documented. */
const ODD: readonly object[] = [
  { metadata: { name: 'odd', namespace: 'shop' } },
  {
    metadata: { name: 'odd', namespace: 'shop', labels: 5, managedFields: 'x', creationTimestamp: 'yesterday' },
    spec: null,
    status: 'broken',
  },
  {
    metadata: {
      name: 'odd',
      namespace: 'shop',
      managedFields: [null, { time: 7, fieldsV1: { 'f:spec': 3 } }],
      ownerReferences: [{}],
    },
    spec: { containers: 'none', replicas: '3', template: [], traffic: [null], taints: {}, hard: { cpu: 4 } },
    status: {
      phase: 9,
      conditions: [null, { type: 1, status: true }],
      containerStatuses: [{ state: { waiting: 'CrashLoopBackOff' } }, null],
      traffic: [{ percent: 'all' }],
      allocatable: { cpu: '∞' },
      hard: { cpu: 'lots' },
      used: null,
    },
    involvedObject: null,
  },
];

test.each(DIAGNOSTICS.filter(({ name }) => !/^top |^logs$/.test(name)).map(({ name }) => name))(
  '%s of objects shaped as nobody expects is an answer all the same',
  async (diagnostic) => {
    made = await startHandMade(Object.fromEntries(KINDS.map((kind) => [kind, ODD])));
    const ask = asker(made.cluster, 'operator', () => Date.parse('2026-03-01T12:00:00Z'));
    const name = /^(?:function|describe)$/.test(diagnostic) ? 'odd' : null;
    const result = await ask(diagnostic, { namespace: 'shop', name });
    expect(result.summary).not.toBe('');
    const { table, findings, summary, notes } = result;
    expect(JSON.stringify({ table, findings, summary, notes })).not.toMatch(/undefined|NaN|\[object|Invalid Date/);
  },
);

test.each(['builds', 'function', 'rollouts', 'changes', 'nodes', 'all'])(
  '%s that its caller no longer waits for stops',
  async (diagnostic) => {
    made = await startHandMade(Object.fromEntries(KINDS.map((kind) => [kind, []])), 60_000);
    const { asked } = made.server;
    const ask = asker(made.cluster, 'operator', Date.now);
    const caller = new AbortController();
    const answer = ask(diagnostic, {
      namespace: 'shop',
      name: diagnostic === 'function' ? 'x' : null,
      signal: caller.signal,
    });
    answer.catch(() => {});
    while (asked.length === 0) await new Promise((wake) => setTimeout(wake, 10));
    caller.abort();
    // Its own deadline would say `timeout`.
    await expect(answer).rejects.toMatchObject({ code: 'cancelled' });
  },
);
