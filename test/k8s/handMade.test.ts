import { afterEach, describe, expect, test } from '@jest/globals';
import type { DiagnosticRequest } from '../../src/commands/ports.ts';
import { brokenSteps } from './objects.ts';
import { asker } from './stage.ts';
import { type HandMade, type Holdings, startHandMade } from './tables.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
let made: HandMade | null = null;
afterEach(async () => {
  await made?.close();
  made = null;
});

async function ask(holdings: Holdings, diagnostic: string, request: Partial<DiagnosticRequest> = {}) {
  made = await startHandMade(holdings);
  const result = await asker(made.cluster, 'operator', () => NOW)(diagnostic, { namespace: 'shop', ...request });
  expect(brokenSteps(result.findings)).toEqual([]);
  return result;
}

const meta = (name: string, more: object = {}) => ({
  metadata: { name, namespace: 'shop', creationTimestamp: '2026-02-01T00:00:00Z', ...more },
});
const condition = (type: string, status: string, reason?: string, message?: string) => ({
  type,
  status,
  reason,
  message,
});
const codes = (result: { findings: readonly { code: string }[] }) => result.findings.map(({ code }) => code);

test.each<[string, Holdings, string]>([
  ['jobs', { 'batch/v1/jobs': [meta('one')] }, '1 Job: 0 failed'],
  ['jobs', { 'batch/v1/jobs': [meta('one'), meta('two')] }, '2 Jobs: 0 failed'],
  ['pods', { pods: [{ ...meta('one'), status: { phase: 'Succeeded' } }] }, '1 pod, which looks healthy'],
  ['events', { events: [{ ...meta('one'), type: 'Warning', reason: 'Odd' }] }, '1 event, 1 warning;'],
])('%s are counted as people do', async (diagnostic, holdings, summary) => {
  expect((await ask(holdings, diagnostic)).summary).toContain(summary);
});

describe('the kubectl command of logs', () => {
  const podOf = (name: string, failing: string | null, more: object = {}) => ({
    ...meta(name, { labels: { app: 'web' }, ...more }),
    spec: { initContainers: [{ name: 'migrate' }], containers: [{ name: 'proxy' }, { name: 'app' }] },
    status: {
      phase: 'Running',
      containerStatuses: ['proxy', 'app'].map((container) => ({
        name: container,
        state: container === failing ? { waiting: { reason: 'CrashLoopBackOff' } } : { running: {} },
      })),
      initContainerStatuses: [{ name: 'migrate', state: { terminated: { exitCode: failing === 'migrate' ? 1 : 0 } } }],
    },
  });
  const marked = { annotations: { 'kubectl.kubernetes.io/default-container': 'app' } };

  test.each<[string, object[], Partial<DiagnosticRequest>, string]>([
    ['names the container that failed', [podOf('web-1', 'app')], { name: 'web-1' }, 'web-1 -n shop -c app'],
    ['names an init container', [podOf('web-1', 'migrate')], { name: 'web-1' }, 'web-1 -n shop -c migrate'],
    ['leaves kubectl its own choice', [podOf('web-1', 'proxy')], { name: 'web-1' }, 'web-1 -n shop'],
    ['knows the default a pod is marked with', [podOf('web-1', 'app', marked)], { name: 'web-1' }, 'web-1 -n shop'],
    [
      'keeps the container that was asked for',
      [podOf('web-1', 'app')],
      { name: 'web-1', container: 'proxy' },
      'web-1 -n shop -c proxy',
    ],
    [
      'shows all when they differ',
      [podOf('web-1', 'app'), podOf('web-2', 'migrate')],
      { selector: 'app=web' },
      '-l app=web -n shop --all-containers',
    ],
  ])('%s', async (_what, pods, request, command) => {
    const { kubectl } = await ask({ pods, 'pods/web-1': pods.slice(0, 1) }, 'logs', request);
    expect(kubectl).toBe(`kubectl logs ${command} --tail=100`);
  });

  test('names pods in a way kubectl understands, and since when', async () => {
    const pods = [podOf('web-7d9f-x2k9p', 'app'), podOf('web-7d9f-q8w7e', 'app')];
    const owner = await ask({ pods }, 'logs', { name: 'job/web', since: NOW - 60_500 });
    expect(owner.kubectl).toBe(
      'kubectl logs -l job-name=web -n shop -c app --tail=100 --since-time=2026-03-01T11:58:59Z',
    );
  });
});

