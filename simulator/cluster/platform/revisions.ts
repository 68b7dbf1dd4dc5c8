import type { PlatformNames } from '../../scenarios/names.ts';
import { uidOf } from '../naming.ts';
import { type KubeObject, rfc3339 } from '../object.ts';
import { DAY, MINUTE } from './ages.ts';
import { conditions, type FunctionDraft, imageOf, revisionName, templateOf } from './functionDraft.ts';
import { installDeployment, installService, ownerOf, type Site } from './workload.ts';

/** One revision of a function, with what serves and scales it. */
export function installRevision(
  site: Site,
  names: PlatformNames,
  draft: FunctionDraft,
  configuration: KubeObject,
  number: number,
  pods: number,
): void {
  const { name } = draft;
  const { functionNamespace: namespace } = names;
  const revision = revisionName(name, number);
  const image = imageOf(names, draft);
  const since = site.now - 2 * DAY - (draft.revisions - number) * 5 * DAY;
  const serving = {
    app: revision,
    'serving.knative.dev/configuration': name,
    'serving.knative.dev/configurationGeneration': String(number),
    'serving.knative.dev/revision': revision,
    'serving.knative.dev/service': name,
  };
  const object = site.world.apply({
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Revision',
    metadata: {
      name: revision,
      namespace,
      uid: uidOf(`revision ${revision}`),
      creationTimestamp: rfc3339(since),
      generation: 1,
      labels: serving,
      ownerReferences: [ownerOf(configuration)],
    },
    spec: templateOf(draft, image).spec,
    status: {
      observedGeneration: 1,
      actualReplicas: pods,
      desiredReplicas: pods,
      containerStatuses: [{ name: 'user-container', imageDigest: image }],
      conditions: [
        ...conditions(since, 'ContainerHealthy', 'Ready', 'ResourcesAvailable'),
        {
          type: 'Active',
          severity: 'Info',
          lastTransitionTime: rfc3339(since),
          // Scaled to zero for want of traffic: healthy.
          ...(pods > 0
            ? { status: 'True' }
            : { status: 'False', reason: 'NoTraffic', message: 'The target is not receiving traffic.' }),
        },
      ],
    },
  });
  installScaling(site, namespace, revision, object, pods, since);
  installDeployment(site, {
    namespace,
    name: `${revision}-deployment`,
    replicas: pods,
    labels: { ...serving, 'serving.knative.dev/revisionUID': uidOf(`revision ${revision}`) },
    selector: { 'serving.knative.dev/revisionUID': uidOf(`revision ${revision}`) },
    owner: object,
    createdAt: since,
    podsSince: site.now - 47 * MINUTE,
    serviceAccount: 'knative-lambda-function',
    containers: [
      {
        name: 'user-container',
        image,
        ports: [8080],
        requests: ['50m', '64Mi'],
        limits: ['100m', '128Mi'],
        usage: [9, draft.runtime === 'python' ? 52 : 61],
        log: () => functionLog(draft, site.now),
      },
      {
        name: 'queue-proxy',
        image: 'gcr.io/knative-releases/knative.dev/serving/cmd/queue:v1.16.3',
        ports: [8022, 9090, 9091, 8012],
        requests: ['25m', '50Mi'],
        limits: ['', '200Mi'],
        usage: [3, 17],
      },
    ],
  });
}

function installScaling(
  site: Site,
  namespace: string,
  revision: string,
  owner: KubeObject,
  pods: number,
  since: number,
): void {
  const labels = { 'serving.knative.dev/revision': revision };
  const head = {
    name: revision,
    namespace,
    creationTimestamp: rfc3339(since),
    labels,
    ownerReferences: [ownerOf(owner)],
  };
  site.world.apply({
    apiVersion: 'autoscaling.internal.knative.dev/v1alpha1',
    kind: 'PodAutoscaler',
    metadata: { ...head, uid: uidOf(`kpa ${revision}`) },
    spec: {
      reachability: 'Reachable',
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: `${revision}-deployment` },
    },
    status: {
      actualScale: pods,
      desiredScale: pods,
      serviceName: `${revision}-private`,
      conditions:
        pods > 0
          ? conditions(since, 'Active', 'Ready', 'SKSReady', 'ScaleTargetInitialized')
          : [
              {
                type: 'Active',
                status: 'False',
                reason: 'NoTraffic',
                message: 'The target is not receiving traffic.',
                lastTransitionTime: rfc3339(since),
              },
              {
                type: 'Ready',
                status: 'False',
                reason: 'NoTraffic',
                message: 'The target is not receiving traffic.',
                lastTransitionTime: rfc3339(since),
              },
              ...conditions(since, 'SKSReady', 'ScaleTargetInitialized'),
            ],
    },
  });
  site.world.apply({
    apiVersion: 'networking.internal.knative.dev/v1alpha1',
    kind: 'ServerlessService',
    metadata: { ...head, uid: uidOf(`sks ${revision}`) },
    spec: { mode: pods > 0 ? 'Serve' : 'Proxy', numActivators: pods > 0 ? 2 : 3 },
    status: {
      serviceName: revision,
      privateServiceName: `${revision}-private`,
      conditions: conditions(since, 'ActivatorEndpointsPopulated', 'EndpointsPopulated', 'Ready'),
    },
  });
  installService(site, {
    namespace,
    name: revision,
    selector: {},
    ports: [{ name: 'http', port: 80, targetPort: 8012 }],
  });
}

function functionLog({ name, runtime }: FunctionDraft, now: number) {
  const started = now - 47 * MINUTE;
  const lines = Array.from({ length: 40 }, (_, index) => {
    const at = now - (40 - index) * MINUTE;
    const text =
      runtime === 'python'
        ? `INFO:handler:invocation ok function=${name} duration_ms=${4 + (index % 5)}`
        : JSON.stringify({
            level: 'info',
            time: at,
            msg: 'Invocation completed',
            function: name,
            durationMs: 4 + (index % 5),
          });
    return { at, text };
  });
  const first =
    runtime === 'python'
      ? `INFO:runtime:Starting ${name} on port 8080`
      : JSON.stringify({ level: 'info', time: started, msg: `Listening on 8080`, function: name });
  return [{ at: started, text: first }, ...lines];
}
