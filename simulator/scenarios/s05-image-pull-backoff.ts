import { imageOf, setPhase, setRevision, setRevisionPod, setService } from './objects/function.ts';
import { podEvent, states } from './objects/pod.ts';
import type { Scenario, Scene } from './scenario.ts';

const FUNCTION = 'hello-nodejs';
const NEW = 'hello-nodejs-00007';
const OLD = 'hello-nodejs-00006';

/** The new revision names an image that was never pushed; the old one keeps serving. */
export const imagePullBackOff: Scenario = {
  id: 's05-image-pull-backoff',
  title: 'New revision cannot pull its image',
  about: `Revision ${NEW} wants an image that does not exist. Customers notice nothing: ${OLD} still serves.`,
  cause: 'The image of hello-nodejs-00007 does not exist in the registry (not found)',
  verdict: 'cause',
  stages: () => [
    { at: 0, what: `revision ${NEW} is created and its pod cannot pull`, play: cannotPull },
    {
      at: 120,
      what: 'the alert fires',
      play(scene) {
        const pod = setRevisionPod(scene, FUNCTION, NEW, waiting(scene), { phase: 'Pending' });
        const labels = { namespace: scene.names.functionNamespace, pod, container: 'user-container' };
        scene.metrics.set('kube_pod_container_status_waiting_reason', { ...labels, reason: 'ImagePullBackOff' }, 1, {
          at: scene.at(-120),
        });
        scene.fire({ name: 'KnativeLambdaFunctionImagePullBackOff', labels: { namespace: labels.namespace, pod } });
      },
    },
    {
      at: 600,
      what: 'the progress deadline passes and the revision fails',
      play(scene) {
        const message = `Back-off pulling image "${image(scene)}"`;
        setRevision(scene, FUNCTION, NEW, [
          { type: 'Ready', status: 'False', reason: 'ImagePullBackOff', message },
          { type: 'ResourcesAvailable', status: 'False', reason: 'ImagePullBackOff', message },
          { type: 'ContainerHealthy', status: 'Unknown', reason: 'Deploying' },
        ]);
        const failed = `Revision "${NEW}" failed with message: ${message}.`;
        setService(scene, FUNCTION, { created: NEW, ready: OLD }, [
          { type: 'Ready', status: 'False', reason: 'RevisionFailed', message: failed },
          { type: 'ConfigurationsReady', status: 'False', reason: 'RevisionFailed', message: failed },
          { type: 'RoutesReady', status: 'True' },
        ]);
      },
    },
  ],
  fix: {
    what: 'push the missing image or correct the tag; the old revision serves meanwhile',
    stages: () => [
      {
        at: 0,
        what: 'the image is there, the revision becomes ready',
        play(scene) {
          const running = { ready: true, state: states.running(scene), image: image(scene) };
          const pod = setRevisionPod(scene, FUNCTION, NEW, running);
          const labels = { namespace: scene.names.functionNamespace, pod, container: 'user-container' };
          scene.metrics.remove('kube_pod_container_status_waiting_reason', { ...labels, reason: 'ImagePullBackOff' });
          setRevision(scene, FUNCTION, NEW, [{ type: 'Ready', status: 'True' }]);
          setService(scene, FUNCTION, { created: NEW, ready: NEW }, [
            { type: 'Ready', status: 'True' },
            { type: 'ConfigurationsReady', status: 'True' },
            { type: 'RoutesReady', status: 'True' },
          ]);
          setPhase(scene, FUNCTION, 'Ready', [{ type: 'ServiceReady', status: 'True', reason: 'ServiceReady' }]);
          scene.resolveAll();
        },
      },
    ],
  },
};

const image = (scene: Scene) => imageOf(scene.names, FUNCTION, 'badc0ffee123');
const waiting = (scene: Scene) => ({
  ready: false,
  image: image(scene),
  state: states.waiting('ImagePullBackOff', `Back-off pulling image "${image(scene)}"`),
});

function cannotPull(scene: Scene): void {
  const reference = image(scene);
  const pod = {
    namespace: scene.names.functionNamespace,
    name: setRevisionPod(scene, FUNCTION, NEW, waiting(scene), { phase: 'Pending' }),
  };
  podEvent(scene, pod, { type: 'Normal', reason: 'Pulling', message: `Pulling image "${reference}"`, count: 4 });
  podEvent(scene, pod, {
    type: 'Warning',
    reason: 'Failed',
    message: `Failed to pull image "${reference}": rpc error: code = NotFound desc = failed to pull and unpack image "${reference}": failed to resolve reference "${reference}": ${reference}: not found`,
    count: 4,
  });
  podEvent(scene, pod, { type: 'Warning', reason: 'Failed', message: 'Error: ErrImagePull', count: 4 });
  podEvent(scene, pod, {
    type: 'Normal',
    reason: 'BackOff',
    message: `Back-off pulling image "${reference}"`,
    count: 6,
  });
  podEvent(scene, pod, { type: 'Warning', reason: 'Failed', message: 'Error: ImagePullBackOff', count: 6 });
  setRevision(scene, FUNCTION, OLD, [{ type: 'Ready', status: 'True' }]);
  setRevision(scene, FUNCTION, NEW, [
    { type: 'Ready', status: 'Unknown', reason: 'Deploying' },
    { type: 'ResourcesAvailable', status: 'Unknown', reason: 'Deploying' },
    { type: 'ContainerHealthy', status: 'Unknown', reason: 'Deploying' },
  ]);
  setService(scene, FUNCTION, { created: NEW, ready: OLD }, [
    { type: 'Ready', status: 'Unknown', reason: 'RevisionMissing' },
    { type: 'ConfigurationsReady', status: 'Unknown' },
    { type: 'RoutesReady', status: 'True' },
  ]);
  setPhase(scene, FUNCTION, 'Deploying', [{ type: 'DeployReady', status: 'False', reason: 'ServiceDeploying' }]);
}