describe('function', () => {
  const SERVING = 'serving.knative.dev/v1';
  const labels = { 'serving.knative.dev/service': 'resize' };
  const service = (conditions: object[], status: object = {}) => ({
    ...meta('resize'),
    status: {
      conditions,
      latestCreatedRevisionName: 'resize-00002',
      latestReadyRevisionName: 'resize-00002',
      traffic: [{ revisionName: 'resize-00002', percent: 100, latestRevision: true }],
      ...status,
    },
  });
  const ready = [
    condition('Ready', 'True'),
    condition('RoutesReady', 'True'),
    condition('ConfigurationsReady', 'True'),
  ];
  const podOf = (containers: object[]) => ({
    ...meta('resize-00002-a', { labels: { ...labels, 'serving.knative.dev/revision': 'resize-00002' } }),
    spec: { containers: [] },
    status: { phase: 'Running', containerStatuses: containers },
  });
  const base: Holdings = {
    [`${SERVING}/services`]: [service(ready)],
    [`${SERVING}/configurations`]: [{ ...meta('resize'), status: { conditions: [condition('Ready', 'True')] } }],
    [`${SERVING}/routes`]: [{ ...meta('resize'), status: { conditions: [condition('Ready', 'True')] } }],
    [`${SERVING}/revisions`]: [
      { ...meta('resize-00002', { labels }), status: { conditions: [condition('Ready', 'True')] } },
    ],
    'networking.internal.knative.dev/v1alpha1/ingresses': [],
    'autoscaling.internal.knative.dev/v1alpha1/podautoscalers': [],
    'lambda.knative.io/v1alpha1/lambdafunctions': [],
    pods: [],
    events: [],
  };

  test('without a revision that was ever ready is down', async () => {
    const missing = [
      condition('Ready', 'False', 'RevisionMissing'),
      condition('RoutesReady', 'False', 'RevisionMissing', 'Configuration "resize" does not have any ready Revision.'),
    ];
    const result = await ask(
      { ...base, [`${SERVING}/services`]: [service(missing, { traffic: [], latestReadyRevisionName: undefined })] },
      'function',
      {
        name: 'resize',
      },
    );
    expect(result.findings[0]).toMatchObject({ code: 'function-down', level: 'critical' });
    expect(result.findings[0]?.conclusion).toContain('no revision of it has become ready');
  });

  test('whose ingress is not ready points at the gateway', async () => {
    const since = { lastTransitionTime: '2026-03-01T11:50:00Z' };
    const waits = { reason: 'Uninitialized', message: 'Waiting for load balancer to be ready', ...since };
    const conditions = [
      { ...condition('Ready', 'Unknown'), ...waits },
      { ...condition('RoutesReady', 'Unknown'), ...waits },
    ];
    const route = {
      conditions: [condition('AllTrafficAssigned', 'True'), { ...condition('IngressReady', 'Unknown'), ...waits }],
    };
    const result = await ask(
      {
        ...base,
        [`${SERVING}/services`]: [service(conditions)],
        [`${SERVING}/routes`]: [{ ...meta('resize'), status: route }],
      },
      'function',
      { name: 'resize' },
    );
    expect(result.findings[0]).toMatchObject({
      code: 'route-failed',
      confidence: 'likely',
      subject: { kind: 'Route', name: 'resize' },
      conclusion: expect.stringContaining('no gateway has taken up its ingress for 10 min'),
      because: ['IngressReady=Unknown/Uninitialized: Waiting for load balancer to be ready'],
      nextStep: expect.stringContaining('/lambda diag serving'),
    });
  });

  test('that runs without answering its probe is told apart from queue-proxy', async () => {
    const containers = [
      { name: 'user-container', ready: true, state: { running: { startedAt: '2026-03-01T11:50:00Z' } } },
      { name: 'queue-proxy', ready: false, state: { running: { startedAt: '2026-03-01T11:50:00Z' } } },
    ];
    const result = await ask({ ...base, pods: [podOf(containers)] }, 'function', { name: 'resize' });
    expect(codes(result)).toEqual(['function-not-answering']);
    expect(result.findings[0]?.conclusion).toContain('listens on another port');
  });

  test('whose traffic is split or pinned says so', async () => {
    const traffic = [
      { revisionName: 'resize-00002', percent: 90 },
      { revisionName: 'resize-00001', percent: 10 },
    ];
    const split = await ask({ ...base, [`${SERVING}/services`]: [service(ready, { traffic })] }, 'function', {
      name: 'resize',
    });
    expect(split.findings).toMatchObject([{ code: 'traffic-split', level: 'notice' }]);
    await made?.close();
    const pinned = await ask(
      {
        ...base,
        [`${SERVING}/services`]: [service(ready, { traffic: [{ revisionName: 'resize-00001', percent: 100 }] })],
      },
      'function',
      { name: 'resize' },
    );
    expect(pinned.findings).toMatchObject([{ code: 'traffic-pinned' }]);
  });

  test('that waits for its first pod is a cold start', async () => {
    const active = condition('Active', 'Unknown', 'Queued', 'Requests to the target are being buffered');
    const kpa = { ...meta('resize-00002'), status: { conditions: [active], desiredScale: 1, actualScale: 0 } };
    const result = await ask(
      { ...base, 'autoscaling.internal.knative.dev/v1alpha1/podautoscalers': [kpa] },
      'function',
      { name: 'resize' },
    );
    expect(result.findings).toMatchObject([{ code: 'cold-start-waiting', level: 'warning' }]);
  });

  test.each([
    ['Failed', condition('BuildReady', 'False', 'BuildFailed'), 'function-failed', 'its build failed'],
    [
      'Failed',
      condition('SourceReady', 'False', 'BuildContextFailed'),
      'source-not-ready',
      'The source of resize is not ready',
    ],
    ['Failed', condition('DeployReady', 'False', 'ServiceCreationFailed'), 'function-failed', 'could not be made'],
    ['Building', condition('BuildReady', 'Unknown'), 'function-in-progress', 'Building'],
  ])('in phase %s with %o says what failed', async (phase, one, code, words) => {
    const lambda = { ...meta('resize'), status: { phase, conditions: [one] } };
    const result = await ask(
      { ...base, [`${SERVING}/services`]: [], 'lambda.knative.io/v1alpha1/lambdafunctions': [lambda] },
      'function',
      { name: 'resize' },
    );
    expect(result.findings[0]).toMatchObject({ code, conclusion: expect.stringContaining(words) });
    // What else is said follows from it.
    expect(codes(result).slice(1)).toEqual(code === 'source-not-ready' ? ['function-failed'] : []);
  });

  test('that the operator calls failed while Knative serves it is a stale phase', async () => {
    const status = { phase: 'Failed', conditions: [condition('ServiceReady', 'False', 'ServiceUnhealthy')] };
    const result = await ask(
      { ...base, 'lambda.knative.io/v1alpha1/lambdafunctions': [{ ...meta('resize'), status }] },
      'function',
      { name: 'resize' },
    );
    expect(result.findings).toMatchObject([{ code: 'phase-stale', level: 'notice' }]);
  });

  test('in a cluster without Knative says that, and what to ask instead', async () => {
    await expect(ask({ pods: [], events: [] }, 'function', { name: 'resize' })).rejects.toMatchObject({
      code: 'not_found',
      message: expect.stringContaining('no Knative Serving'),
      hint: expect.stringContaining('/lambda diag'),
    });
  });

  test('shows what it could read when a part is refused', async () => {
    const result = await ask(
      { ...base, pods: 403, 'networking.internal.knative.dev/v1alpha1/ingresses': 403 },
      'function',
      { name: 'resize' },
    );
    expect(result.notes.join()).toMatch(/pods: forbidden.*|ingresses\.networking/);
    expect(result.notes.filter((note) => note.includes('forbidden'))).toHaveLength(2);
    expect(result.summary).toContain('pods not read');
    // Without pods nothing says that it scaled to zero.
    expect(codes(result)).toEqual([]);
  });
});

