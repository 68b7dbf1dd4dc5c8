import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { installPlatform } from '../../../simulator/cluster/healthyPlatform.ts';
import { type Cluster, startCluster } from '../../../simulator/cluster/start.ts';
import { callerOf, rowsOf, TABLE } from './caller.ts';
import { cellsOf, type Kubectl, kubectlFor } from './kubectl.ts';
import { podObject, ready } from './objects.ts';

describe.each([
  { tls: false, profile: 'operator' as const },
  { tls: true, profile: 'builder' as const },
])('real kubectl (TLS: $tls, $profile profile)', ({ tls, profile }) => {
  let cluster: Cluster;
  let kubectl: Kubectl;

  beforeAll(async () => {
    cluster = await startCluster({ tls, profile });
    installPlatform(cluster.world, { profile, now: Date.now() });
    kubectl = await kubectlFor(cluster);
    const { stdout } = await kubectl('version');
    console.log(stdout);
  });
  afterAll(async () => {
    await kubectl.close();
    await cluster.close();
  });

  test('get -o json gives whole objects', async () => {
    const { stdout } = await kubectl('get', 'deploy', 'minio', '-n', 'minio', '-o', 'json');
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'Deployment', status: { readyReplicas: 1 } });
    const list = await kubectl('get', 'pods', '-n', 'minio', '-o', 'json');
    expect(JSON.parse(list.stdout)).toMatchObject({ kind: 'List', items: [{ kind: 'Pod', apiVersion: 'v1' }] });
  });

  test('get of something that is not there says what the server said', async () => {
    expect((await kubectl('get', 'pod', 'gone', '-n', 'minio')).stderr).toBe(
      'Error from server (NotFound): pods "gone" not found\n',
    );
    expect((await kubectl('get', 'secrets', '-n', 'minio')).stderr).toContain(
      'Error from server (Forbidden): secrets is forbidden',
    );
    expect((await kubectl('get', 'nonsense')).stderr).toContain('the server doesn\'t have a resource type "nonsense"');
  });

  test('auth can-i asks and is told, and nobody gets into a container', async () => {
    const may = async (...what: readonly string[]) => (await kubectl('auth', 'can-i', ...what)).stdout.trim();
    expect([await may('list', 'pods', '-A'), await may('delete', 'jobs.batch', '-n', 'shop')]).toEqual(['yes', 'yes']);
    expect([await may('get', 'secrets'), await may('create', 'pods', '--subresource=exec')]).toEqual(['no', 'no']);
    expect((await kubectl('auth', 'can-i', '--list', '-n', 'minio')).stdout).toMatch(/jobs\.batch\s/);
    expect((await kubectl('exec', 'deploy/minio', '-n', 'minio', '--', 'ls')).stderr).toContain('is forbidden');
  });

  test('selectors choose', async () => {
    const byLabel = await kubectl('get', 'pods', '-A', '-l', 'app=activator', '-o', 'name');
    expect(byLabel.stdout.trim().split('\n')).toHaveLength(2);
    const byField = await kubectl('get', 'pods', '-A', '--field-selector', 'status.phase=Succeeded', '-o', 'name');
    expect(byField.stdout).toContain('-build-');
    expect(byField.stdout).not.toContain('activator');
  });

  test('describe shows pod, Job, node, Deployment and Knative Service with their events', async () => {
    const builds = profile === 'builder' ? 'knative-lambda-builds' : 'knative-lambda';
    const pods = await kubectl('get', 'pods', '-n', builds, '-o', 'name', '--field-selector', 'status.phase=Succeeded');
    const newest =
      pods.stdout
        .trim()
        .split('\n')
        .sort((a, b) => Number(/build-(\d+)/.exec(b)?.[1]) - Number(/build-(\d+)/.exec(a)?.[1]))[0] ?? '';
    const pod = await kubectl('describe', newest, '-n', builds);
    expect(pod.stdout).toMatch(/Controlled By:\s+Job\//);
    expect(pod.stdout).toContain('Started container kaniko');
    expect((await kubectl('describe', 'jobs', '-n', builds)).stdout).toMatch(/Pods Statuses:\s+0 Active/);
    expect((await kubectl('describe', 'node', 'node-b')).stdout).toMatch(/Non-terminated Pods:\s+\(\d+ in total\)/);
    expect((await kubectl('describe', 'deploy', 'minio', '-n', 'minio')).stdout).toMatch(
      /NewReplicaSet:\s+minio-\w+ \(1\/1 replicas created\)/,
    );
    expect((await kubectl('describe', 'ksvc', 'hello-python', '-n', 'knative-lambda')).stdout).toMatch(
      /Latest Ready Revision Name:\s+hello-python-00004/,
    );
    expect((await kubectl('describe', 'quota', '-n', builds)).stdout).toMatch(/limits.memory\s+0\s+40Gi/);
  });

  test('logs reads by name, by Deployment and by selector, and fails as it does elsewhere', async () => {
    expect((await kubectl('logs', 'deploy/minio', '-n', 'minio')).stdout).toContain('MinIO Object Storage Server');
    const tail = await kubectl('logs', '-n', 'knative-serving', '-l', 'app=activator', '--tail=1', '--prefix');
    expect(tail.stdout.trim().split('\n')).toHaveLength(2);
    const previous = await kubectl('logs', 'deploy/minio', '-n', 'minio', '--previous');
    expect(previous.stderr).toContain('previous terminated container "minio" in pod');
    expect((await kubectl('logs', 'deploy/minio', '-n', 'minio', '-c', 'nothing')).stderr).toContain(
      'container nothing is not valid for pod',
    );
  });

  test('logs -f follows', async () => {
    cluster.world.apply(podObject('talker', { status: { phase: 'Running', containerStatuses: [ready('main')] } }));
    const talk = setInterval(
      () =>
        cluster.world.log({
          namespace: 'shop',
          pod: 'talker',
          container: 'main',
          lines: [{ at: Date.now(), text: 'tick' }],
        }),
      100,
    );
    const seen = await kubectl.until(/tick\ntick/, 'logs', '-f', 'talker', '-n', 'shop');
    clearInterval(talk);
    expect(seen).toContain('tick\ntick');
  });

  test('top shows pods and nodes, and says when metrics-server is missing', async () => {
    const pods = cellsOf((await kubectl('top', 'pods', '-n', 'minio')).stdout);
    expect(pods).toMatchObject([
      { 'CPU(cores)': expect.stringMatching(/^\d+m$/), 'MEMORY(bytes)': expect.stringMatching(/^\d+Mi$/) },
    ]);
    expect(cellsOf((await kubectl('top', 'nodes')).stdout).map((row) => row.NAME)).toEqual([
      'node-a',
      'node-b',
      'node-c',
    ]);
    const end = cluster.world.fault({ kind: 'no_metrics_server' });
    expect((await kubectl('top', 'pods', '-n', 'minio')).code).not.toBe(0);
    end();
  });

  test('events are listed by kubectl events too', async () => {
    const { stdout, code } = await kubectl('events', '-A');
    expect(code).toBe(0);
    expect(stdout).toContain('Successfully assigned');
  });

  test('get -w shows a change as it happens', async () => {
    const change = setTimeout(() => cluster.world.apply(podObject('newcomer', { namespace: 'arrivals' })), 1500);
    cluster.world.apply(podObject('resident', { namespace: 'arrivals' }));
    const seen = await kubectl.until(/newcomer.*\n/, 'get', 'pods', '-n', 'arrivals', '-w');
    clearTimeout(change);
    expect(seen).toMatch(/resident\s+1\/1\s+Running/);
    expect(seen).toMatch(/newcomer\s+1\/1\s+Running/);
  });

  test('delete waits until the pod is gone, and its ReplicaSet has made another', async () => {
    const before = (await kubectl('get', 'pods', '-n', 'kourier-system', '-o', 'name')).stdout.trim().split('\n');
    const deleted = await kubectl('delete', before[0] ?? '', '-n', 'kourier-system');
    expect(deleted.stdout).toContain('deleted');
    const after = (await kubectl('get', 'pods', '-n', 'kourier-system', '-o', 'name')).stdout.trim().split('\n');
    expect(after).toHaveLength(2);
    expect(after).not.toContain(before[0]);
  });

  test('rollout restart, status and undo, scale and patch work', async () => {
    const target = ['deploy/webhook', '-n', 'knative-serving'] as const;
    expect((await kubectl('rollout', 'restart', ...target)).code).toBe(0);
    expect((await kubectl('rollout', 'status', ...target, '--timeout=30s')).stdout).toContain(
      'successfully rolled out',
    );
    expect((await kubectl('rollout', 'undo', ...target)).code).toBe(0);
    expect((await kubectl('rollout', 'status', ...target, '--timeout=30s')).stdout).toContain(
      'successfully rolled out',
    );
    expect((await kubectl('scale', ...target, '--replicas=2')).stdout).toContain('scaled');
    expect((await kubectl('rollout', 'status', ...target, '--timeout=30s')).stdout).toContain(
      'successfully rolled out',
    );
    const pinned = '{"spec":{"traffic":[{"revisionName":"hello-nodejs-00005","percent":100}]}}';
    expect(
      (await kubectl('patch', 'ksvc', 'hello-nodejs', '-n', 'knative-lambda', '--type=merge', '-p', pinned)).stdout,
    ).toContain('patched');
    const partly = '{"spec":{"traffic":[{"revisionName":"hello-nodejs-00005","percent":90}]}}';
    const refused = await kubectl(
      'patch',
      'ksvc',
      'hello-nodejs',
      '-n',
      'knative-lambda',
      '--type=merge',
      '-p',
      partly,
    );
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('validation failed: Traffic targets sum to 90, want 100: spec.traffic');
  });
});

