import { describe, expect, test } from '@jest/globals';
import { eventFindings } from '../../src/k8s/findings/events.ts';
import { rank } from '../../src/k8s/findings/finding.ts';
import { jobFindings } from '../../src/k8s/findings/jobs.ts';
import { logFindings, logFindingsOf } from '../../src/k8s/findings/logs.ts';
import { podFindings } from '../../src/k8s/findings/pods.ts';
import { brokenSteps, container, eventOf, jobOf, podOf, terminated, waiting } from './objects.ts';

const ofPod = (status: object, more: Parameters<typeof podOf>[1] = {}) => podFindings(podOf(status, more));
const one = (state: object, more: object = {}) => ofPod({ containerStatuses: [container(state, more)] });
const told = (state: object, more: object = {}) => one(state, more).map(({ code }) => code);
const pending = (message: string, reason = 'Unschedulable') =>
  ofPod({ phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason, message }] });
const because = (findings: readonly { because: readonly string[] }[]) => findings.flatMap((found) => found.because);

describe('a pod', () => {
  test.each([
    ['CrashLoopBackOff', 'back-off 40s restarting failed container', 'crash-loop'],
    ['ImagePullBackOff', 'Back-off pulling image "registry.test/shop/checkout:1.4"', 'image-pull'],
    ['ErrImagePull', 'rpc error: code = NotFound desc = registry.test/shop/checkout:1.4: not found', 'image-not-found'],
    ['ErrImagePull', 'failed to authorize: 401 Unauthorized', 'image-unauthorized'],
    ['ErrImagePull', 'toomanyrequests: You have reached your pull rate limit', 'image-rate-limited'],
    ['ErrImagePull', 'dial tcp: lookup registry.test: no such host', 'image-network'],
    ['ErrImagePull', 'tls: failed to verify certificate: x509: certificate has expired', 'image-certificate'],
    ['ErrImageNeverPull', 'Container image is not present with pull policy of Never', 'image-never-pull'],
    ['InvalidImageName', 'couldn’t parse image name: invalid reference format', 'image-invalid-name'],
    ['CreateContainerConfigError', 'secret "db" not found', 'container-config'],
    ['CreateContainerError', 'context deadline exceeded', 'container-config'],
    ['RunContainerError', 'exec: "/app": permission denied', 'container-config'],
    ['CreatePodSandboxError', 'cni plugin not initialized', 'sandbox-failed'],
    ['SomethingNew', '', 'container-waiting'],
  ])('that waits with %s (%s) is told as %s', (reason, message, code) => {
    expect(told(waiting(reason, message))).toEqual([code]);
  });

  test.each(['ContainerCreating', 'PodInitializing'])('that only starts (%s) is healthy', (reason) => {
    expect(told(waiting(reason))).toEqual([]);
  });

  test('is not unauthorized because its image has such a name', () => {
    const status = container(waiting('ImagePullBackOff', 'Back-off pulling image "r.test/unauthorized:404"'), {
      image: 'r.test/unauthorized:404',
    });
    expect(ofPod({ containerStatuses: [status] }).map(({ code }) => code)).toEqual(['image-pull']);
  });

  test('whose configuration is missing says which object, also in an init container', () => {
    const status = container(waiting('CreateContainerConfigError', 'configmap "settings" not found'), { name: 'init' });
    expect(ofPod({ phase: 'Pending', initContainerStatuses: [status] })).toMatchObject([
      { conclusion: 'Container init cannot be created: ConfigMap settings is missing.' },
    ]);
  });

  test('that was OOMKilled is told apart from one that was ended with the same exit code', () => {
    expect(told(terminated(137, 'OOMKilled'))).toEqual(['oom-killed']);
    expect(told(terminated(137))).toEqual(['container-killed']);
    expect(told(terminated(143))).toEqual(['container-killed']);
    expect(because(one(terminated(137)))).toEqual([expect.stringContaining('would say OOMKilled')]);
  });

  test('that crash-loops at its memory limit is told as out of memory, with the limit', () => {
    const status = container(waiting('CrashLoopBackOff'), { lastState: terminated(137, 'OOMKilled'), restartCount: 7 });
    const spec = { containers: [{ name: 'app', resources: { limits: { memory: '128Mi' } } }] };
    expect(ofPod({ containerStatuses: [status] }, { spec })).toMatchObject([
      { code: 'oom-killed', level: 'critical', conclusion: expect.stringContaining('limit of 128Mi') },
    ]);
  });

  test('that was out of memory once and runs again is a warning', () => {
    const status = { ready: true, lastState: terminated(137, 'OOMKilled') };
    expect(one({ running: {} }, status)).toMatchObject([{ code: 'oom-killed', level: 'warning' }]);
  });

  test('that was evicted is not told as killed or out of memory', () => {
    const found = ofPod({
      phase: 'Failed',
      reason: 'Evicted',
      message: 'The node was low on resource: memory. Container app was using 3912Mi',
      containerStatuses: [container(terminated(137))],
    });
    expect(found).toMatchObject([{ code: 'pod-evicted', conclusion: expect.stringContaining('low on memory') }]);
  });

  test.each([
    ['PreemptionByScheduler', 'pod-disrupted', 'preempted'],
    ['EvictionByEvictionAPI', 'pod-disrupted', 'drain'],
    ['DeletionByTaintManager', 'pod-disrupted', 'taint'],
    ['TerminationByKubelet', 'pod-evicted', 'evicted'],
  ])('ended by %s says so', (reason, code, words) => {
    const conditions = [{ type: 'DisruptionTarget', status: 'True', reason, message: 'because' }];
    const found = ofPod({ phase: 'Failed', conditions, containerStatuses: [container(terminated(137))] });
    expect(found).toMatchObject([{ code, conclusion: expect.stringContaining(words) }]);
  });

  test('that is being deleted is not told as killed', () => {
    const metadata = { deletionTimestamp: '2026-03-01T12:00:00Z' };
    expect(ofPod({ containerStatuses: [container(terminated(143))] }, { metadata })).toEqual([]);
  });

  test.each([
    ['0/3 nodes are available: 3 Insufficient memory.', 'not enough free memory'],
    [
      '0/3 nodes are available: 1 Insufficient cpu, 2 Insufficient memory.',
      'not enough free memory, not enough free CPU',
    ],
    ['0/3 nodes are available: 3 node(s) had untolerated taint {gpu: true}.', 'taints it does not tolerate'],
    [
      '0/3 nodes are available: 3 node(s) had untolerated taint {node.kubernetes.io/memory-pressure: }.',
      'nodes under pressure',
    ],
    ["0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector.", 'affinity or selector'],
    ["0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules.", 'anti-affinity'],
    ['0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims.', 'its volume is not available'],
    ['0/3 nodes are available: 3 Too many pods.', 'as many pods as they may'],
    [
      '0/3 nodes are available: 3 node(s) were unschedulable. preemption: 0/3 nodes: 3 Insufficient cpu',
      'cordoned nodes',
    ],
  ])('that waits for a node (%s) says why', (message, words) => {
    expect(pending(message)).toMatchObject([{ code: 'pod-unschedulable', conclusion: expect.stringContaining(words) }]);
    expect(pending(message)[0]?.conclusion).not.toContain('cordoned nodes, not enough');
  });

  test('behind a scheduling gate says so, and one without a known reason is only likely', () => {
    expect(pending('', 'SchedulingGated')).toMatchObject([{ code: 'pod-gated' }]);
    expect(pending('the moon is wrong')).toMatchObject([{ code: 'pod-unschedulable', confidence: 'likely' }]);
  });

  test('that runs without being ready says which probe it waits for', () => {
    expect(one({ running: {} }, { started: false })[0]?.conclusion).toContain('startup probe');
    expect(one({ running: {} }, { started: true })[0]?.conclusion).toContain('readiness probe');
    expect(one({ running: {} }, { ready: true })).toEqual([]);
  });

  test('that failed says what its exit code means', () => {
    expect(one(terminated(127))[0]?.conclusion).toContain('does not exist in the image');
    expect(one(terminated(1), {})[0]?.code).toBe('container-failed');
    expect(told(terminated(0, 'Completed'))).toEqual([]);
  });
});