describe('changes', () => {
  const edited = (manager: string, time: string, fieldsV1: object, more: object = {}) => ({
    managedFields: [{ manager, operation: 'Update', time, fieldsV1, ...more }],
  });
  const HELD: Holdings = {
    'apps/v1/replicasets': [],
    'apps/v1/deployments': [
      { ...meta('web', edited('kubectl-edit', '2026-03-01T11:50:00Z', { 'f:spec': { 'f:template': {} } })) },
      {
        ...meta(
          'api',
          edited('kube-controller-manager', '2026-03-01T11:55:00Z', { 'f:status': {} }, { subresource: 'status' }),
        ),
      },
    ],
    'apps/v1/statefulsets': [],
    'apps/v1/daemonsets': [],
    resourcequotas: [
      { ...meta('late', edited('helm', '2026-03-01T12:05:00Z', { 'f:spec': { 'f:hard': {} } })) },
      { ...meta('builds', edited('ana', '2026-03-01T11:30:00Z', { 'f:spec': { 'f:hard': {} } })) },
    ],
  };

  test('are dated by managedFields and ranked by how close before the start they were', async () => {
    const result = await ask(HELD, 'changes', { startedAt: NOW, since: NOW - 3_600_000 });
    expect(result.table?.rows.map(([name, what, age, by]) => [name, what, age, by])).toEqual([
      ['deploy/web', 'spec: template', '10m', 'kubectl-edit'],
      ['quota/builds', 'spec: hard', '30m', 'ana'],
      ['quota/late', 'spec: hard', '+5m', 'helm'],
    ]);
    expect(result.findings.map(({ subject }) => subject.name)).toEqual(['web', 'builds']);
    expect(result.notes.join()).not.toContain('managedFields');
  });

  test('ask for no ConfigMap and say that their edits are not seen', async () => {
    const { notes } = await ask(HELD, 'changes');
    expect(made?.server.asked.filter(({ url }) => /configmaps|secrets/.test(url))).toEqual([]);
    expect(notes.join()).toContain('ConfigMaps and Secrets are not read');
  });

  test('that there were none is a finding only when everything could be read', async () => {
    const quiet: Holdings = { ...HELD, 'apps/v1/deployments': [], resourcequotas: [] };
    const request = { startedAt: NOW, since: NOW - 3_600_000 };
    expect(codes(await ask(quiet, 'changes', request))).toEqual(['no-change']);
    await made?.close();
    expect(codes(await ask({ ...quiet, resourcequotas: 403 }, 'changes', request))).toEqual([]);
  });

  test('of a restart and of a rollback say what it was', async () => {
    const set = (name: string, time: string, revision: string, image: string, annotations: object = {}) => ({
      ...meta(name, {
        creationTimestamp: time,
        annotations: { 'deployment.kubernetes.io/revision': revision },
        ownerReferences: [{ kind: 'Deployment', name: 'web' }],
      }),
      spec: { template: { metadata: { annotations }, spec: { containers: [{ name: 'web', image }] } } },
    });
    const restart = { 'kubectl.kubernetes.io/restartedAt': '2026-03-01T11:40:00Z' };
    const sets = [
      set('web-1', '2026-03-01T11:20:00Z', '1', 'r.test/web:1'),
      set('web-2', '2026-03-01T11:30:00Z', '2', 'r.test/web:2'),
      set('web-3', '2026-03-01T11:40:00Z', '3', 'r.test/web:2', restart),
    ];
    const held: Holdings = {
      ...HELD,
      'apps/v1/replicasets': sets,
      'apps/v1/deployments': [],
      resourcequotas: [],
    };
    const result = await ask(held, 'changes');
    expect(result.table?.rows.map((cells) => cells[1])).toEqual(['restarted', 'image 2', 'first rollout']);
    expect(result.table?.rows[1]?.at(-1)).toContain('web:1 → web:2');
  });
});

