import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PROFILES } from '../../src/alerts/profile.ts';
import { correlationKey, namespaceOf, nodeOf, subjectOf } from '../../src/incidents/subject.ts';

function subject(labels: Record<string, string>, name = 'SomeAlert', profile = PROFILES.builder): string {
  const found = subjectOf({ name, labels }, profile);
  return `${found.kind}/${found.name}`;
}

test.each([
  ['a function label', { function: 'image-resizer', pod: 'x' }, 'function/image-resizer'],
  ['a Knative Service label', { label_serving_knative_dev_service: 'cart' }, 'function/cart'],
  ['the Knative metrics up to 1.18', { service_name: 'cart', namespace_name: 'shop' }, 'function/cart'],
  ['the owner of a revision', { revision_name: 'cart-00007' }, 'function/cart'],
  ['the owner of a revision’s pod', { pod: 'cart-00007-deployment-6d5f9c7b8-x7k2p' }, 'function/cart'],
  ['the owner of a build Job', { job_name: 'image-resizer-build-1761132332' }, 'function/image-resizer'],
  ['the owner of a build Job’s pod', { pod: 'image-resizer-build-1761132332-x7k2p' }, 'function/image-resizer'],
  ['the parser of a build Job', { label_build_notifi_network_parser_id: 'p42' }, 'function/p42'],
  ['a Deployment', { deployment: 'checkout', pod: 'x' }, 'deployment/checkout'],
  ['a StatefulSet', { statefulset: 'db', pod: 'db-0' }, 'statefulset/db'],
  ['a DaemonSet', { daemonset: 'agent' }, 'daemonset/agent'],
  ['a build whose name tells no function', { job_name: 'build-acme-p42-3fa9c1' }, 'job/build-acme-p42'],
  ['a build that ends in seconds', { job_name: 'build-parser-p42-1761132332' }, 'job/build-parser-p42'],
  ['a CronJob’s Job', { job_name: 'backup-28912345' }, 'job/backup'],
  ['a Job', { job_name: 'migrate' }, 'job/migrate'],
  ['the owner of a Deployment’s pod', { pod: 'checkout-7d9f8b6c5-x7k2p' }, 'deployment/checkout'],
  ['a pod', { pod: 'db-0', node: 'n' }, 'pod/db-0'],
  ['a node', { node: 'node-b', instance: '10.0.0.1:9100' }, 'node/node-b'],
  ['a volume claim', { persistentvolumeclaim: 'data' }, 'persistentvolumeclaim/data'],
  ['a queue', { queue: 'lambda-build-events-prd' }, 'queue/lambda-build-events-prd'],
  [
    'the host it was measured at',
    { job: 'node', service: 'x', instance: 'db-1:9100', endpoint: 'z' },
    'instance/db-1:9100',
  ],
  ['the scrape job', { job: 'apiserver' }, 'scrape-job/apiserver'],
  ['nothing', { team: 'x', endpoint: 'z' }, 'alert/SomeAlert'],
])('the subject is %s', (_what, labels, expected) => {
  expect(subject(labels)).toBe(expected);
});

test('an OpenTelemetry service is no function', () => {
  expect(subject({ service_name: 'cart' })).toBe('scrape-job/cart');
  expect(subject({ service_name: 'cart' }, 'KnativeLambdaColdStartSlow')).toBe('function/cart');
});

/** What Prometheus adds to every series of kube-state-metrics, with `honorLabels` and without. */
const STATE_METRICS = {
  job: 'kube-state-metrics',
  service: 'kps-kube-state-metrics',
  container: 'kube-state-metrics',
  pod: 'kps-kube-state-metrics-7d9f8b6c5-x7k2p',
  instance: '10.42.0.9:8080',
  endpoint: 'http',
};

test.each([
  ['KubeHpaMaxedOut', { horizontalpodautoscaler: 'web' }, 'horizontalpodautoscaler/web'],
  ['KubernetesCronjobTooLong', { cronjob: 'backup' }, 'cronjob/backup'],
  ['KubeQuotaExceeded', { resourcequota: 'compute', resource: 'pods', type: 'used' }, 'resourcequota/compute'],
  ['KubePdbNotEnoughHealthyPods', { poddisruptionbudget: 'web' }, 'poddisruptionbudget/web'],
  ['KubeJobFailed', { job_name: 'migrate', condition: 'true' }, 'job/migrate'],
  ['KubeDeploymentReplicasMismatch', { deployment: 'web' }, 'deployment/web'],
  ['KubePersistentVolumeClaimPending', { persistentvolumeclaim: 'data' }, 'persistentvolumeclaim/data'],
  ['KubeReplicaSetMismatch', { replicaset: 'web-7d9f8b6c5' }, 'replicaset/web-7d9f8b6c5'],
  ['KubeServiceGone', { exported_service: 'web' }, 'service/web'],
  ['KubeNamespaceStuck', { phase: 'Terminating' }, 'alert/KubeNamespaceStuck'],
])('%s of kube-state-metrics is about its object, wherever that was seen', (name, labels, expected) => {
  const honoured = { alertname: name, ...STATE_METRICS, namespace: 'shop', ...labels };
  const renamed = { alertname: name, ...STATE_METRICS, namespace: 'monitoring', exported_namespace: 'shop', ...labels };
  for (const sent of [honoured, renamed]) {
    expect(subject(sent, name)).toBe(expected);
    expect(namespaceOf(sent)).toBe('shop');
  }
});

