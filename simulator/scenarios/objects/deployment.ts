import { randomUUID } from 'node:crypto';
import type { PlatformNames } from '../names.ts';
import type { Scene } from '../scenario.ts';
import type { KubeObject, ObjectRef, ScenarioWorld } from '../worldPort.ts';
import { suffix } from './naming.ts';
import type { ContainerState } from './pod.ts';
import { setPod, states } from './pod.ts';

export interface DeploymentName {
  readonly namespace: string;
  readonly name: string;
  readonly container?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

export const deploymentRef = (one: DeploymentName): ObjectRef => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  namespace: one.namespace,
  name: one.name,
});

/** The control plane of Knative Lambda. */
export const controlPlane = (names: PlatformNames): DeploymentName => ({
  namespace: names.controlNamespace,
  name: names.controlDeployment,
  container: names.controlContainer,
  labels: names.controlLabels,
});

/** Names of the Deployment's pods; one is made up when the world has none. */
export function podsOf(scene: Scene, deployment: DeploymentName): readonly string[] {
  const pattern = new RegExp(`^${deployment.name}-[a-z0-9]+-[a-z0-9]{5}$`);
  const found = scene.world
    .list({ apiVersion: 'v1', kind: 'Pod' }, deployment.namespace)
    .map((pod) => pod.metadata.name)
    .filter((name) => pattern.test(name));
  return found.length > 0
    ? found
    : [scene.once(`pod-of/${deployment.name}`, () => `${deployment.name}-${suffix(9)}-${suffix()}`)];
}

/** How many replicas are available, in the object and in the metrics; makes the Deployment when the world has none. */
export function setAvailable(scene: Scene, deployment: DeploymentName, available: number, replicas = 1): void {
  const ref = deploymentRef(deployment);
  if (!scene.world.get(ref)) scene.apply(deploymentObject(scene, deployment, replicas));
  const condition = {
    type: 'Available',
    status: available > 0 ? 'True' : 'False',
    reason: available > 0 ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
    message: `Deployment ${available > 0 ? 'has' : 'does not have'} minimum availability.`,
    lastUpdateTime: scene.time(),
    lastTransitionTime: scene.time(),
  };
  scene.status(ref, {
    replicas,
    updatedReplicas: replicas,
    readyReplicas: available,
    availableReplicas: available,
    unavailableReplicas: replicas - available,
    conditions: [condition],
  });
  const labels = { namespace: deployment.namespace, deployment: deployment.name };
  scene.metrics.set('kube_deployment_status_replicas_available', labels, available);
  scene.metrics.set('kube_deployment_status_replicas_ready', labels, available);
  scene.metrics.set('kube_deployment_spec_replicas', labels, replicas);
}

function deploymentObject(
  scene: Scene,
  { namespace, name, container, labels }: DeploymentName,
  replicas: number,
): KubeObject {
  const selector = { ...(labels ?? { app: name }) };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, uid: randomUUID(), creationTimestamp: scene.time(-86_400), labels: selector },
    spec: {
      replicas,
      selector: { matchLabels: selector },
      template: {
        metadata: { labels: selector },
        spec: { containers: [{ name: container ?? name, image: `registry.example.com/${name}:stable` }] },
      },
    },
    status: {},
  };
}

export interface Crash {
  readonly exitCode: number;
  /** `OOMKilled` or `Error`. */
  readonly reason: string;
  readonly restarts: number;
  readonly image?: string;
}

/** All pods of the Deployment crash again and again. */
export function crash(scene: Scene, deployment: DeploymentName, how: Crash): void {
  const container = deployment.container ?? deployment.name;
  for (const name of podsOf(scene, deployment)) {
    setPod(scene, {
      namespace: deployment.namespace,
      name,
      phase: 'Running',
      labels: deployment.labels ?? { app: deployment.name },
      node: 'node-a',
      containers: [
        {
          name: container,
          image: how.image ?? `registry.example.com/${deployment.name}:stable`,
          ready: false,
          restarts: how.restarts,
          state: states.crashLoop(container, name, deployment.namespace),
          lastState: states.terminated(scene, how.exitCode, how.reason),
        },
      ],
    });
    scene.event({
      type: 'Warning',
      reason: 'BackOff',
      message: `Back-off restarting failed container ${container} in pod ${name}_${deployment.namespace}`,
      regarding: { apiVersion: 'v1', kind: 'Pod', namespace: deployment.namespace, name },
      source: 'kubelet',
      count: how.restarts,
      firstAt: scene.at(-40 * how.restarts),
    });
    const labels = { namespace: deployment.namespace, pod: name, container };
    scene.metrics.set('kube_pod_container_status_restarts_total', labels, how.restarts, { perSecond: 1 / 60 });
    scene.metrics.set('kube_pod_container_status_last_terminated_reason', { ...labels, reason: how.reason }, 1);
    scene.metrics.set('kube_pod_container_status_waiting_reason', { ...labels, reason: 'CrashLoopBackOff' }, 1);
  }
  setAvailable(scene, deployment, 0);
}

/** All pods run and the Deployment is available again. */
export function recover(scene: Scene, deployment: DeploymentName, image?: string): void {
  const container = deployment.container ?? deployment.name;
  for (const name of podsOf(scene, deployment)) {
    const running: ContainerState = {
      name: container,
      image: image ?? `registry.example.com/${deployment.name}:stable`,
      ready: true,
      state: states.running(scene),
    };
    setPod(scene, {
      namespace: deployment.namespace,
      name,
      phase: 'Running',
      labels: deployment.labels ?? { app: deployment.name },
      node: 'node-a',
      containers: [running],
    });
    const labels = { namespace: deployment.namespace, pod: name, container };
    scene.metrics.grow('kube_pod_container_status_restarts_total', labels, 0);
    scene.metrics.set('kube_pod_container_status_waiting_reason', { ...labels, reason: 'CrashLoopBackOff' }, 0);
  }
  setAvailable(scene, deployment, 1);
}

/** Lines in the log of each of the Deployment's pods. */
export function deploymentLog(
  scene: Scene,
  deployment: DeploymentName,
  lines: readonly (string | readonly [number, string])[],
  previous = false,
): void {
  const container = deployment.container ?? deployment.name;
  for (const pod of podsOf(scene, deployment))
    scene.log({ namespace: deployment.namespace, pod, container, previous }, lines);
}

/** True once somebody restarted the Deployment (`kubectl rollout restart`) after the moment. */
export function restartedSince(world: Pick<ScenarioWorld, 'get'>, deployment: DeploymentName, since: number): boolean {
  const object = world.get(deploymentRef(deployment));
  const at = /"kubectl\.kubernetes\.io\/restartedAt":"([^"]+)"/.exec(JSON.stringify(object?.spec ?? {}))?.[1];
  return at !== undefined && Date.parse(at) >= since;
}
