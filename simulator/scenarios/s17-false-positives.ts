import { buildAttempt, expireBuild } from './objects/build.ts';
import { failingBuild } from './objects/failingBuild.ts';
import { setPhase, setRevision } from './objects/function.ts';
import type { Scenario } from './scenario.ts';

const resolve = (what: string): Scenario['fix'] => ({
  what,
  stages: () => [{ at: 0, what: 'the alert resolves', play: (scene) => scene.resolveAll() }],
});

/** A gauge of the operator keeps its last value although every function is ready. */
export const staleGauge: Scenario = {
  id: 's17a-stale-gauge',
  title: 'Not an incident: stale gauge',
  about: 'The metric says that a function is stuck in Deploying; the cluster says that all are ready.',
  cause: 'Nothing is wrong: the phase gauge is stale, every function is ready',
  verdict: 'dismissed',
  profiles: ['operator'],
  stages: () => [
    {
      at: 0,
      what: 'the gauge sticks at 1 and the alert fires',
      play(scene) {
        const labels = { namespace: scene.names.functionNamespace };
        for (const name of scene.names.functions) {
          setPhase(scene, name, 'Ready', [{ type: 'ServiceReady', status: 'True', reason: 'ServiceReady' }]);
        }
        scene.metrics.set('knative_lambda_operator_lambdafunctions_total', { ...labels, phase: 'Deploying' }, 1);
        scene.fire({ name: 'KnativeLambdaFunctionStuckDeploying', labels });
      },
    },
  ],
  fix: resolve('dismiss it; the gauge is reset when the operator restarts'),
};

/** A revision that scaled to zero is healthy, whatever its condition Active says. */
export const scaledToZero: Scenario = {
  id: 's17b-scaled-to-zero',
  title: 'Not an incident: scaled to zero',
  about: 'A revision without traffic shows Active=False, which is how scale to zero looks.',
  cause: 'Nothing is wrong: the revision has no traffic and scaled to zero',
  verdict: 'dismissed',
  stages: () => [
    {
      at: 0,
      what: 'the revision scales to zero and somebody alerts on it',
      play(scene) {
        setRevision(scene, 'invoice-parser', 'invoice-parser-00002', [
          { type: 'Ready', status: 'True' },
          { type: 'ContainerHealthy', status: 'True' },
          { type: 'ResourcesAvailable', status: 'True' },
          { type: 'Active', status: 'False', reason: 'NoTraffic', message: 'The target is not receiving traffic.' },
        ]);
        const labels = { namespace: scene.names.functionNamespace, function: 'invoice-parser' };
        scene.fire({
          name: 'KnativeServingPodsNotReady',
          labels: { ...labels, revision: 'invoice-parser-00002' },
          value: 0,
        });
      },
    },
  ],
  fix: resolve('dismiss it'),
};

/** After an upgrade to Knative 1.19 the metrics are off until they are turned on. */
export const metricsOff: Scenario = {
  id: 's17c-metrics-off',
  title: 'Not an incident: metrics off after an upgrade',
  about: 'Knative was upgraded and exports no metrics until its configuration says so. Everything runs.',
  cause: 'Nothing is down: Knative exports no metrics since the upgrade (config-observability)',
  verdict: 'dismissed',
  stages: () => [
    {
      at: 0,
      what: 'the series of the autoscaler are gone',
      play(scene) {
        scene.metrics.remove('autoscaler_desired_pods', {
          namespace_name: scene.names.functionNamespace,
          service_name: 'hello-nodejs',
          revision_name: 'hello-nodejs-00006',
        });
        scene.fire({ name: 'KnativeServingMetricsAbsent', labels: {} });
      },
    },
  ],
  fix: resolve('turn the metrics on in config-observability and restart the components'),
};

/** One developer pushes broken code at night: for the owner in the morning, not for the pager. */
export const brokenCode: Scenario = {
  id: 's17d-broken-code',
  title: 'Not an incident: broken code of one function',
  about: 'A build fails because of a syntax error. It is an early warning for its owner, nothing more.',
  cause: 'The code of hello-python does not compile (SyntaxError); the platform is fine',
  verdict: 'dismissed',
  stages: () =>
    failingBuild({
      functionName: 'hello-python',
      at: 0,
      lasts: 22,
      ended: { exitCode: 1, reason: 'Error' },
      log: () => [
        [-20, 'INFO[0002] Retrieving image manifest python:3.11-alpine'],
        [-6, 'INFO[0016] Running: [/bin/sh -c python -m compileall -q /app]'],
        [-5, '  File "/app/main.py", line 14'],
        [-5, '    def handler(event, context)'],
        [-5, '                               ^'],
        [-5, "SyntaxError: expected ':'"],
        [
          0,
          'error building image: error building stage: failed to execute command: waiting for process to exit: exit status 1',
        ],
      ],
    }),
  fix: {
    what: 'tell the owner; nothing to do on the platform',
    stages: () => [
      {
        at: 0,
        what: 'the failed Job is cleaned up',
        play(scene) {
          expireBuild(scene, buildAttempt(scene, 'hello-python'));
          scene.resolveAll();
        },
      },
    ],
  },
};