describe('events', () => {
  test.each([
    ['FailedCreate', 'exceeded quota: builds, requested: limits.memory=4Gi', 'quota-exceeded'],
    ['FailedCreate', 'maximum memory usage per Container is 2Gi', 'limit-range'],
    ['FailedCreate', 'violates PodSecurity "restricted:latest"', 'pod-security'],
    ['FailedCreate', 'serviceaccount "kaniko" not found', 'service-account-missing'],
    [
      'InternalError',
      'failed calling webhook "w": no endpoints available for service "webhook"',
      'webhook-no-endpoints',
    ],
    ['InternalError', 'failed calling webhook "w": x509: certificate has expired', 'webhook-certificate'],
    ['InternalError', 'failed calling webhook "w": context deadline exceeded', 'webhook-unreachable'],
    ['FailedCreate', 'admission webhook "policy" denied the request: no', 'webhook-denied'],
    ['FailedMount', 'MountVolume.SetUp failed for volume "x": secret "db" not found', 'mount-failed'],
    ['FailedAttachVolume', 'Multi-Attach error for volume "pvc-1"', 'volume-attach-failed'],
    ['FailedCreatePodSandBox', 'failed to setup network', 'sandbox-failed'],
    ['Unhealthy', 'Liveness probe failed: HTTP 500', 'liveness-failed'],
    ['Unhealthy', 'Readiness probe failed: connection refused', 'readiness-failed'],
    ['Unhealthy', 'Startup probe failed: timeout', 'startup-failed'],
    ['FailedScheduling', '0/3 nodes are available: 3 Insufficient cpu.', 'pod-unschedulable'],
    ['Failed', 'Failed to pull image "r.test/a:1": 403 Forbidden', 'image-unauthorized'],
    ['SystemOOM', 'System OOM encountered', 'node-oom'],
  ])('of %s (%s) conclude %s', (reason, message, code) => {
    expect(eventFindings([eventOf({}, reason, message)]).map((found) => found.code)).toEqual([code]);
  });

  test('that name no cause conclude nothing', () => {
    expect(eventFindings([eventOf({}, 'BackOff', 'Back-off restarting failed container')])).toEqual([]);
    expect(eventFindings([eventOf({}, 'Pulling', 'Pulling image', { type: 'Normal' })])).toEqual([]);
  });

  test('of a node under pressure count although Kubernetes calls them normal, until it says that it is well', () => {
    const node = { kind: 'Node', name: 'node-b' };
    const bad = eventOf(node, 'NodeHasInsufficientMemory', 'Node node-b status is now', { type: 'Normal' });
    const good = eventOf(node, 'NodeHasSufficientMemory', 'well', {
      type: 'Normal',
      lastTimestamp: '2026-03-01T12:05:00Z',
    });
    expect(eventFindings([bad])).toMatchObject([{ code: 'node-pressure', subject: { namespace: null } }]);
    expect(eventFindings([bad, good])).toEqual([]);
  });

  test('of a pod that found its node later are history', () => {
    const waited = eventOf({}, 'FailedScheduling', '0/3 nodes are available: 3 Insufficient cpu.');
    const placed = eventOf({}, 'Scheduled', 'assigned', { type: 'Normal', lastTimestamp: '2026-03-01T12:00:01Z' });
    expect(eventFindings([waited, placed])).toEqual([]);
    expect(eventFindings([placed, eventOf({ name: 'other' }, 'FailedScheduling', '3 Insufficient cpu')])).toHaveLength(
      1,
    );
  });

  test('show how often and when last', () => {
    const found = eventFindings([eventOf({}, 'Unhealthy', 'Liveness probe failed', { count: 7 })]);
    expect(because(found)).toEqual(['Unhealthy: Liveness probe failed (7 times, last 2026-03-01T12:00:00Z)']);
  });
});

