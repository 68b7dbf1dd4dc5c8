import { buildAttempt, expireBuild, finishBuild, startBuild } from './objects/build.ts';
import { controlPlane, deploymentLog } from './objects/deployment.ts';
import { setConditions, setPhase } from './objects/function.ts';
import type { Scenario, Scene } from './scenario.ts';

const FUNCTION = 'price-updater';
const attempt = (scene: Scene) => buildAttempt(scene, FUNCTION);
const TRIGGER = `${FUNCTION}-trigger`;

/** The build is complete, but nothing was deployed: the event after the build was lost. */
export const triggerFailed: Scenario = {
  id: 't01-trigger-failed',
  title: 'Job created but trigger failed',
  about: `The build of ${FUNCTION} succeeds, and no Knative Service follows: its trigger does not resolve.`,
  cause: 'price-updater was built but no Knative Service exists for it; its Trigger does not resolve the subscriber',
  verdict: 'cause',
  stages: () => [
    { at: 0, what: `the build of ${FUNCTION} starts`, play: (scene) => startBuild(scene, attempt(scene)) },
    {
      at: 28,
      what: 'it succeeds; the event about it is not delivered',
      play(scene) {
        finishBuild(scene, attempt(scene));
        const { functionNamespace: namespace } = scene.names;
        const message = `failed to get object ${namespace}/${FUNCTION}: services.serving.knative.dev "${FUNCTION}" not found`;
        const ref = { apiVersion: 'eventing.knative.dev/v1', kind: 'Trigger', namespace, name: TRIGGER };
        setConditions(scene, ref, [
          { type: 'Ready', status: 'False', reason: "Unable to get the Subscriber's URI", message },
          { type: 'SubscriberResolved', status: 'False', reason: "Unable to get the Subscriber's URI", message },
          { type: 'BrokerReady', status: 'True' },
        ]);
        setPhase(scene, FUNCTION, 'Building', [{ type: 'BuildReady', status: 'True', reason: 'BuildSucceeded' }]);
        deploymentLog(scene, controlPlane(scene.names), [
          `{"level":"error","ts":"${scene.time()}","msg":"Failed to send CloudEvent","type":"io.knative.lambda.lifecycle.build.completed","subject":"${FUNCTION}","error":"Post \\"http://knative-lambda-broker-broker-ingress.knative-lambda.svc.cluster.local\\": dial tcp: lookup knative-lambda-broker-broker-ingress.knative-lambda.svc.cluster.local: no such host"}`,
        ]);
        scene.metrics.set('kube_customresource_knative_component_condition', trigger(scene), 1);
      },
    },
    {
      at: 150,
      what: 'nothing was deployed after two minutes',
      play: (scene) =>
        scene.fire({
          name: 'KnativeLambdaBuildWithoutService',
          labels: { namespace: scene.names.functionNamespace, function: FUNCTION },
          value: 122,
        }),
    },
    {
      at: 330,
      what: 'the trigger alert fires',
      play: (scene) =>
        scene.fire({
          name: 'KnativeLambdaTriggerNotReady',
          labels: { namespace: scene.names.functionNamespace, name: TRIGGER },
        }),
    },
  ],
  fix: {
    what: 'send the build-completed event again (or apply the Knative Service), then check the Trigger',
    done: (world, names) =>
      world.get({
        apiVersion: 'serving.knative.dev/v1',
        kind: 'Service',
        namespace: names.functionNamespace,
        name: FUNCTION,
      }) !== undefined,
    stages: () => [
      {
        at: 5,
        what: 'the function is deployed',
        play(scene) {
          const { functionNamespace: namespace } = scene.names;
          const ready = [{ type: 'Ready', status: 'True' }] as const;
          setConditions(
            scene,
            { apiVersion: 'serving.knative.dev/v1', kind: 'Service', namespace, name: FUNCTION },
            ready,
          );
          setConditions(
            scene,
            { apiVersion: 'eventing.knative.dev/v1', kind: 'Trigger', namespace, name: TRIGGER },
            ready,
          );
          expireBuild(scene, attempt(scene));
          scene.resolveAll();
        },
      },
    ],
  },
};

const trigger = (scene: Scene) => ({
  customresource_kind: 'Trigger',
  namespace: scene.names.functionNamespace,
  name: TRIGGER,
  type: 'Ready',
  status: 'False',
});
