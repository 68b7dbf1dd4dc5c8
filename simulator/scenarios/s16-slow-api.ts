import { controlPlane, deploymentLog } from './objects/deployment.ts';
import type { Scenario } from './scenario.ts';

const BUCKETS = ['0.1', '1', '5', '10', '+Inf'];

/** The API server answers in 6 to 9 seconds; everything that reads or writes the cluster suffers, diagnostics included. */
export const slowApi: Scenario = {
  id: 's16-slow-api',
  title: 'Slow Kubernetes API',
  about:
    'The API server takes 6 to 9 seconds. Combine it with latency on the simulated cluster to feel it in the diagnostics.',
  cause: 'The Kubernetes API server is slow (P99 6 to 9 s); the control plane loses its lease',
  verdict: 'cause',
  stages: () => [
    {
      at: 0,
      what: 'the API server slows down',
      play(scene) {
        for (const le of BUCKETS) {
          const pace = le === '10' || le === '+Inf' ? 20 : 2;
          scene.metrics.grow('apiserver_request_duration_seconds_bucket', { verb: 'GET', resource: 'pods', le }, pace);
        }
        scene.event({
          type: 'Normal',
          reason: 'LeaderElection',
          message: `${scene.names.controlDeployment} stopped leading`,
          regarding: {
            apiVersion: 'coordination.k8s.io/v1',
            kind: 'Lease',
            namespace: scene.names.controlNamespace,
            name: 'lambdafunction.lambda.knative.io',
          },
          source: scene.names.controlDeployment,
        });
      },
    },
    {
      at: 60,
      what: 'the control plane complains',
      play: (scene) =>
        deploymentLog(scene, controlPlane(scene.names), [
          [
            -30,
            '{"level":"error","msg":"Reconciler error","error":"client rate limiter Wait returned an error: context deadline exceeded"}',
          ],
          [
            -10,
            '{"level":"error","msg":"error retrieving resource lock knative-lambda/lambdafunction.lambda.knative.io: context deadline exceeded"}',
          ],
          [0, '{"level":"error","msg":"problem running manager","error":"leader election lost"}'],
        ]),
    },
    {
      at: 320,
      what: 'the alerts fire',
      play(scene) {
        scene.fire({ name: 'KnativeLambdaAPIServerSlow', labels: { verb: 'GET' }, value: 8.6 });
        scene.fire({ name: 'KnativeLambdaReconcileSlow', labels: {}, value: 7.2 });
      },
    },
  ],
  fix: {
    what: 'find the heavy client and slow it down; wait',
    stages: () => [
      {
        at: 0,
        what: 'the API server is fast again',
        play(scene) {
          for (const le of BUCKETS) {
            scene.metrics.grow('apiserver_request_duration_seconds_bucket', { verb: 'GET', resource: 'pods', le }, 20);
          }
          scene.resolveAll();
        },
      },
    ],
  },
};