describe('jobs', () => {
  const functionOf = (job: { metadata: { name: string } }) => /^(.+)-build-/.exec(job.metadata.name)?.[1] ?? null;
  const failed = (reason: string) => ({
    failed: 1,
    conditions: [{ type: 'Failed', status: 'True', reason, lastTransitionTime: '2026-03-01T12:00:00Z' }],
  });
  const NOW = Date.parse('2026-03-01T12:40:00Z');

  test('that failed are told unless the same function was built later', () => {
    const late = { succeeded: 1, completionTime: '2026-03-01T12:10:00Z' };
    const jobs = [jobOf('a-build-1', failed('BackoffLimitExceeded')), jobOf('b-build-1', failed('DeadlineExceeded'))];
    expect(jobFindings(jobs, functionOf).map(({ code }) => code)).toEqual(['job-failed', 'job-deadline']);
    expect(jobFindings([...jobs, jobOf('a-build-2', late)], functionOf).map(({ code }) => code)).toEqual([
      'job-deadline',
    ]);
  });

  test('without a pod, running for too long, or suspended are told as such', () => {
    const jobs = [
      jobOf('a-build-1', {}),
      jobOf('b-build-1', { active: 1, startTime: '2026-03-01T12:00:00Z' }),
      jobOf('c-build-1', {}, { suspend: true }),
      jobOf('d-build-1', { active: 1, startTime: '2026-03-01T12:39:00Z' }),
      jobOf('e-build-1', {}, {}, { creationTimestamp: '2026-03-01T12:39:30Z' }),
    ];
    expect(jobFindings(jobs, functionOf, NOW).map(({ code }) => code)).toEqual([
      'job-no-pods',
      'job-long-running',
      'job-suspended',
    ]);
  });

  test('that are about to fail count as failed', () => {
    const conditions = [{ type: 'FailureTarget', status: 'True', reason: 'BackoffLimitExceeded' }];
    expect(jobFindings([jobOf('a-build-1', { failed: 1, conditions })], functionOf)).toMatchObject([
      { code: 'job-failed' },
    ]);
  });
});