describe('the tables of real kubectl', () => {
  let cluster: Cluster;
  let kubectl: Kubectl;

  beforeAll(async () => {
    cluster = await startCluster({ profile: 'operator' });
    installPlatform(cluster.world, { profile: 'operator', now: Date.now() });
    kubectl = await kubectlFor(cluster);
  });
  afterAll(async () => {
    await kubectl.close();
    await cluster.close();
  });

  test.each([
    ['pods', '/api/v1/pods'],
    ['jobs', '/apis/batch/v1/jobs'],
    ['events', '/api/v1/events'],
    ['nodes', '/api/v1/nodes'],
    ['namespaces', '/api/v1/namespaces'],
    ['services', '/api/v1/services'],
    ['endpoints', '/api/v1/endpoints'],
    ['endpointslices', '/apis/discovery.k8s.io/v1/endpointslices'],
    ['configmaps', '/api/v1/configmaps'],
    ['pvc', '/api/v1/persistentvolumeclaims'],
    ['quota', '/api/v1/resourcequotas'],
    ['deploy', '/apis/apps/v1/deployments'],
    ['rs', '/apis/apps/v1/replicasets'],
    ['sts', '/apis/apps/v1/statefulsets'],
    ['hpa', '/apis/autoscaling/v2/horizontalpodautoscalers'],
    ['leases', '/apis/coordination.k8s.io/v1/leases'],
    ['ksvc', '/apis/serving.knative.dev/v1/services'],
    ['revisions', '/apis/serving.knative.dev/v1/revisions'],
    ['kpa', '/apis/autoscaling.internal.knative.dev/v1alpha1/podautoscalers'],
    ['brokers', '/apis/eventing.knative.dev/v1/brokers'],
    ['triggers', '/apis/eventing.knative.dev/v1/triggers'],
    ['knativeserving', '/apis/operator.knative.dev/v1beta1/knativeservings'],
    ['mutatingwebhookconfigurations', '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations'],
    ['lambdafunctions', '/apis/lambda.knative.io/v1alpha1/lambdafunctions'],
  ])('get %s -A -o wide prints the rows of the table', async (resource, path) => {
    const { stdout, stderr, code } = await kubectl('get', resource, '-A', '-o', 'wide', '--sort-by=.metadata.name');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const printed = cellsOf(stdout);
    expect(printed.length).toBeGreaterThan(0);
    const rows = rowsOf(await callerOf(cluster)(path, { accept: TABLE }));
    expect(printed).toHaveLength(rows.length);
    // Ages move on between the two calls; what identifies a row does not.
    const still = (row: Readonly<Record<string, unknown>>) =>
      Object.entries(row)
        .map(([name, cell]) => [name.toUpperCase(), String(cell ?? '').trim()] as const)
        .filter(([name]) => !/^(AGE|LAST SEEN|FIRST SEEN|DURATION|RESTARTS|MESSAGE|NAMESPACE|CREATED AT)$/.test(name));
    const sorted = (all: readonly Readonly<Record<string, unknown>>[]) =>
      all.map((row) => JSON.stringify(Object.fromEntries(still(row).sort()))).sort();
    expect(sorted(printed)).toEqual(sorted(rows));
  });
});
