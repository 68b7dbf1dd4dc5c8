import { buildAttempt, expireBuild, failBuild, startBuild } from './objects/build.ts';
import { failingBuild } from './objects/failingBuild.ts';
import { setPhase, setRevision, setRevisionPod, setService } from './objects/function.ts';
import { podEvent, states } from './objects/pod.ts';
import type { Scenario, Scene } from './scenario.ts';

/** Two causes at once: one function runs out of memory, another cannot push. One answer would be wrong. */
export const twoCauses: Scenario = {
  id: 't02-two-causes',
  title: 'Misleading: two causes at once',
  about: 'Two builds fail in the same minute for different reasons. The answer must name both.',
  cause: 'image-resizer was OOMKilled, and the push of invoice-parser was denied: two causes',
  verdict: 'several',
  stages: (names) => [
    {
      at: 0,
      what: 'the build of image-resizer starts',
      play: (scene) => startBuild(scene, buildAttempt(scene, 'image-resizer')),
    },
    {
      at: 60,
      what: 'it is OOMKilled',
      play(scene) {
        const build = buildAttempt(scene, 'image-resizer');
        const { namespace, pod } = build;
        scene.log({ namespace, pod, container: 'kaniko' }, ['INFO[0058] Taking snapshot of full filesystem...']);
        failBuild(scene, build, { exitCode: 137, reason: 'OOMKilled' });
        scene.fire({ name: 'KnativeLambdaBuildOOMKilled', labels: { namespace, pod, container: 'kaniko' } });
      },
    },
    ...failingBuild({
      functionName: 'invoice-parser',
      at: 45,
      lasts: 30,
      ended: { exitCode: 1, reason: 'Error' },
      log: ({ image }) => [
        [
          0,
          `error pushing image: failed to push to destination ${image}: POST http://${names.registry}/v2/${names.functionNamespace}/invoice-parser/blobs/uploads/: DENIED: requested access to the resource is denied`,
        ],
      ],
    }),
    {
      at: 180,
      what: 'the failure rate alert fires',
      play: (scene) => scene.fire({ name: 'KnativeLambdaBuildFailureRateHigh', labels: {}, value: 0.5 }),
    },
  ],
  fix: {
    what: 'raise the memory limit of one build and restore the push right of the other',
    stages: () => [
      {
        at: 0,
        what: 'both are fixed',
        play(scene) {
          for (const name of ['image-resizer', 'invoice-parser']) expireBuild(scene, buildAttempt(scene, name));
          scene.resolveAll();
        },
      },
    ],
  },
};

/** The latency alert fires and nothing in the cluster explains it. "Unknown" is the right answer. */
export const symptomsWithoutCause: Scenario = {
  id: 't03-symptoms-without-cause',
  title: 'Misleading: symptoms without a cause',
  about:
    'A function is slow; pods, events, nodes and changes show nothing. The answer is unknown, with what was ruled out.',
  cause: 'Unknown: hello-nodejs is slow and the cluster does not show why',
  verdict: 'unknown',
  stages: () => [
    {
      at: 0,
      what: 'hello-nodejs becomes slow',
      play(scene) {
        setRevisionPod(scene, 'hello-nodejs', 'hello-nodejs-00006', { ready: true, state: states.running(scene) });
        const labels = { namespace_name: scene.names.functionNamespace, service_name: 'hello-nodejs' };
        for (const [le, pace] of [
          ['100', 0.2],
          ['500', 0.5],
          ['1000', 1],
          ['5000', 4],
          ['+Inf', 4],
        ] as const) {
          scene.metrics.grow('revision_app_request_latencies_bucket', { ...labels, le }, pace);
        }
      },
    },
    {
      at: 620,
      what: 'the latency alert fires',
      play: (scene) =>
        scene.fire({
          name: 'KnativeLambdaFunctionLatencyHigh',
          labels: { namespace: scene.names.functionNamespace, function: 'hello-nodejs' },
          value: 3.9,
        }),
    },
  ],
  fix: {
    what: 'nothing in the cluster helps: ask the owner of the function and of what it calls',
    stages: () => [{ at: 0, what: 'it is fast again', play: (scene) => scene.resolveAll() }],
  },
};

/** Knative says ready while the pods crash: readiness passed before the crash and nothing has asked since. */
export const readyButCrashing: Scenario = {
  id: 't04-ready-but-crashing',
  title: 'Misleading: Knative READY while pods crash',
  about: 'The Knative Service is True on every condition; its pod is OOMKilled under load again and again.',
  cause: 'The pods of image-resizer are OOMKilled at 128Mi although Knative shows READY',
  verdict: 'cause',
  stages: () => [
    { at: 0, what: 'the first crash', play: (scene) => oomKilled(scene, 1) },
    {
      at: 120,
      what: 'more crashes; the alert fires',
      play(scene) {
        const pod = oomKilled(scene, 4);
        const { functionNamespace: namespace } = scene.names;
        scene.fire({ name: 'KnativeLambdaFunctionOOMKilled', labels: { namespace, pod }, value: 4 });
      },
    },
    {
      at: 400,
      what: 'it crash-loops',
      play(scene) {
        const pod = oomKilled(scene, 7);
        const { functionNamespace: namespace } = scene.names;
        scene.fire({ name: 'KnativeLambdaFunctionCrashLooping', labels: { namespace, pod } });
      },
    },
  ],
  fix: {
    what: 'raise the memory limit of the function',
    stages: () => [
      {
        at: 0,
        what: 'it runs with a higher limit',
        play(scene) {
          setRevisionPod(scene, 'image-resizer', 'image-resizer-00003', {
            ready: true,
            state: states.running(scene),
            memoryLimit: '512Mi',
          });
          scene.resolveAll();
        },
      },
    ],
  },
};

function oomKilled(scene: Scene, restarts: number): string {
  const { functionNamespace: namespace } = scene.names;
  const ready = { type: 'Ready', status: 'True' } as const;
  setRevision(scene, 'image-resizer', 'image-resizer-00003', [
    ready,
    { type: 'ContainerHealthy', status: 'True' },
    { type: 'ResourcesAvailable', status: 'True' },
  ]);
  setService(scene, 'image-resizer', { created: 'image-resizer-00003', ready: 'image-resizer-00003' }, [
    ready,
    { type: 'ConfigurationsReady', status: 'True' },
    { type: 'RoutesReady', status: 'True' },
  ]);
  setPhase(scene, 'image-resizer', 'Ready', [{ type: 'ServiceReady', status: 'True', reason: 'ServiceReady' }]);
  const name = setRevisionPod(scene, 'image-resizer', 'image-resizer-00003', {
    ready: false,
    restarts,
    state: states.crashLoop('user-container', 'image-resizer-00003', namespace, '1m20s'),
    lastState: states.terminated(scene, 137, 'OOMKilled'),
  });
  scene.log({ namespace, pod: name, container: 'user-container', previous: true }, [
    [-3, '{"level":"info","msg":"resizing","width":8192,"height":8192}'],
  ]);
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
  const labels = { namespace, pod: name, container: 'user-container' };
  scene.metrics.set('kube_pod_container_status_restarts_total', labels, restarts);
  scene.metrics.set('kube_pod_container_status_last_terminated_reason', { ...labels, reason: 'OOMKilled' }, 1);
  scene.metrics.set('kube_pod_container_status_waiting_reason', { ...labels, reason: 'CrashLoopBackOff' }, 1);
  return name;
}
