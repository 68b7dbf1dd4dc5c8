import { imageOf, pinnedTo, setPhase, setRevision, setRevisionPod, setService } from './objects/function.ts';
import { podEvent, states } from './objects/pod.ts';
import type { Scenario, Scene } from './scenario.ts';

const FUNCTION = 'hello-nodejs';
const NEW = 'hello-nodejs-00008';
const OLD = 'hello-nodejs-00007';
const FAILED = "Container failed with: Error: Cannot find module 'express'";

/** The build was green although npm failed; the container exits as soon as it starts. */
export const revisionCrashes: Scenario = {
  id: 's06-revision-crashes',
  title: 'New revision exits at once',
  about: `Revision ${NEW} exits with code 1 because a module is missing. ${OLD} still serves.`,
  cause: "hello-nodejs-00008 exits with code 1: Cannot find module 'express'",
  verdict: 'cause',
  stages: () => [
    { at: 0, what: `revision ${NEW} starts and exits`, play: (scene) => crashes(scene, 1) },
    { at: 60, what: 'it was restarted three times', play: (scene) => crashes(scene, 3) },
    {
      at: 300,
      what: 'it was restarted six times; the alert fires',
      play(scene) {
        const pod = crashes(scene, 6);
        scene.fire({
          name: 'KnativeLambdaFunctionCrashLooping',
          labels: { namespace: scene.names.functionNamespace, pod },
        });
      },
    },
    {
      at: 900,
      what: 'the function has been deploying for 15 minutes',
      play(scene) {
        if (scene.names.profile !== 'operator') return;
        const labels = { namespace: scene.names.functionNamespace };
        scene.metrics.set('knative_lambda_operator_lambdafunctions_total', { ...labels, phase: 'Deploying' }, 1);
        scene.fire({ name: 'KnativeLambdaFunctionStuckDeploying', labels });
      },
    },
  ],
  fix: {
    what: `send all traffic to ${OLD}, and have the owner add the missing module`,
    done: (world, names) => pinnedTo(world, names.functionNamespace, FUNCTION, OLD),
    stages: () => [
      {
        at: 5,
        what: 'the bad revision is no longer wanted and scales to zero',
        play(scene) {
          scene.remove({
            apiVersion: 'v1',
            kind: 'Pod',
            namespace: scene.names.functionNamespace,
            name: setRevisionPod(scene, FUNCTION, NEW, crashed(scene, 6)),
          });
          scene.metrics.removeMatching({ pod: podName(scene) });
          setService(scene, FUNCTION, { created: NEW, ready: OLD }, [
            { type: 'Ready', status: 'True' },
            { type: 'ConfigurationsReady', status: 'False', reason: 'RevisionFailed', message: FAILED },
            { type: 'RoutesReady', status: 'True' },
          ]);
          setPhase(scene, FUNCTION, 'Ready', [{ type: 'ServiceReady', status: 'True', reason: 'ServiceReady' }]);
          scene.resolveAll();
        },
      },
    ],
  },
};

const podName = (scene: Scene) => setRevisionPod(scene, FUNCTION, NEW, crashed(scene, 6));

function crashed(scene: Scene, restarts: number) {
  const pod = scene.once(`pod-name/${NEW}`, () => NEW);
  return {
    ready: false,
    restarts,
    image: imageOf(scene.names, FUNCTION, '77aa10c0ffee'),
    state: states.crashLoop('user-container', pod, scene.names.functionNamespace),
    lastState: states.terminated(scene, 1, 'Error'),
  };
}

function crashes(scene: Scene, restarts: number): string {
  const { functionNamespace: namespace } = scene.names;
  const name = setRevisionPod(scene, FUNCTION, NEW, crashed(scene, restarts));
  const log = [
    'node:internal/modules/cjs/loader:1143',
    "Error: Cannot find module 'express'",
    'Require stack:',
    '- /app/index.js',
    "    at Module._resolveFilename (node:internal/modules/cjs/loader:1140:15) { code: 'MODULE_NOT_FOUND', requireStack: [ '/app/index.js' ] }",
  ];
  scene.log({ namespace, pod: name, container: 'user-container', previous: true }, log);
  scene.log({ namespace, pod: name, container: 'user-container' }, log);
  podEvent(
    scene,
    { namespace, name },
    {
      type: 'Warning',
      reason: 'BackOff',
      message: `Back-off restarting failed container user-container in pod ${name}_${namespace}`,
      count: restarts,
    },
  );
  const container = { namespace, pod: name, container: 'user-container' };
  scene.metrics.set('kube_pod_container_status_restarts_total', container, restarts);
  scene.metrics.set('kube_pod_container_status_waiting_reason', { ...container, reason: 'CrashLoopBackOff' }, 1);
  setRevision(scene, FUNCTION, OLD, [{ type: 'Ready', status: 'True' }]);
  setRevision(scene, FUNCTION, NEW, [
    { type: 'Ready', status: 'False', reason: 'ExitCode1', message: FAILED },
    { type: 'ContainerHealthy', status: 'False', reason: 'ExitCode1', message: FAILED },
    { type: 'ResourcesAvailable', status: 'True' },
  ]);
  const failed = `Revision "${NEW}" failed with message: ${FAILED}.`;
  setService(scene, FUNCTION, { created: NEW, ready: OLD }, [
    { type: 'Ready', status: 'False', reason: 'RevisionFailed', message: failed },
    { type: 'ConfigurationsReady', status: 'False', reason: 'RevisionFailed', message: failed },
    { type: 'RoutesReady', status: 'True' },
  ]);
  setPhase(scene, FUNCTION, 'Deploying', [{ type: 'DeployReady', status: 'False', reason: 'ServiceDeploying' }]);
  return name;
}