describe('hpa', () => {
  const scaler = (status: object) => ({
    ...meta('web'),
    spec: { minReplicas: 2, maxReplicas: 10, scaleTargetRef: { kind: 'Deployment', name: 'web' } },
    status,
  });
  const at = async (status: object) =>
    codes(await ask({ 'autoscaling/v2/horizontalpodautoscalers': [scaler(status)] }, 'hpa'));

  test.each([
    [{ currentReplicas: 10, conditions: [condition('ScalingLimited', 'True', 'TooManyReplicas')] }, ['hpa-at-maximum']],
    [{ currentReplicas: 2, conditions: [condition('ScalingLimited', 'True', 'TooFewReplicas')] }, []],
    [
      { currentReplicas: 3, conditions: [condition('ScalingActive', 'False', 'FailedGetResourceMetric')] },
      ['hpa-no-metrics'],
    ],
    [{ currentReplicas: 0, conditions: [condition('ScalingActive', 'False', 'ScalingDisabled')] }, ['hpa-disabled']],
    [{ currentReplicas: 3, conditions: [condition('AbleToScale', 'False', 'FailedGetScale')] }, ['hpa-not-able']],
    [
      {
        currentReplicas: 3,
        conditions: [condition('AbleToScale', 'False', 'FailedGetScale', 'deployments.apps "web" not found')],
      },
      ['hpa-target-missing'],
    ],
  ])('%o is told as %o', async (status, expected) => {
    expect(await at(status)).toEqual(expected);
  });
});