test('a pod that kube-state-metrics tells of is the subject, be it its own', () => {
  const crashing = { ...STATE_METRICS, namespace: 'shop', uid: 'a-b-c', reason: 'CrashLoopBackOff' };
  expect(subject({ ...crashing, pod: 'cart-0', container: 'app' })).toBe('pod/cart-0');
  expect(subject(crashing)).toBe('deployment/kps-kube-state-metrics');
});

test.each([
  ['with dots', (name: string) => name],
  ['with underscores', (name: string) => name.replaceAll('.', '_')],
])('OpenTelemetry names %s say what and where', (_how, spell) => {
  const sent = (labels: Record<string, string>) =>
    Object.fromEntries(Object.entries(labels).map(([name, value]) => [spell(name), value]));
  const deployment = sent({ 'k8s.namespace.name': 'shop', 'k8s.deployment.name': 'cart', 'service.name': 'cart' });
  expect([subject(deployment), namespaceOf(deployment)]).toEqual(['deployment/cart', 'shop']);
  const pod = sent({ 'k8s.namespace.name': 'shop', 'k8s.pod.name': 'db-0', 'k8s.node.name': 'node-b' });
  expect([subject({ ...pod, pod: 'otel-collector-x' }), nodeOf(pod)]).toEqual(['pod/db-0', 'node-b']);
  for (const [noun, expected] of [
    ['statefulset', 'statefulset/x'],
    ['daemonset', 'daemonset/x'],
    ['cronjob', 'cronjob/x'],
    ['job', 'job/x'],
    ['hpa', 'horizontalpodautoscaler/x'],
    ['resourcequota', 'resourcequota/x'],
    ['node', 'node/x'],
  ])
    expect(subject(sent({ [`k8s.${noun}.name`]: 'x' }))).toBe(expected);
  expect(subject(sent({ 'faas.name': 'resize' }))).toBe('function/resize');
  expect(subject(sent({ 'host.name': 'db-1' }))).toBe('instance/db-1');
});

test('an exporter of hosts tells of the host, a prober of the address, never of the exporter’s pod', () => {
  const pod = {
    namespace: 'monitoring',
    job: 'x',
    container: 'node-exporter',
    pod: 'kps-prometheus-node-exporter-x7k2p',
  };
  expect(subject({ ...pod, instance: '10.0.0.7:9100', mountpoint: '/' })).toBe('instance/10.0.0.7:9100');
  expect(namespaceOf({ ...pod, instance: '10.0.0.7:9100' })).toBeNull();
  const prober = { namespace: 'monitoring', container: 'blackbox-exporter', pod: 'blackbox-exporter-7d9f8b6c5-x7k2p' };
  expect(subject({ ...prober, instance: 'https://shop.test' })).toBe('instance/https://shop.test');
});

test('a full volume is about its claim, not about the node that measured it', () => {
  expect(subject({ namespace: 'shop', persistentvolumeclaim: 'data', node: 'node-b', job: 'kubelet' })).toBe(
    'persistentvolumeclaim/data',
  );
});

test('a kind beside a name is read as what it says', () => {
  expect(subject({ namespace: 'shop', workload_type: 'statefulset', workload: 'db' })).toBe('statefulset/db');
  expect(subject({ namespace: 'shop', owner_kind: 'Job', owner_name: 'backup-28912345' })).toBe('job/backup');
});

test('the name profile decides what a build is called', () => {
  expect(subject({ job_name: 'kaniko-p42' }, 'A', PROFILES.builder)).toBe('job/kaniko-p42');
  expect(subject({ label_lambda_knative_io_name: 'f' }, 'A', PROFILES.operator)).toBe('function/f');
});

test('builds of one function are one subject whatever their number', () => {
  const key = (job: string) => subject({ job_name: job });
  expect(key('image-resizer-build-1761132332')).toBe(key('image-resizer-build-1761139999'));
  expect(key('build-acme-p42-3fa9c1d2')).toBe(key('build-acme-p42-0badf00d'));
});

test('the namespace is that of the object, and a node has none', () => {
  expect(namespaceOf({ namespace: 'prometheus', exported_namespace: 'shop' })).toBe('shop');
  expect(namespaceOf({ namespace: 'knative-serving', namespace_name: 'shop' })).toBe('shop');
  expect(namespaceOf({ namespace: 'monitoring', pod: 'kube-state-metrics-1', node: 'n' })).toBeNull();
  expect(namespaceOf({})).toBeNull();
  expect(nodeOf({ node: 'n', instance: 'i' })).toBe('n');
  expect(nodeOf({ instance: 'i' })).toBeNull();
});

test('different things have different keys, however their names are put together, and a key is bounded', () => {
  const name = fc.oneof(fc.constantFrom('a', 'a/b', '/', ''), fc.string({ unit: 'grapheme', maxLength: 300 }));
  const thing = fc.tuple(name, fc.option(name.filter((each) => each !== '')), name);
  fc.assert(
    fc.property(thing, thing, (a, b) => {
      const [keyA, keyB] = [a, b].map(([c, n, s]) => correlationKey(c, n, { kind: 'pod', name: s })) as [
        string,
        string,
      ];
      expect(keyA === keyB).toBe(JSON.stringify(a) === JSON.stringify(b));
      expect(keyA.length).toBeLessThanOrEqual(600);
    }),
  );
});
