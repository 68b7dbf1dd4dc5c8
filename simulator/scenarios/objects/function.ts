import { randomUUID } from 'node:crypto';
import type { PlatformNames } from '../names.ts';
import type { Scene } from '../scenario.ts';
import type { ObjectRef, ScenarioWorld } from '../worldPort.ts';
import { suffix } from './naming.ts';
import type { ContainerState } from './pod.ts';
import { setPod } from './pod.ts';

export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason?: string;
  readonly message?: string;
}

const serving =
  (kind: string) =>
  (namespace: string, name: string): ObjectRef => ({
    apiVersion: 'serving.knative.dev/v1',
    kind,
    namespace,
    name,
  });
export const ksvcRef = serving('Service');
export const configurationRef = serving('Configuration');
export const revisionRef = serving('Revision');
const lambdaRef = (namespace: string, name: string): ObjectRef => ({
  apiVersion: 'lambda.knative.io/v1alpha1',
  kind: 'LambdaFunction',
  namespace,
  name,
});

/** Sets the conditions of an object, making a bare one when the world has none. */
export function setConditions(
  scene: Scene,
  ref: ObjectRef,
  conditions: readonly Condition[],
  status: Readonly<Record<string, unknown>> = {},
  labels: Readonly<Record<string, string>> = {},
): void {
  const { apiVersion, kind, name, namespace } = ref;
  if (!scene.world.get(ref)) {
    const metadata = { name, uid: randomUUID(), creationTimestamp: scene.time(), generation: 1, labels: { ...labels } };
    scene.apply({
      apiVersion,
      kind,
      metadata: { ...metadata, ...(namespace ? { namespace } : {}) },
      spec: {},
      status: {},
    });
  }
  const stamped = conditions.map((one) => ({ lastTransitionTime: scene.time(), ...one }));
  scene.status(ref, { ...status, conditions: stamped });
}

/** The phase of a function's custom resource; nothing in the builder generation, which has none. */
export function setPhase(scene: Scene, functionName: string, phase: string, conditions: readonly Condition[]): void {
  if (scene.names.profile !== 'operator') return;
  setConditions(scene, lambdaRef(scene.names.functionNamespace, functionName), conditions, { phase });
}

/** A revision with its conditions; labels say whose it is. */
export function setRevision(
  scene: Scene,
  functionName: string,
  revision: string,
  conditions: readonly Condition[],
): void {
  const labels = { 'serving.knative.dev/service': functionName, 'serving.knative.dev/configuration': functionName };
  setConditions(scene, revisionRef(scene.names.functionNamespace, revision), conditions, {}, labels);
}

/** What the Knative Service and its Configuration say: which revision is the latest, and which one serves. */
export function setService(
  scene: Scene,
  functionName: string,
  revisions: { created: string; ready: string },
  conditions: readonly Condition[],
): void {
  const namespace = scene.names.functionNamespace;
  const latest = { latestCreatedRevisionName: revisions.created, latestReadyRevisionName: revisions.ready };
  setConditions(scene, ksvcRef(namespace, functionName), conditions, {
    ...latest,
    url: `http://${functionName}.${namespace}.svc.cluster.local`,
    traffic: [{ latestRevision: true, percent: 100, revisionName: revisions.ready }],
  });
  const ready = conditions
    .filter((one) => one.type === 'ConfigurationsReady')
    .map((one) => ({ ...one, type: 'Ready' }));
  setConditions(scene, configurationRef(namespace, functionName), ready, latest);
}

/** Name of the pod of a revision, the same through the run. */
export function revisionPod(scene: Scene, revision: string): string {
  return scene.once(`revision-pod/${revision}`, () => `${revision}-deployment-${suffix(9)}-${suffix()}`);
}

/** A pod of a revision: the user's container as given, queue-proxy beside it. */
export function setRevisionPod(
  scene: Scene,
  functionName: string,
  revision: string,
  user: Omit<ContainerState, 'name' | 'image'> & { image?: string },
  options: { phase?: 'Pending' | 'Running'; node?: string } = {},
): string {
  const name = revisionPod(scene, revision);
  setPod(scene, {
    namespace: scene.names.functionNamespace,
    name,
    phase: options.phase ?? 'Running',
    node: options.node ?? 'node-c',
    labels: {
      app: revision,
      'serving.knative.dev/service': functionName,
      'serving.knative.dev/configuration': functionName,
      'serving.knative.dev/revision': revision,
    },
    owner: { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: name.slice(0, -6) },
    containers: [
      { image: imageOf(scene.names, functionName), memoryLimit: '128Mi', ...user, name: 'user-container' },
      {
        name: 'queue-proxy',
        image: 'gcr.io/knative-releases/knative.dev/serving/cmd/queue:v1.16.0',
        ready: user.ready,
        state: { running: { startedAt: scene.time() } },
      },
    ],
  });
  return name;
}

export function imageOf(names: PlatformNames, functionName: string, tag = '9f2c4e8a1b3d'): string {
  return `${names.pullRegistry}/${names.functionNamespace}/${functionName}:${tag}`;
}

/** Requests of a function from now on, a second: those that succeed and those that fail. */
export function setTraffic(scene: Scene, functionName: string, ok: number, failed: number): void {
  const labels = { namespace_name: scene.names.functionNamespace, service_name: functionName };
  const metric = 'revision_app_request_count';
  scene.metrics.grow(metric, { ...labels, response_code_class: '2xx', response_code: '200' }, ok);
  scene.metrics.grow(metric, { ...labels, response_code_class: '5xx', response_code: '500' }, failed);
}

/** True once the service's traffic is pinned to a revision. */
export function pinnedTo(
  world: Pick<ScenarioWorld, 'get'>,
  namespace: string,
  functionName: string,
  revision: string,
): boolean {
  const object = world.get(ksvcRef(namespace, functionName));
  return JSON.stringify(object?.spec ?? {}).includes(`"revisionName":"${revision}"`);
}