describe('nodes', () => {
  const node = (conditions: object[], spec: object = {}) => ({
    metadata: { name: 'n1', creationTimestamp: '2026-02-01T00:00:00Z' },
    spec,
    status: { allocatable: { cpu: '4', memory: '8Gi', pods: '110' }, conditions },
  });
  const ready = condition('Ready', 'True');
  const held = (one: object, pods: object[] = []): Holdings => ({ nodes: [one], pods, events: [] });

  test.each([
    [node([condition('Ready', 'Unknown', 'NodeStatusUnknown')]), 'node-unreachable', 'stopped posting its status'],
    [node([ready, condition('DiskPressure', 'True')]), 'node-pressure', 'disk pressure'],
    [node([ready, condition('PIDPressure', 'True')]), 'node-pressure', 'process-number pressure'],
    [node([ready, condition('ReadonlyFilesystem', 'True')]), 'node-condition', 'ReadonlyFilesystem'],
    [node([ready], { unschedulable: true }), 'node-cordoned', 'cordoned'],
  ])('%# say what is wrong', async (one, code, words) => {
    const result = await ask(held(one), 'nodes');
    expect(result.findings).toMatchObject([{ code, conclusion: expect.stringContaining(words) }]);
  });

  test('are healthy when they vote in etcd', async () => {
    expect(codes(await ask(held(node([ready, condition('EtcdIsVoter', 'True')])), 'nodes'))).toEqual([]);
  });

  test('are full when pods request nearly all of them, whatever is used', async () => {
    const pod = {
      ...meta('p'),
      spec: { nodeName: 'n1', containers: [{ name: 'a', resources: { requests: { cpu: '3900m', memory: '1Gi' } } }] },
      status: { phase: 'Running' },
    };
    const result = await ask(held(node([ready]), [pod]), 'nodes');
    expect(result.findings).toMatchObject([{ code: 'node-full', conclusion: expect.stringContaining('CPU 98%') }]);
    expect(result.table?.rows[0]?.slice(2, 5)).toEqual(['98%', '13%', '1/110']);
  });

  test('are not blamed for what they evicted days ago', async () => {
    const evictedAt = (name: string, time: string) => ({
      ...meta(name),
      spec: { nodeName: 'n1', containers: [] },
      status: {
        phase: 'Failed',
        reason: 'Evicted',
        conditions: [{ type: 'DisruptionTarget', status: 'True', lastTransitionTime: time }],
      },
    });
    const pods = [evictedAt('old', '2026-02-20T00:00:00Z'), evictedAt('new', '2026-03-01T11:00:00Z')];
    const result = await ask(held(node([ready]), pods), 'nodes');
    expect(result.findings).toMatchObject([
      { code: 'evicted', subject: { kind: 'Pod', namespace: 'shop', name: 'new' }, because: [expect.any(String)] },
    ]);
    expect(result.table?.rows[0]?.[5]).toBe('1');
  });

  test('do not name pods of namespaces nobody gave us to read', async () => {
    const pod = {
      metadata: { name: 'payroll-7', namespace: 'hr' },
      spec: { nodeName: 'n1', containers: [] },
      status: { phase: 'Failed', reason: 'Evicted', message: 'payroll ran out' },
    };
    const result = await ask(held(node([ready]), [pod]), 'nodes');
    expect(result.table?.rows[0]?.[5]).toBe('1');
    expect(JSON.stringify(result)).not.toMatch(/payroll|"hr/);
  });
});

test('a quota of nothing that nobody uses is no accident, one that was overrun is', async () => {
  const of = (used: string) => ({
    ...meta('q'),
    status: { hard: { 'count/services': '0', cpu: '4' }, used: { 'count/services': '0', cpu: used } },
  });
  expect(codes(await ask({ resourcequotas: [of('1')], events: [] }, 'quota'))).toEqual([]);
  await made?.close();
  expect(codes(await ask({ resourcequotas: [of('5')], events: 403 }, 'quota'))).toEqual(['quota-full']);
  await made?.close();
  expect(codes(await ask({ resourcequotas: [of('3700m')], events: [] }, 'quota'))).toEqual(['quota-nearly-full']);
});

describe('rollouts', () => {
  const deployment = (status: object, spec: object = {}) => ({
    ...meta('web'),
    spec: { replicas: 3, ...spec },
    status,
  });
  const held = (one: object): Holdings => ({
    'apps/v1/deployments': [one],
    'apps/v1/replicasets': [],
    'apps/v1/statefulsets': [],
    'apps/v1/daemonsets': [],
  });

  test.each([
    [
      {
        readyReplicas: 2,
        availableReplicas: 2,
        updatedReplicas: 1,
        conditions: [condition('Progressing', 'False', 'ProgressDeadlineExceeded')],
      },
      'rollout-stuck',
      'critical',
    ],
    [
      { conditions: [condition('ReplicaFailure', 'True', 'FailedCreate', 'exceeded quota')] },
      'create-refused',
      'critical',
    ],
    [{ updatedReplicas: 3 }, 'replicas-short', 'critical'],
    [{ readyReplicas: 2, availableReplicas: 2, updatedReplicas: 3 }, 'replicas-short', 'warning'],
    [
      {
        readyReplicas: 2,
        availableReplicas: 2,
        updatedReplicas: 1,
        conditions: [condition('Progressing', 'True', 'ReplicaSetUpdated')],
      },
      'rollout-in-progress',
      'notice',
    ],
  ])('with %o are %s', async (status, code, level) => {
    const result = await ask(held(deployment(status)), 'rollouts');
    expect(result.findings[0]).toMatchObject({ code, level, subject: { kind: 'Deployment', name: 'web' } });
    // That replicas are missing may follow, and nothing else.
    expect(
      codes(result)
        .slice(1)
        .filter((one) => one !== 'replicas-short'),
    ).toEqual([]);
  });

  test('that are paused or scaled to nothing say so or nothing', async () => {
    const whole = { readyReplicas: 3, availableReplicas: 3 };
    expect(codes(await ask(held(deployment({ ...whole, updatedReplicas: 3 }, { paused: true })), 'rollouts'))).toEqual([
      'paused',
    ]);
    await made?.close();
    expect(codes(await ask(held(deployment({}, { replicas: 0 })), 'rollouts'))).toEqual([]);
  });

  test('of a name nothing has are not found', async () => {
    await expect(ask(held(deployment({})), 'rollouts', { name: 'nobody' })).rejects.toMatchObject({
      code: 'not_found',
    });
  });
});

test('what containers and conditions print passes the redactor', async () => {
  const secret = 'postgres://app:hunter2hunter2@db:5432/shop';
  const message = `Container failed with: cannot reach ${secret}`;
  const status = {
    conditions: [
      condition('Ready', 'False', 'ExitCode1', message),
      condition('RoutesReady', 'False', 'RevisionMissing', message),
    ],
  };
  const crashed = {
    ...meta('resize-00001-a', { labels: { 'serving.knative.dev/revision': 'resize-00001' } }),
    spec: { containers: [{ name: 'user-container' }] },
    status: {
      phase: 'Running',
      containerStatuses: [
        {
          name: 'user-container',
          state: { waiting: { reason: 'CrashLoopBackOff', message } },
          lastState: { terminated: { exitCode: 1, message } },
        },
      ],
    },
  };
  const held: Holdings = {
    'serving.knative.dev/v1/services': [{ ...meta('resize'), status }],
    'serving.knative.dev/v1/revisions': [],
    pods: [crashed],
    events: [],
  };
  const result = await ask(held, 'function', { name: 'resize' });
  expect(codes(result)).toEqual(expect.arrayContaining(['crash-loop', 'function-down']));
  expect(JSON.stringify(result)).toContain('cannot reach');
  expect(JSON.stringify(result)).not.toContain('hunter2');
});

test('a first look tells what it could not read and ends with the rest', async () => {
  const pods = [{ ...meta('web-1'), spec: { containers: [] }, status: { phase: 'Running' } }];
  const result = await ask({ pods, events: 500, resourcequotas: 403 }, 'all');
  expect(result.table?.rows[0]?.slice(0, 2)).toEqual(['pods', '1']);
  expect(result.table?.rows.map(([name]) => name)).not.toContain('events');
  expect(result.notes.join('\n')).toMatch(/events in shop: .*is refused[\s\S]*resourcequotas in shop: .*is refused/);
});

test('a first look of which nothing could be read is an error', async () => {
  await expect(ask({ pods: 403, events: 403, resourcequotas: 403 }, 'all')).rejects.toMatchObject({
    code: 'forbidden',
  });
});
