import { describe, expect, test } from '@jest/globals';
import { at, crashLoop, ended, failedBuild, incidentOf, lookAt, pod } from './diagnosisWorld.ts';

const OWNER = { kind: 'ReplicaSet', name: 'checkout-7d9f8b6c54' };
const BUILDS = 'knative-lambda-builds';
const warning = (reason: string, message: string, kind: string, name: string, namespace: string, minutes = -5) => ({
  metadata: { name: `${name}.${reason}`, namespace },
  type: 'Warning',
  reason,
  message,
  lastTimestamp: at(minutes),
  involvedObject: { kind, name, namespace },
});

describe('on a cluster that has nothing to do with Knative', () => {
  test('a crashing container is named with its last words, whichever labels name it', async () => {
    const known = incidentOf('KubePodCrashLooping', {
      severity: 'critical',
      namespace: 'monitoring',
      pod: 'kube-state-metrics-6f7d9c-abcde',
      exported_namespace: 'shop',
      exported_pod: 'checkout-7d9f8b6c54-x2k9p',
      exported_container: 'app',
    });
    const result = await lookAt(known, {
      lists: {
        'pods shop': [
          pod(
            'checkout-7d9f8b6c54-x2k9p',
            'shop',
            { state: crashLoop, lastState: ended(2, 'Error'), ready: false, restarts: 7 },
            { owner: OWNER },
          ),
        ],
      },
      logs: {
        // A container that waits after a crash has its dead instance as its log.
        'checkout-7d9f8b6c54-x2k9p/app':
          'starting\npanic: runtime error: index out of range [3] with length 3\n\ngoroutine 1 [running]:',
      },
    });
    expect(result.findings[0]).toMatchObject({
      code: 'log-panic',
      confidence: 'confirmed',
      subject: { kind: 'Pod', namespace: 'shop', name: 'checkout-7d9f8b6c54-x2k9p' },
      conclusion: expect.stringContaining('panic: runtime error: index out of range'),
    });
  });

  test('exit code 137 without OOMKilled is not taken for memory', async () => {
    const known = incidentOf('KubeDeploymentReplicasMismatch', { namespace: 'shop', deployment: 'checkout' });
    const result = await lookAt(known, {
      lists: {
        'pods shop': [
          pod(
            'checkout-7d9f8b6c54-x2k9p',
            'shop',
            { state: crashLoop, lastState: ended(137, 'Error'), ready: false, restarts: 3, limit: '128Mi' },
            { owner: OWNER },
          ),
        ],
        'events shop': [
          warning(
            'Unhealthy',
            'Liveness probe failed: HTTP probe failed with statuscode: 503',
            'Pod',
            'checkout-7d9f8b6c54-x2k9p',
            'shop',
          ),
        ],
      },
    });
    expect(result.findings[0]?.conclusion).not.toMatch(/memory/);
    expect(result.findings[0]?.because.join('\n')).toContain('Unhealthy: Liveness probe failed');
  });

  test('a container that cannot be created is told with the missing object', async () => {
    const waiting = { waiting: { reason: 'CreateContainerConfigError', message: 'secret "db-password" not found' } };
    const result = await lookAt(
      incidentOf('KubePodNotReady', { namespace: 'shop', pod: 'checkout-7d9f8b6c54-x2k9p' }),
      {
        lists: {
          'pods shop': [
            pod(
              'checkout-7d9f8b6c54-x2k9p',
              'shop',
              { state: waiting, ready: false },
              { owner: OWNER, status: { phase: 'Pending' } },
            ),
          ],
        },
      },
    );
    expect(result.findings[0]?.conclusion).toMatch(/secret "db-password"|db-password/);
  });

  test('a node that stopped answering is named', async () => {
    const node = {
      metadata: { name: 'ip-10-0-0-7' },
      spec: {},
      status: {
        conditions: [
          {
            type: 'Ready',
            status: 'Unknown',
            reason: 'NodeStatusUnknown',
            message: 'Kubelet stopped posting node status.',
            lastTransitionTime: at(-12),
          },
        ],
      },
    };
    const result = await lookAt(incidentOf('KubeNodeNotReady', { node: 'ip-10-0-0-7' }), { lists: { nodes: [node] } });
    expect(result.findings[0]).toMatchObject({
      code: 'node-unreachable',
      subject: { kind: 'Node', name: 'ip-10-0-0-7' },
      confidence: 'confirmed',
    });
  });

  test('a Job of a team is told with what its container said', async () => {
    const job = {
      metadata: { name: 'nightly-report-29011', namespace: 'shop' },
      spec: {},
      status: {
        failed: 1,
        conditions: [{ type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded', lastTransitionTime: at(-8) }],
      },
    };
    const failed = pod(
      'nightly-report-29011-x2k9p',
      'shop',
      { state: ended(1, 'Error', -8), ready: false },
      { owner: { kind: 'Job', name: 'nightly-report-29011' } },
    );
    const result = await lookAt(incidentOf('KubeJobFailed', { namespace: 'shop', job_name: 'nightly-report-29011' }), {
      lists: { 'jobs shop': [job], 'pods shop': [failed] },
      logs: { 'nightly-report-29011-x2k9p/app': 'connecting\nError: connect ECONNREFUSED 10.0.0.9:5432' },
    });
    expect(result.findings.map(({ conclusion }) => conclusion).join('\n')).toContain('ECONNREFUSED 10.0.0.9:5432');
  });
});

describe('the answer is not a guess', () => {
  test('when another pod of the namespace is broken: it is shown as something else', async () => {
    const result = await lookAt(incidentOf('HighLatency', { namespace: 'shop', pod: 'checkout-7d9f8b6c54-x2k9p' }), {
      lists: {
        'pods shop': [
          pod('checkout-7d9f8b6c54-x2k9p', 'shop', {}, { owner: OWNER }),
          pod(
            'mailer-5c6d7f8b9d-q8w7e',
            'shop',
            { state: crashLoop, lastState: ended(1, 'Error'), ready: false, restarts: 9 },
            { owner: { kind: 'ReplicaSet', name: 'mailer-5c6d7f8b9d' } },
          ),
        ],
      },
      logs: { 'checkout-7d9f8b6c54-x2k9p/app': 'GET / 200', 'mailer-5c6d7f8b9d-q8w7e/app!': 'Error: no smtp' },
    });
    expect(result.findings[0]).toMatchObject({ code: 'undecided', confidence: 'unknown' });
    expect(result.summary).toMatch(/^Unknown: /);
    expect(result.findings[1]).toMatchObject({
      level: 'notice',
      // What is excluded never stands on the card as the cause.
      confidence: 'excluded',
      conclusion: expect.stringMatching(/^Also seen, not about this alert: .*mailer/),
    });
  });

  test('when what is broken broke long before', async () => {
    const old = failedBuild('resize', BUILDS, ended(1, 'Error', -300), { minutes: -300 });
    const result = await lookAt(incidentOf('KnativeLambdaBuildFailureRateHigh', {}), {
      lists: { [`jobs ${BUILDS}`]: [old.job], [`pods ${BUILDS}`]: [old.pod] },
    });
    expect(result.findings[0]?.code).toBe('undecided');
  });

  test('when a build failed and nobody says why', async () => {
    const build = failedBuild('resize', BUILDS, ended(1, 'Error', -8));
    const result = await lookAt(incidentOf('KnativeLambdaBuildFailureRateHigh', {}), {
      lists: { [`jobs ${BUILDS}`]: [build.job], [`pods ${BUILDS}`]: [build.pod] },
      logs: { 'resize-build-1772366400-x7k2p/kaniko': 'INFO[0001] Retrieving image manifest python:3.11' },
    });
    expect(result.summary).toMatch(/^Unknown: /);
    expect(result.findings.every(({ confidence }) => confidence === 'unknown')).toBe(true);
  });

  test('when nothing may be read: it says so, and what was tried', async () => {
    const result = await lookAt(incidentOf('KubePodCrashLooping', { namespace: 'shop', pod: 'a' }), {
      refuse: () => 403,
    });
    expect(result.findings).toEqual([]);
    expect(result.summary).toBe('The cluster could not be read.');
    expect(result.failures.map(({ message }) => message).join('\n')).toContain('refused: /api/v1/namespaces/shop/pods');
  });

  test('when only a part may be read: what was not looked at rules nothing out', async () => {
    const result = await lookAt(incidentOf('KnativeLambdaBuildFailureRateHigh', {}), {
      refuse: (path) => (path.includes('/jobs') ? 403 : null),
    });
    expect(result.findings[0]).toMatchObject({ code: 'undecided', confidence: 'unknown' });
    expect(result.findings[0]?.because.join('\n')).toMatch(/not read: jobs in .*refused/);
    expect(result.dismissal).toBeNull();
  });

  test('about an object store this cluster does not run', async () => {
    const build = failedBuild('resize', BUILDS, ended(1, 'Error', -8));
    const result = await lookAt(incidentOf('KnativeLambdaBuildFailureRateHigh', {}), {
      lists: { [`jobs ${BUILDS}`]: [build.job], [`pods ${BUILDS}`]: [build.pod] },
      logs: {
        'resize-build-1772366400-x7k2p/kaniko':
          'fatal error: Could not connect to the endpoint URL: "https://s3.eu-west-1.amazonaws.com/sources"',
      },
    });
    expect(result.findings[0]).toMatchObject({ code: 'storage-unreachable', confidence: 'likely' });
    expect(result.findings[0]?.because.join('\n')).toContain('is the storage elsewhere?');
  });
});

describe('builds that fail together', () => {
  const push =
    'error checking push permissions -- checking push permission for "r/app": POST https://r/v2/app/blobs/uploads/: UNAUTHORIZED: authentication required';
  const base = 'error building image: GET https://r/v2/python/manifests/3.99: MANIFEST_UNKNOWN: manifest unknown';

  test('for two causes have both named, with how many each', async () => {
    const names = ['a', 'b', 'c', 'd'];
    const builds = names.map((name) => failedBuild(name, BUILDS, ended(1, 'Error', -8)));
    const result = await lookAt(incidentOf('KnativeLambdaBuildFailureRateHigh', {}), {
      lists: {
        [`jobs ${BUILDS}`]: builds.map(({ job }) => job),
        [`pods ${BUILDS}`]: builds.map(({ pod: one }) => one),
      },
      logs: Object.fromEntries(
        names.map((name) => [`${name}-build-1772366400-x7k2p/kaniko`, name === 'd' ? base : push]),
      ),
    });
    expect(result.summary).toMatch(/^2 causes: /);
    expect(result.findings.slice(0, 2).map(({ code, count }) => [code, count])).toEqual([
      ['registry-unauthorized', 3],
      ['base-image-missing', 1],
    ]);
  });

  test('evicted from one node have the node named, not memory limits', async () => {
    const message =
      'The node was low on resource: memory. Threshold quantity: 100Mi, available: 84Mi. Container kaniko was using 3912Mi, request is 1Gi, has larger consumption of memory. ';
    const builds = ['a', 'b'].map((name) =>
      failedBuild(name, BUILDS, ended(137, 'Error', -8), {
        pod: { node: 'worker-3', status: { phase: 'Failed', reason: 'Evicted', message } },
      }),
    );
    const result = await lookAt(incidentOf('KnativeLambdaBuildFailureRateHigh', {}), {
      lists: {
        [`jobs ${BUILDS}`]: builds.map(({ job }) => job),
        [`pods ${BUILDS}`]: builds.map(({ pod: one }) => one),
        nodes: [],
      },
    });
    expect(result.findings[0]).toMatchObject({ code: 'build-evicted', subject: { kind: 'Job' }, count: 2 });
    expect(result.findings[0]?.conclusion).toContain('was evicted from its node worker-3 (low on memory)');
    expect(result.findings.filter(({ code }) => code === 'build-oom-killed')).toEqual([]);
  });

  test('ended by a drain are not taken for an OOM kill', async () => {
    const build = failedBuild('a', BUILDS, ended(137, 'Error', -8), {
      pod: {
        status: {
          phase: 'Failed',
          conditions: [
            {
              type: 'DisruptionTarget',
              status: 'True',
              reason: 'EvictionByEvictionAPI',
              message: 'Eviction API: evicting',
              lastTransitionTime: at(-8),
            },
          ],
        },
      },
    });
    const result = await lookAt(incidentOf('KnativeLambdaBuildFailureRateHigh', {}), {
      lists: { [`jobs ${BUILDS}`]: [build.job], [`pods ${BUILDS}`]: [build.pod] },
    });
    expect(result.findings[0]).toMatchObject({ code: 'build-disrupted' });
    expect(result.findings[0]?.conclusion).not.toMatch(/memory/);
  });
});

describe('the look keeps its bounds', () => {
  test('of sixty calls and five pods, however much is broken', async () => {
    const names = Array.from({ length: 40 }, (_, index) => `fn-${index}`);
    const builds = names.map((name) => failedBuild(name, BUILDS, ended(1, 'Error', -8)));
    const result = await lookAt(incidentOf('KnativeLambdaBuildFailureRateHigh', {}), {
      lists: {
        [`jobs ${BUILDS}`]: builds.map(({ job }) => job),
        [`pods ${BUILDS}`]: builds.map(({ pod: one }) => one),
      },
      logs: Object.fromEntries(
        names.map((name) => [`${name}-build-1772366400-x7k2p/kaniko`, 'no space left on device']),
      ),
    });
    expect(result.asked.length).toBeLessThanOrEqual(60);
    expect(result.asked.filter((url) => /\/log\?/.test(url)).length).toBeLessThanOrEqual(5);
    expect(
      result.asked
        .filter((url) => /\/log\?/.test(url))
        .every((url) => /tailLines=100/.test(url) && /limitBytes=262144/.test(url)),
    ).toBe(true);
  });

  test('and leaves a server alone that asks for patience', async () => {
    const result = await lookAt(incidentOf('KubePodCrashLooping', { namespace: 'shop', pod: 'a' }), {
      refuse: () => 429,
    });
    // docs/rules.md#first-look-rate: what was on its way when the server said so, a burst.
    expect(result.asked.length).toBeLessThanOrEqual(20);
    expect(result.failures.length).toBeGreaterThan(0);
  });

  test('and tells no secret of what it read', async () => {
    const secret = 'ghp_16C7e42F292c6912E7710c838347Ae178B4a';
    const result = await lookAt(
      incidentOf('KubePodCrashLooping', { namespace: 'shop', pod: 'checkout-7d9f8b6c54-x2k9p' }),
      {
        lists: {
          'pods shop': [
            pod(
              'checkout-7d9f8b6c54-x2k9p',
              'shop',
              {
                state: crashLoop,
                lastState: ended(1, 'Error', -6, `Error: login with ${secret} failed`),
                ready: false,
                restarts: 2,
              },
              { owner: OWNER },
            ),
          ],
        },
        logs: { 'checkout-7d9f8b6c54-x2k9p/app!': `Error: login with ${secret} failed` },
      },
    );
    expect(JSON.stringify({ ...result, asked: [] })).not.toContain(secret);
    expect(result.findings[0]?.conclusion).toContain('Error: login with');
  });

  test('and the same world gives the same words', async () => {
    const world = {
      lists: {
        'pods shop': [
          pod('a-7d9f8b6c54-x2k9p', 'shop', {
            state: crashLoop,
            lastState: ended(1, 'Error'),
            ready: false,
            restarts: 2,
          }),
        ],
      },
    };
    const known = incidentOf('KubePodCrashLooping', { namespace: 'shop', pod: 'a-7d9f8b6c54-x2k9p' });
    const [one, two] = [await lookAt(known, world), await lookAt(known, world)];
    expect(one.findings).toEqual(two.findings);
  });
});
