import type { DeploymentName } from './objects/deployment.ts';
import { controlPlane, deploymentLog, podsOf, recover, setAvailable } from './objects/deployment.ts';
import { failingBuild } from './objects/failingBuild.ts';
import { setPhase } from './objects/function.ts';
import { podEvent, setPod, states } from './objects/pod.ts';
import type { Scenario, Scene } from './scenario.ts';

export const MINIO: DeploymentName = { namespace: 'minio', name: 'minio', labels: { app: 'minio' } };
const ERRORS = { component: 'build', error_type: 'context_failed' };
const REFUSED = 'dial tcp 10.96.44.12:9000: connect: connection refused';

/** MinIO's only pod waits for its volume for ten minutes: builds wait, functions run, and it heals by itself. */
export const storageUnreachable: Scenario = {
  id: 's09-storage-unreachable',
  title: 'Storage unreachable for 10 minutes',
  about: 'MinIO was moved to another node and its volume is still attached to the old one. Waiting is right here.',
  cause: 'MinIO has no running pod: its volume cannot be attached to the new node',
  verdict: 'cause',
  stages: (names) => [
    { at: 0, what: 'the MinIO pod is replaced and waits for its volume', play: storageDown },
    ...(names.profile === 'builder'
      ? failingBuild({
          functionName: 'notify-webhook',
          at: 30,
          lasts: 20,
          ended: { exitCode: 1, reason: 'Error' },
          log: () => [
            [0, `fatal error: Could not connect to the endpoint URL: "http://minio.minio.svc:9000/": ${REFUSED}`],
          ],
        })
      : []),
    { at: 15, what: 'builds cannot fetch their source', play: contextFails },
    { at: 60, what: 'and again', play: contextFails },
    {
      at: 120,
      what: 'the storage alert fires',
      play: (scene) =>
        scene.fire({ name: 'KnativeLambdaStorageDown', labels: { namespace: 'minio', deployment: 'minio' }, value: 0 }),
    },
    {
      at: 180,
      what: 'and so does the one about sources',
      play(scene) {
        contextFails(scene);
        scene.fire({ name: 'KnativeLambdaBuildContextErrors', severity: 'warning', labels: {}, value: 14 });
      },
    },
    { at: 600, what: 'the volume is attached and MinIO is back by itself', play: storageBack },
    { at: 780, what: 'the waiting builds are done', play: (scene) => scene.resolveAll() },
  ],
  fix: {
    what: 'wait: the attach times out and is repeated; do not touch the volume',
    stages: () => [
      { at: 0, what: 'MinIO is back', play: storageBack },
      { at: 30, what: 'the waiting builds are done', play: (scene) => scene.resolveAll() },
    ],
  },
};

/** MinIO's pod is replaced by one that waits for its volume. */
export function storageDown(scene: Scene): void {
  for (const name of podsOf(scene, MINIO)) {
    setPod(scene, {
      namespace: MINIO.namespace,
      name,
      phase: 'Pending',
      labels: { app: 'minio' },
      node: 'node-c',
      containers: [
        {
          name: 'minio',
          image: 'minio/minio:RELEASE.2025-09-07T16-13-09Z',
          ready: false,
          state: states.waiting('ContainerCreating', ''),
        },
      ],
    });
    const pod = { namespace: MINIO.namespace, name };
    podEvent(scene, pod, {
      type: 'Warning',
      reason: 'FailedAttachVolume',
      message:
        'Multi-Attach error for volume "pvc-5b0c4c2e-8f4d-4b57-9f0c-1f1f0f5a7b11" Volume is already exclusively attached to one node and can\'t be attached to another',
      source: 'attachdetach-controller',
    });
    podEvent(scene, pod, {
      type: 'Warning',
      reason: 'FailedMount',
      message:
        'Unable to attach or mount volumes: unmounted volumes=[data], unattached volumes=[data]: timed out waiting for the condition',
      count: 3,
    });
  }
  setAvailable(scene, MINIO, 0);
  scene.metrics.set('rabbitmq_queue_messages', queueLabels(scene), 30, { perSecond: 2 / 60 });
}

export function storageBack(scene: Scene): void {
  recover(scene, MINIO);
  scene.metrics.set('rabbitmq_queue_messages', queueLabels(scene), 25);
  if (scene.names.profile === 'operator') scene.metrics.grow('knative_lambda_operator_errors_total', ERRORS, 0);
  setPhase(scene, 'notify-webhook', 'Ready', [{ type: 'ServiceReady', status: 'True', reason: 'ServiceReady' }]);
}

export function contextFails(scene: Scene): void {
  const error = `failed to get source code: failed to read object from minio: Get \\"http://minio.minio.svc.cluster.local:9000/lambda-functions/notify-webhook/index.js\\": ${REFUSED}`;
  deploymentLog(scene, controlPlane(scene.names), [
    `{"level":"error","ts":"${scene.time()}","msg":"Failed to create build context","name":"notify-webhook","error":"${error}"}`,
  ]);
  if (scene.names.profile === 'operator') {
    scene.metrics.inc('knative_lambda_operator_errors_total', ERRORS, 1, { perSecond: 4 / 60 });
  } else scene.metrics.inc('build_context_s3_errors_total', {}, 3);
  setPhase(scene, 'notify-webhook', 'Pending', [
    { type: 'SourceReady', status: 'False', reason: 'BuildContextFailed', message: error.replaceAll('\\"', '"') },
  ]);
}

export const queueLabels = (scene: Scene) => ({
  namespace: scene.names.rabbitmqNamespace,
  queue: scene.names.buildQueue,
  vhost: '/',
});
