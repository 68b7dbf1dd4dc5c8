import type { DeploymentName } from './objects/deployment.ts';
import { crash, deploymentLog, deploymentRef, recover, restartedSince } from './objects/deployment.ts';
import { setTraffic } from './objects/function.ts';
import type { Scenario, Scene } from './scenario.ts';

const ACTIVATOR: DeploymentName = { namespace: 'knative-serving', name: 'activator', labels: { app: 'activator' } };

/** The activator dies of memory: warm functions are fine, those scaled to zero hang and fail. */
export const coldStartBrownout: Scenario = {
  id: 's14-cold-start-brownout',
  title: 'Cold starts hang (activator down)',
  about:
    'The activator is OOMKilled again and again. Functions with warm pods answer; those scaled to zero hang, then fail.',
  cause: 'The activator is OOMKilled, so requests to functions scaled to zero hang and fail',
  verdict: 'cause',
  stages: () => [
    { at: 0, what: 'the activator is killed', play: (scene) => overloaded(scene, 1) },
    {
      at: 130,
      what: 'the activator alert fires',
      play(scene) {
        overloaded(scene, 4);
        scene.fire({
          name: 'KnativeServingActivatorDown',
          labels: { namespace: ACTIVATOR.namespace, deployment: ACTIVATOR.name },
          value: 0,
        });
      },
    },
    {
      at: 420,
      what: 'the error budget burns',
      play: (scene) => scene.fire({ name: 'KnativeLambdaAvailabilityBurnFast', labels: {}, value: 0.08 }),
    },
  ],
  fix: {
    what: 'give the activator more memory or replicas; keep one pod of critical functions warm meanwhile',
    done: (world, _names, since) => {
      const replicas = /"replicas":(\d+)/.exec(JSON.stringify(world.get(deploymentRef(ACTIVATOR))?.spec ?? {}))?.[1];
      // The platform runs two.
      return Number(replicas) > 2 || restartedSince(world, ACTIVATOR, since);
    },
    stages: () => [
      {
        at: 15,
        what: 'the activator runs',
        play(scene) {
          recover(scene, ACTIVATOR);
          setTraffic(scene, 'hello-nodejs', 4, 0);
          scene.resolveAll();
        },
      },
    ],
  },
};

function overloaded(scene: Scene, restarts: number): void {
  crash(scene, ACTIVATOR, { exitCode: 137, reason: 'OOMKilled', restarts });
  deploymentLog(scene, ACTIVATOR, [
    '{"severity":"ERROR","logger":"activator","message":"Throttler try error","knative.dev/key":"knative-lambda/hello-nodejs-00006","error":"context deadline exceeded"}',
    '{"severity":"WARNING","logger":"activator","message":"error upgrading: queue is full, pending requests limit reached"}',
  ]);
  setTraffic(scene, 'hello-nodejs', 2, 2);
}