describe('log lines', () => {
  const subject = { kind: 'Pod', namespace: 'shop', name: 'p' };
  const build = podOf({}, { name: 'a-build-1-x', metadata: { labels: { 'job-name': 'a-build-1' } } });
  const ofBuild = (...lines: string[]) => logFindings(build, 'kaniko', lines.join('\n')).map(({ code }) => code);
  const STEP = 'error building image: error building stage: failed to execute command: waiting for process to exit:';

  test.each([
    [`${STEP} signal: killed`, 'build-child-killed'],
    [
      'error checking push permissions -- make sure: checking push permission for "r/x": POST: UNAUTHORIZED',
      'registry-unauthorized',
    ],
    [
      'error pushing image: failed to push to destination r/x: POST: DENIED: requested access to the resource is denied',
      'registry-unauthorized',
    ],
    ['error pushing image: failed to push to destination r/x: 429 Too Many Requests', 'registry-throttled'],
    [
      'creating push check transport for r failed: Get "https://r/v2/": dial tcp 10.0.0.1:443: connect: connection refused',
      'registry-unreachable',
    ],
    [
      'error building image: GET http://r/v2/python/manifests/3.11: MANIFEST_UNKNOWN: manifest unknown',
      'base-image-missing',
    ],
    [
      'failed to get fileinfo for /workspace/app: lstat /workspace/app: no such file or directory',
      'context-file-missing',
    ],
    ['error building image: parsing dockerfile: dockerfile parse error line 3', 'dockerfile-broken'],
    ['write /kaniko/x: no space left on device', 'disk-full'],
    [
      'fatal error: An error occurred (404) when calling the HeadObject operation: Key does not exist',
      'source-missing',
    ],
    [`${STEP} exit status 1`, 'build-step-failed'],
  ])('of a build, %s: %s', (line, code) => {
    expect(ofBuild('INFO[0001] Retrieving image manifest python:3.11', line)).toEqual([code]);
  });

  test('of a build whose code does not compile are for its owner, not for the pager', () => {
    const [found] = logFindings(build, 'kaniko', `SyntaxError: expected ':'\n${STEP} exit status 1`);
    expect(found).toMatchObject({ code: 'source-broken', level: 'warning' });
  });

  test.each([
    [
      'failed to list objects in minio bucket lambda: dial tcp 10.96.44.12:9000: connect: connection refused',
      'storage-unreachable',
    ],
    ["Error: Cannot find module 'express'", 'dependency-missing'],
    ['ERROR Failed to import handler index.handler', 'handler-import-failed'],
    ['failed calling webhook "webhook.serving.knative.dev": no endpoints', 'webhook-unreachable'],
    ['write /data/x: no space left on device', 'disk-full'],
    ['dial tcp: lookup db.shop.svc: no such host', 'dns-failed'],
  ])('of a workload, %s: %s', (line, code) => {
    expect(logFindingsOf(subject, 'app', ['listening on 8080', line]).map((found) => found.code)).toEqual([code]);
  });

  test('that only say error conclude nothing', () => {
    const lines = [
      'ERROR something went wrong',
      'denied: fraud',
      'GET /orders 401 Unauthorized',
      '429 Too Many Requests',
    ];
    expect(logFindingsOf(subject, 'app', lines)).toEqual([]);
  });
});

