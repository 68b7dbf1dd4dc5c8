import { randomUUID } from 'node:crypto';
import type { PlatformNames } from './names.ts';
import {
  controlPlane,
  crash,
  deploymentLog,
  deploymentRef,
  podsOf,
  recover,
  restartedSince,
} from './objects/deployment.ts';
import type { Scenario, Scene } from './scenario.ts';
import type { KubeObject } from './worldPort.ts';

const BAD = 'v1.13.17';
const REVISION = 'deployment.kubernetes.io/revision';
const image = (names: PlatformNames, version: string) => `ghcr.io/example/${names.controlDeployment}:${version}`;

/** The new release of the control plane needs more memory than its limit and dies every 40 seconds. */
export const controlPlaneCrash: Scenario = {
  id: 's13-control-plane-crash',
  title: 'Control plane crash loop after a release',
  about: `Release ${BAD} of the control plane is OOMKilled every 40 seconds. Functions serve, events wait in the queue.`,
  cause: 'The control plane is OOMKilled at its limit of 256Mi since release v1.13.17',
  verdict: 'cause',
  stages: () => [
    { at: 0, what: `release ${BAD} is rolled out`, play: release },
    { at: 45, what: 'it is killed for the first time', play: (scene) => dies(scene, 1) },
    {
      at: 165,
      what: 'the control plane is down',
      play(scene) {
        dies(scene, 3);
        const { namespace, name } = controlPlane(scene.names);
        scene.fire({ name: 'KnativeLambdaOperatorDown', labels: { namespace, deployment: name }, value: 0 });
      },
    },
    {
      at: 345,
      what: 'it keeps crashing',
      play(scene) {
        const pod = dies(scene, 5);
        const labels = { namespace: scene.names.controlNamespace, pod, container: scene.names.controlContainer };
        scene.fire({ name: 'KnativeLambdaOperatorCrashLooping', labels, value: 5 });
      },
    },
    {
      at: 645,
      what: 'its metrics are missing',
      play(scene) {
        const { namespace, name } = controlPlane(scene.names);
        scene.metrics.set('up', { namespace, job: name }, 0);
        scene.fire({ name: 'KnativeLambdaTelemetryMissing', labels: {} });
      },
    },
  ],
  fix: {
    what: 'suspend Flux and roll the control plane back to the release before',
    done: (world, names, since) => {
      const spec = JSON.stringify(world.get(deploymentRef(controlPlane(names)))?.spec ?? {});
      return restartedSince(world, controlPlane(names), since) && !spec.includes(BAD);
    },
    stages: (names) => [
      {
        at: 20,
        what: 'the old release runs',
        play(scene) {
          recover(scene, controlPlane(names), image(names, 'v1.13.16'));
          scene.metrics.set('up', { namespace: names.controlNamespace, job: names.controlDeployment }, 1);
          scene.resolveAll();
        },
      },
    ],
  },
};

function release(scene: Scene): void {
  const deployment = controlPlane(scene.names);
  const found = scene.world.get(deploymentRef(deployment));
  if (found) {
    const spec = JSON.parse(
      JSON.stringify(found.spec ?? {}).replace(/("image":")[^"]+/, `$1${image(scene.names, BAD)}`),
    );
    const revision = String(Number(found.metadata.annotations?.[REVISION] ?? 1) + 1);
    const annotations = { ...found.metadata.annotations, [REVISION]: revision };
    scene.apply({ ...found, metadata: { ...found.metadata, annotations }, spec });
    const set = replicaSet(scene, { name: deployment.name, uid: found.metadata.uid ?? '', revision }, spec);
    scene.apply(set);
    replacePod(scene, set, spec);
  }
  scene.event({
    type: 'Normal',
    reason: 'ScalingReplicaSet',
    message: `Scaled up replica set ${deployment.name}-6c8b7d9f54 to 1`,
    regarding: deploymentRef(deployment),
    source: 'deployment-controller',
  });
}

/** The ReplicaSet the release is rolled out with, as the Deployment's controller makes it. */
function replicaSet(
  scene: Scene,
  { name, uid, revision }: { readonly name: string; readonly uid: string; readonly revision: string },
  spec: { template?: unknown },
): KubeObject {
  const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name, uid, controller: true };
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${name}-6c8b7d9f54`,
      namespace: scene.names.controlNamespace,
      uid: scene.once(`set-of/${name}`, randomUUID),
      creationTimestamp: scene.time(),
      labels: { ...scene.names.controlLabels, 'pod-template-hash': '6c8b7d9f54' },
      annotations: { [REVISION]: revision },
      ownerReferences: [owner],
    },
    spec: { replicas: 1, template: spec.template },
    status: { replicas: 1, readyReplicas: 0, availableReplicas: 0 },
  };
}

/** The pod of the release in place of the one before, as its ReplicaSet makes it. */
function replacePod(scene: Scene, set: KubeObject, { template }: { template?: unknown }): void {
  const deployment = controlPlane(scene.names);
  for (const name of podsOf(scene, deployment)) {
    const ref = { apiVersion: 'v1', kind: 'Pod', namespace: deployment.namespace, name };
    const old = scene.world.get(ref);
    if (!old) continue;
    scene.remove(ref);
    const { spec } = template as { spec?: object }; // The template of a Deployment, which always has one.
    const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: set.metadata.name, controller: true };
    const metadata = {
      name: `${set.metadata.name}-x7k2q`,
      namespace: deployment.namespace,
      creationTimestamp: scene.time(),
      labels: set.metadata.labels ?? {},
      ownerReferences: [{ ...owner, uid: set.metadata.uid ?? '' }],
    };
    scene.apply({ ...old, metadata, spec: { ...(old.spec as object), ...spec } });
  }
}

function dies(scene: Scene, restarts: number): string {
  const deployment = controlPlane(scene.names);
  crash(scene, deployment, { exitCode: 137, reason: 'OOMKilled', restarts, image: image(scene.names, BAD) });
  deploymentLog(
    scene,
    deployment,
    [
      [-40, `{"level":"info","msg":"starting manager","version":"${BAD}"}`],
      [-38, '{"level":"info","msg":"successfully acquired lease","lease":"lambdafunction.lambda.knative.io"}'],
      [-20, '{"level":"info","msg":"caching objects","count":1000}'],
    ],
    true,
  );
  const pods = scene.world.list({ apiVersion: 'v1', kind: 'Pod' }, deployment.namespace);
  return pods.find((pod) => pod.metadata.name.startsWith(`${deployment.name}-`))?.metadata.name ?? deployment.name;
}
