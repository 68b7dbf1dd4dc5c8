import { buildAttempt, createJob, startBuild } from './objects/build.ts';
import { rebuild } from './objects/failingBuild.ts';
import { evictedMessage, nodeRef, nodeUsage, setMemoryPressure } from './objects/node.ts';
import { podRefOf, setPod } from './objects/pod.ts';
import { contextFails, MINIO, storageBack, storageDown } from './s09-storage-unreachable.ts';
import { evictBuild } from './s11-node-pressure.ts';
import type { Scenario, Scene } from './scenario.ts';

const NODE = 'node-b';
const FUNCTIONS = ['image-resizer', 'hello-python'];
const RETRIES = Array.from({ length: 40 }, (_, index) => `retry-${index + 1}`);

/** One node takes down builds and storage; storage takes down builds; recovery trips the quota. */
export const compound: Scenario = {
  id: 's18-compound',
  title: 'Compound incident: node, storage, builds, quota',
  about:
    'Memory pressure on one node evicts MinIO and builds; its volume attaches late; the wave of retries fills the quota.',
  cause: 'Node node-b is under memory pressure; storage and builds fail because of it',
  verdict: 'cause',
  stages: () => [
    {
      at: 0,
      what: `${NODE} is under memory pressure and evicts MinIO and two builds`,
      play(scene) {
        for (const name of FUNCTIONS) startBuild(scene, buildAttempt(scene, name, { node: NODE }));
        nodeUsage(scene, NODE, 7700, 31_900);
        setMemoryPressure(scene, NODE, true);
        for (const name of FUNCTIONS) evictBuild(scene, name, NODE);
        storageDown(scene);
        evictStorage(scene);
        scene.fire({ name: 'KnativeLambdaPodsEvicted', labels: { namespace: scene.names.buildsNamespace }, value: 2 });
      },
    },
    { at: 60, what: 'new builds cannot fetch their source', play: contextFails },
    {
      at: 120,
      what: 'storage, node and failure rate alerts fire',
      play(scene) {
        contextFails(scene);
        scene.fire({ name: 'KnativeLambdaNodePressure', labels: { node: NODE, condition: 'MemoryPressure' } });
        scene.fire({ name: 'KnativeLambdaStorageDown', labels: { namespace: 'minio', deployment: 'minio' }, value: 0 });
        scene.fire({ name: 'KnativeLambdaBuildFailureRateHigh', labels: {}, value: 0.5 });
      },
    },
    {
      at: 360,
      what: 'MinIO is rescheduled; its volume is attached late',
      play: (scene) => setMemoryPressure(scene, NODE, false),
    },
    {
      at: 540,
      what: 'storage is back',
      play(scene) {
        collectEvicted(scene);
        storageBack(scene);
        nodeUsage(scene, NODE, 3100, 17_000);
        scene.resolve('KnativeLambdaStorageDown');
        scene.resolve('KnativeLambdaNodePressure');
      },
    },
    {
      at: 600,
      what: 'forty builds are retried at once and fill the quota',
      play(scene) {
        for (const name of RETRIES) createJob(scene, buildAttempt(scene, name));
        const labels = { namespace: scene.names.buildsNamespace, resource: 'limits.memory' };
        scene.metrics.set(
          'kube_resourcequota',
          { ...labels, resourcequota: 'builds-quota', type: 'hard' },
          40 * 1024 ** 3,
        );
        scene.metrics.set(
          'kube_resourcequota',
          { ...labels, resourcequota: 'builds-quota', type: 'used' },
          40 * 1024 ** 3,
        );
        scene.fire({ name: 'KnativeLambdaQuotaNearlyExhausted', severity: 'critical', labels });
      },
    },
  ],
  fix: {
    what: `cordon ${NODE}, wait for storage, retry the builds a few at a time`,
    done: (world) => JSON.stringify(world.get(nodeRef(NODE))?.spec ?? {}).includes('"unschedulable":true'),
    stages: () => [
      {
        at: 10,
        what: 'the node recovers and storage is back',
        play(scene) {
          setMemoryPressure(scene, NODE, false);
          nodeUsage(scene, NODE, 2400, 15_000);
          collectEvicted(scene);
          storageBack(scene);
        },
      },
      ...rebuild(FUNCTIONS, 20),
    ],
  },
};

const EVICTED = 'minio-7d9f8b6c54-x2k9p';

/** An evicted pod stays, failed, until it is collected; its ReplicaSet has made another one since. */
function evictStorage(scene: Scene): void {
  setPod(scene, {
    namespace: MINIO.namespace,
    name: EVICTED,
    phase: 'Failed',
    reason: 'Evicted',
    message: evictedMessage('minio', 702),
    node: NODE,
    labels: MINIO.labels ?? {},
    owner: { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: EVICTED.slice(0, -6) },
    containers: [],
  });
}

function collectEvicted(scene: Scene): void {
  scene.remove(podRefOf({ namespace: MINIO.namespace, name: EVICTED }));
}