describe('findings', () => {
  test('of one cause are one finding that counts and names its objects', () => {
    const pods = Array.from({ length: 7 }, (_, index) =>
      podOf(
        { containerStatuses: [container(waiting('CrashLoopBackOff'), { restartCount: index })] },
        { name: `p-${index}` },
      ),
    );
    const [found, ...others] = rank(pods.flatMap(podFindings));
    expect(others).toEqual([]);
    expect(found).toMatchObject({ count: 7, subject: { name: 'p-0' } });
    expect(found?.because.at(-1)).toBe('also: p-1, p-2, p-3, p-4 and 2 more');
  });

  test('of different causes stay apart, the worst and most certain first', () => {
    const pods = [
      podOf({ containerStatuses: [container({ running: {} })] }, { name: 'a' }),
      podOf({ containerStatuses: [container(terminated(1))] }, { name: 'b' }),
      podOf({ containerStatuses: [container(terminated(127))] }, { name: 'c' }),
    ];
    expect(rank(pods.flatMap(podFindings)).map(({ subject, count }) => [subject.name, count])).toEqual([
      ['b', 1],
      ['c', 1],
      ['a', 1],
    ]);
  });

  test('a vague one yields to what the events say about the same pod, and gives it its evidence', () => {
    const status = container(waiting('ImagePullBackOff', 'Back-off pulling image'));
    const event = eventOf({}, 'Failed', 'Failed to pull image "registry.test/shop/checkout:1.4": not found');
    const ranked = rank([...ofPod({ containerStatuses: [status] }), ...eventFindings([event])]);
    expect(ranked.map(({ code }) => code)).toEqual(['image-not-found']);
    expect(ranked[0]?.because).toContain('app: ImagePullBackOff: Back-off pulling image');
  });

  test('told twice about one object count once', () => {
    const failing = ofPod({ containerStatuses: [container(terminated(1))] });
    expect(rank([...failing, ...failing])).toMatchObject([{ count: 1 }]);
  });

  test('each end in a command that can be typed', () => {
    const everything = [
      ...['CrashLoopBackOff', 'ErrImagePull', 'CreateContainerConfigError', 'Odd'].flatMap((reason) =>
        one(waiting(reason, 'not found')),
      ),
      ...one(terminated(137, 'OOMKilled')),
      ...one(terminated(1)),
      ...one(terminated(137)),
      ...pending('3 Insufficient cpu'),
      ...ofPod({ phase: 'Failed', reason: 'Evicted' }),
      ...eventFindings([eventOf({}, 'FailedMount', 'x'), eventOf({ kind: 'Node', name: 'n' }, 'SystemOOM', 'x')]),
      ...jobFindings([jobOf('a-build-1', {})], () => null, Date.now()),
      ...logFindingsOf({ kind: 'Pod', namespace: 'shop', name: 'p' }, 'app', ['NoSuchKey', 'no space left on device']),
    ];
    expect(everything.length).toBeGreaterThan(12);
    expect(brokenSteps(everything)).toEqual([]);
  });
});
