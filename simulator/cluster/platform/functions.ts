import type { PlatformNames } from '../../scenarios/names.ts';
import { uidOf } from '../naming.ts';
import { type KubeObject, rfc3339 } from '../object.ts';
import { DAY } from './ages.ts';
import { conditions, type FunctionDraft, imageOf, revisionName, templateOf, urlOf } from './functionDraft.ts';
import { installRevision } from './revisions.ts';
import { ownerOf, type Site } from './workload.ts';

const FUNCTIONS: readonly FunctionDraft[] = [
  { name: 'hello-python', runtime: 'python', revisions: 4, pods: 1 },
  { name: 'hello-nodejs', runtime: 'nodejs', revisions: 6, pods: 1 },
  { name: 'image-resizer', runtime: 'python', revisions: 3, pods: 0 },
  { name: 'invoice-parser', runtime: 'python', revisions: 9, pods: 2 },
  { name: 'notify-webhook', runtime: 'nodejs', revisions: 2, pods: 1 },
];

/** The functions that serve: each a Knative Service with all Knative makes of it, and its LambdaFunction. */
export function installFunctions(site: Site, names: PlatformNames): void {
  for (const draft of FUNCTIONS) {
    const image = imageOf(names, draft);
    const owner = names.profile === 'operator' ? [installLambdaFunction(site, names, draft, image)] : [];
    const service = installKnativeService(site, names, draft, image, owner);
    const configuration = installConfiguration(site, names, draft, image, service);
    installRoute(site, names, draft, service);
    for (let number = Math.max(1, draft.revisions - 1); number <= draft.revisions; number++) {
      installRevision(site, names, draft, configuration, number, number === draft.revisions ? draft.pods : 0);
    }
  }
}

function installLambdaFunction(
  { world, now }: Site,
  names: PlatformNames,
  draft: FunctionDraft,
  image: string,
): KubeObject {
  const { name, runtime } = draft;
  const at = now - 2 * DAY;
  const reasons = {
    SourceReady: 'BuildContextCreated',
    EventingReady: 'EventingReady',
    BuildReady: 'BuildSucceeded',
    DeployReady: 'ServiceDeployed',
    ServiceReady: 'ServiceReady',
  };
  return world.apply({
    apiVersion: 'lambda.knative.io/v1alpha1',
    kind: 'LambdaFunction',
    metadata: {
      name,
      namespace: names.functionNamespace,
      uid: uidOf(`lf ${name}`),
      creationTimestamp: rfc3339(now - 30 * DAY),
      generation: draft.revisions,
      finalizers: ['lambdafunction.lambda.knative.io/finalizer'],
    },
    spec: {
      source: {
        type: 'minio',
        minio: { endpoint: 'minio.minio.svc.cluster.local:9000', bucket: 'lambda-functions', key: `${name}/` },
      },
      runtime: { language: runtime, version: runtime === 'python' ? '3.11' : '20', handler: 'index.handler' },
      scaling: { minReplicas: 0, maxReplicas: 50, targetConcurrency: 5 },
    },
    status: {
      phase: 'Ready',
      observedGeneration: draft.revisions,
      buildStatus: {
        jobName: `${name}-build-${Math.floor(at / 1000)}`,
        imageURI: image,
        startedAt: rfc3339(at),
        completedAt: rfc3339(at + 31_000),
        attempt: 1,
      },
      serviceStatus: { serviceName: name, url: urlOf(names, name), ready: true, replicas: 1 },
      conditions: Object.entries(reasons).map(([type, reason]) => ({
        type,
        status: 'True',
        reason,
        lastTransitionTime: rfc3339(at),
      })),
    },
  });
}

function metadata(site: Site, names: PlatformNames, kind: string, draft: FunctionDraft, owners: readonly KubeObject[]) {
  const { name } = draft;
  return {
    name,
    namespace: names.functionNamespace,
    uid: uidOf(`${kind} ${name}`),
    creationTimestamp: rfc3339(site.now - 30 * DAY),
    generation: draft.revisions,
    labels: labelsOf(names, draft),
    ...(owners.length > 0 ? { ownerReferences: owners.map(ownerOf) } : {}),
  };
}

function labelsOf(names: PlatformNames, { name }: FunctionDraft): Record<string, string> {
  if (names.profile === 'builder')
    return { 'build.notifi.network/third-party-id': 'acme', 'build.notifi.network/parser-id': name };
  return {
    'app.kubernetes.io/name': name,
    'app.kubernetes.io/component': 'lambda',
    'app.kubernetes.io/managed-by': 'knative-lambda-operator',
    'lambda.knative.io/name': name,
  };
}

function installKnativeService(
  site: Site,
  names: PlatformNames,
  draft: FunctionDraft,
  image: string,
  owners: readonly KubeObject[],
): KubeObject {
  const { name, revisions } = draft;
  const latest = revisionName(name, revisions);
  return site.world.apply({
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Service',
    metadata: metadata(site, names, 'ksvc', draft, owners),
    spec: { template: templateOf(draft, image), traffic: [{ latestRevision: true, percent: 100 }] },
    status: {
      observedGeneration: revisions,
      url: urlOf(names, name),
      address: { url: urlOf(names, name) },
      latestCreatedRevisionName: latest,
      latestReadyRevisionName: latest,
      traffic: [{ latestRevision: true, percent: 100, revisionName: latest }],
      conditions: conditions(site.now - 2 * DAY, 'ConfigurationsReady', 'Ready', 'RoutesReady'),
    },
  });
}

function installConfiguration(
  site: Site,
  names: PlatformNames,
  draft: FunctionDraft,
  image: string,
  service: KubeObject,
): KubeObject {
  const latest = revisionName(draft.name, draft.revisions);
  return site.world.apply({
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Configuration',
    metadata: metadata(site, names, 'configuration', draft, [service]),
    spec: { template: templateOf(draft, image) },
    status: {
      observedGeneration: draft.revisions,
      latestCreatedRevisionName: latest,
      latestReadyRevisionName: latest,
      conditions: conditions(site.now - 2 * DAY, 'Ready'),
    },
  });
}

function installRoute(site: Site, names: PlatformNames, draft: FunctionDraft, service: KubeObject): void {
  const url = urlOf(names, draft.name);
  const route = site.world.apply({
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Route',
    metadata: metadata(site, names, 'route', draft, [service]),
    spec: { traffic: [{ configurationName: draft.name, latestRevision: true, percent: 100 }] },
    status: {
      observedGeneration: 1,
      url,
      address: { url },
      traffic: [{ latestRevision: true, percent: 100, revisionName: revisionName(draft.name, draft.revisions) }],
      conditions: conditions(
        site.now - 2 * DAY,
        'AllTrafficAssigned',
        'CertificateProvisioned',
        'IngressReady',
        'Ready',
      ),
    },
  });
  site.world.apply({
    apiVersion: 'networking.internal.knative.dev/v1alpha1',
    kind: 'Ingress',
    metadata: metadata(site, names, 'king', draft, [route]),
    spec: { rules: [{ hosts: [new URL(url).host] }] },
    status: { conditions: conditions(site.now - 2 * DAY, 'LoadBalancerReady', 'NetworkConfigured', 'Ready') },
  });
}
