import type { DeploymentName } from './objects/deployment.ts';
import { controlPlane, crash, deploymentLog, recover, restartedSince } from './objects/deployment.ts';
import { setConditions, setPhase } from './objects/function.ts';
import type { Scenario, Scene } from './scenario.ts';

const WEBHOOK: DeploymentName = { namespace: 'knative-serving', name: 'webhook', labels: { app: 'webhook' } };
const FAILED =
  'Internal error occurred: failed calling webhook "webhook.serving.knative.dev": failed to call webhook: Post "https://webhook.knative-serving.svc:443/defaulting?timeout=10s": no endpoints available for service "webhook"';
const ERRORS = { component: 'deploy', error_type: 'service_creation_failed' };

/** Knative's admission webhook is down: everything runs, nothing can be changed, a rollback included. */
export const webhookDown: Scenario = {
  id: 's08-webhook-down',
  title: 'Knative Serving webhook down',
  about: 'Every write to a Knative object is refused. Running functions, scaling and builds go on.',
  cause: 'Deployment webhook in knative-serving has no available replica, so writes to Knative objects are refused',
  verdict: 'cause',
  stages: () => [
    {
      at: 0,
      what: 'the webhook crashes',
      play: (scene) => crash(scene, WEBHOOK, { exitCode: 1, reason: 'Error', restarts: 2 }),
    },
    { at: 10, what: 'a new function cannot be deployed', play: (scene) => refused(scene) },
    { at: 25, what: 'and again', play: (scene) => refused(scene) },
    {
      at: 120,
      what: 'the alert fires',
      play(scene) {
        crash(scene, WEBHOOK, { exitCode: 1, reason: 'Error', restarts: 5 });
        refused(scene);
        scene.fire({
          name: 'KnativeServingWebhookDown',
          labels: { namespace: WEBHOOK.namespace, deployment: WEBHOOK.name },
          value: 0,
        });
      },
    },
    {
      at: 600,
      what: 'KnativeServing is not ready',
      play(scene) {
        serving(scene, false);
        scene.fire({
          name: 'KnativeServingCRNotReady',
          severity: 'critical',
          labels: { namespace: 'knative-serving', name: 'knative-serving', type: 'DeploymentsAvailable' },
        });
      },
    },
  ],
  fix: {
    what: 'restart Deployment webhook in knative-serving (Deployments do not pass that webhook)',
    done: (world, _names, since) => restartedSince(world, WEBHOOK, since),
    stages: () => [
      {
        at: 8,
        what: 'the webhook answers again',
        play(scene) {
          recover(scene, WEBHOOK);
          serving(scene, true);
          scene.metrics.grow('knative_lambda_operator_errors_total', ERRORS, 0);
          setPhase(scene, 'hello-python', 'Ready', [{ type: 'ServiceReady', status: 'True', reason: 'ServiceReady' }]);
          scene.resolveAll();
        },
      },
    ],
  },
};

function refused(scene: Scene): void {
  const error = JSON.stringify(FAILED);
  deploymentLog(scene, controlPlane(scene.names), [
    `{"level":"error","ts":"${scene.time()}","msg":"Failed to create Knative service","name":"hello-python","error":${error}}`,
  ]);
  if (scene.names.profile === 'operator') {
    scene.metrics.inc('knative_lambda_operator_errors_total', ERRORS, 1, { perSecond: 1 / 15 });
  }
  setPhase(scene, 'hello-python', 'Deploying', [
    { type: 'DeployReady', status: 'False', reason: 'ServiceCreationFailed', message: FAILED },
  ]);
}

function serving(scene: Scene, ready: boolean): void {
  const ref = {
    apiVersion: 'operator.knative.dev/v1beta1',
    kind: 'KnativeServing',
    namespace: 'knative-serving',
    name: 'knative-serving',
  };
  const waiting = ready ? {} : { reason: 'NotReady', message: 'Waiting on deployments: webhook' };
  setConditions(scene, ref, [
    { type: 'Ready', status: ready ? 'True' : 'False', ...waiting },
    { type: 'InstallSucceeded', status: 'True' },
    { type: 'DeploymentsAvailable', status: ready ? 'True' : 'False', ...waiting },
    { type: 'DependenciesInstalled', status: 'True' },
    { type: 'VersionMigrationEligible', status: 'True' },
  ]);
}
