import { buildAttempt, failBuild, podRef, startBuild } from './objects/build.ts';
import { rebuild } from './objects/failingBuild.ts';
import { evictedMessage, nodeRef, nodeUsage, setMemoryPressure } from './objects/node.ts';
import { podEvent } from './objects/pod.ts';
import type { Scenario, Scene } from './scenario.ts';

const NODE = 'node-b';
const FUNCTIONS = ['image-resizer', 'hello-python'];

/** Builds overcommit node-b; the kubelet evicts them. It looks like an OOM kill and is none. */
export const nodePressure: Scenario = {
  id: 's11-node-pressure',
  title: 'Node memory pressure evicts builds',
  about: `${NODE} runs out of memory and evicts builds. Exit code 137 misleads; the pod's reason is Evicted.`,
  cause: 'Node node-b is under memory pressure and evicted the builds',
  verdict: 'cause',
  stages: () => [
    {
      at: 0,
      what: `builds fill ${NODE}`,
      play(scene) {
        for (const name of FUNCTIONS) startBuild(scene, buildAttempt(scene, name, { node: NODE }));
        nodeUsage(scene, NODE, 7400, 30_100);
      },
    },
    {
      at: 60,
      what: `${NODE} is under memory pressure and evicts them`,
      play(scene) {
        nodeUsage(scene, NODE, 7600, 31_800);
        setMemoryPressure(scene, NODE, true);
        for (const name of FUNCTIONS) evictBuild(scene, name, NODE);
      },
    },
    {
      at: 65,
      what: 'the evictions are reported',
      play: (scene) =>
        scene.fire({ name: 'KnativeLambdaPodsEvicted', labels: { namespace: scene.names.buildsNamespace }, value: 2 }),
    },
    {
      at: 185,
      what: 'the node alert fires',
      play: (scene) =>
        scene.fire({ name: 'KnativeLambdaNodePressure', labels: { node: NODE, condition: 'MemoryPressure' } }),
    },
  ],
  fix: {
    what: `cordon ${NODE}, limit how many builds run at once, raise their memory requests`,
    done: (world) => JSON.stringify(world.get(nodeRef(NODE))?.spec ?? {}).includes('"unschedulable":true'),
    stages: () => [
      {
        at: 10,
        what: 'the memory is free again',
        play(scene) {
          setMemoryPressure(scene, NODE, false);
          nodeUsage(scene, NODE, 2100, 14_200);
        },
      },
      ...rebuild(FUNCTIONS, 15),
    ],
  },
};

/** The kubelet evicts a build's pod; its Job fails like any other. */
export function evictBuild(scene: Scene, functionName: string, node: string): void {
  const build = buildAttempt(scene, functionName, { node });
  failBuild(scene, build, { exitCode: 137, reason: 'Error' });
  scene.status(podRef(build), { phase: 'Failed', reason: 'Evicted', message: evictedMessage('kaniko', 3912) });
  podEvent(
    scene,
    { namespace: build.namespace, name: build.pod },
    {
      type: 'Warning',
      reason: 'Evicted',
      message: evictedMessage('kaniko', 3912),
    },
  );
  podEvent(
    scene,
    { namespace: build.namespace, name: build.pod },
    {
      type: 'Normal',
      reason: 'Killing',
      message: 'Stopping container kaniko',
    },
  );
  const labels = { namespace: build.namespace, pod: build.pod };
  scene.metrics.set('kube_pod_status_reason', { ...labels, reason: 'Evicted' }, 1);
  const job = { namespace: build.namespace, job_name: build.job };
  scene.fire({ name: 'KnativeLambdaBuildJobFailed', labels: { ...job, reason: 'BackoffLimitExceeded' } });
}
