import type { Span } from './clock.ts';
import { hex64 } from './names.ts';
import { http } from './template.ts';
import { type Deployed, deployment } from './workloads.ts';
import { LONG_AGO, type Named, ownedBy, type World } from './world.ts';

/** A condition of a Knative object; `severity: Info` does not count for Ready. */
export interface KnativeCondition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason?: string;
  message?: string;
  severity?: string;
  lastTransitionTime: string;
}

export interface KnativeObject extends Named {
  spec: Record<string, unknown>;
  status: Record<string, unknown> & { conditions: KnativeCondition[] };
}

export interface Serving {
  readonly service: KnativeObject;
  readonly configuration: KnativeObject;
  readonly route: KnativeObject;
  readonly revision: KnativeObject;
  readonly autoscaler: KnativeObject;
  readonly workload: Deployed;
}

export interface ServingPlan {
  readonly image?: string;
  readonly replicas?: number;
  readonly age?: Span;
  readonly annotations?: Record<string, string>;
  readonly labels?: Record<string, string>;
  readonly env?: { name: string; value: string }[];
}

/** A Knative Service with its first revision, ready; with `replicas: 0` it is scaled to zero for want of traffic. */
export function knativeService(world: World, name: string, plan: ServingPlan = {}): Serving {
  const age = plan.age ?? LONG_AGO;
  const image = plan.image ?? `registry.example.com/functions/${name}:1.0.0`;
  const replicas = plan.replicas ?? 1;
  const revisionName = `${name}-00001`;
  const make = (
    apiVersion: string,
    kind: string,
    of: string,
    spec: Record<string, unknown>,
    owner?: Named,
  ): KnativeObject =>
    world.add({
      apiVersion,
      kind,
      metadata: world.metadata(kind === 'Service' ? 'KnativeService' : kind, of, {
        age,
        generation: 1,
        labels: { ...plan.labels, 'serving.knative.dev/service': name },
        ...(owner === undefined ? {} : { ownerReferences: [ownedBy(owner)] }),
      }),
      spec,
      status: { observedGeneration: 1, conditions: [] },
    });
  const container = { name: 'user-container', image, ...(plan.env === undefined ? {} : { env: plan.env }) };
  const template = {
    metadata: { annotations: plan.annotations ?? {} },
    spec: { containerConcurrency: 0, timeoutSeconds: 300, containers: [container] },
  };
  const traffic = [{ latestRevision: true, percent: 100 }];
  const service = make('serving.knative.dev/v1', 'Service', name, { template, traffic });
  const configuration = make('serving.knative.dev/v1', 'Configuration', name, { template }, service);
  const route = make(
    'serving.knative.dev/v1',
    'Route',
    name,
    { traffic: [{ ...traffic[0], configurationName: name }] },
    service,
  );
  const revision = make('serving.knative.dev/v1', 'Revision', revisionName, template.spec, configuration);
  revision.metadata.labels = {
    ...revision.metadata.labels,
    'serving.knative.dev/configuration': name,
    'serving.knative.dev/configurationGeneration': '1',
    'serving.knative.dev/routingState': 'active',
  };
  const workload = workloadOf(world, { name, revision, image, replicas, age, env: plan.env ?? [] });
  const autoscaler = make(
    'autoscaling.internal.knative.dev/v1alpha1',
    'PodAutoscaler',
    revisionName,
    {
      protocolType: 'http1',
      reachability: 'Reachable',
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: `${revisionName}-deployment` },
    },
    revision,
  );
  const serving = { service, configuration, route, revision, autoscaler, workload };
  settleServing(world, serving, { name, image, replicas, age });
  return serving;
}

function workloadOf(
  world: World,
  told: {
    name: string;
    revision: KnativeObject;
    image: string;
    replicas: number;
    age: Span;
    env: { name: string; value: string }[];
  },
): Deployed {
  const { name, revision } = told;
  const labels = {
    app: revision.metadata.name,
    'serving.knative.dev/configuration': name,
    'serving.knative.dev/revision': revision.metadata.name,
    'serving.knative.dev/service': name,
  };
  return deployment(world, `${revision.metadata.name}-deployment`, {
    owner: revision,
    replicas: told.replicas,
    age: told.age,
    selector: labels,
    container: 'user-container',
    image: told.image,
    ports: ['user-port:8080'],
    env: [
      ...told.env,
      { name: 'PORT', value: '8080' },
      { name: 'K_REVISION', value: revision.metadata.name },
      { name: 'K_CONFIGURATION', value: name },
      { name: 'K_SERVICE', value: name },
    ],
    resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '128Mi' } },
    sidecars: [
      {
        name: 'queue-proxy',
        image: `gcr.io/knative-releases/knative.dev/serving/cmd/queue@sha256:${hex64('queue')}`,
        ports: [
          { name: 'http-queueadm', containerPort: 8022, protocol: 'TCP' },
          { name: 'http-autometric', containerPort: 9090, protocol: 'TCP' },
          { name: 'http-usermetric', containerPort: 9091, protocol: 'TCP' },
          { name: 'queue-port', containerPort: 8012, protocol: 'TCP' },
        ],
        readinessProbe: http('/', 8012),
        resources: { requests: { cpu: '25m' } },
      },
    ],
    spec: { enableServiceLinks: false, terminationGracePeriodSeconds: 300 },
  });
}

function settleServing(
  world: World,
  of: Serving,
  told: { name: string; image: string; replicas: number; age: Span },
): void {
  const { name, age } = told;
  const revisionName = of.revision.metadata.name;
  const host = `http://${name}.${world.namespace}.example.com`;
  const idle = told.replicas === 0;
  setConditions(world, of.service, { ConfigurationsReady: true, Ready: true, RoutesReady: true }, age);
  Object.assign(of.service.status, {
    url: host,
    address: { url: `http://${name}.${world.namespace}.svc.cluster.local` },
    latestCreatedRevisionName: revisionName,
    latestReadyRevisionName: revisionName,
    traffic: [{ latestRevision: true, percent: 100, revisionName }],
  });
  setConditions(world, of.configuration, { Ready: true }, age);
  Object.assign(of.configuration.status, {
    latestCreatedRevisionName: revisionName,
    latestReadyRevisionName: revisionName,
  });
  setConditions(world, of.route, { AllTrafficAssigned: true, IngressReady: true, Ready: true }, age);
  Object.assign(of.route.status, { url: host, traffic: [{ latestRevision: true, percent: 100, revisionName }] });
  setConditions(world, of.revision, { ContainerHealthy: true, Ready: true, ResourcesAvailable: true }, age);
  Object.assign(of.revision.status, {
    actualReplicas: told.replicas,
    desiredReplicas: told.replicas,
    containerStatuses: [
      { name: 'user-container', imageDigest: `${told.image.replace(/:[^:/]*$/, '')}@sha256:${hex64(told.image)}` },
    ],
  });
  setConditions(
    world,
    of.autoscaler,
    { Active: !idle, Ready: !idle, SKSReady: true, ScaleTargetInitialized: true },
    age,
  );
  Object.assign(of.autoscaler.status, {
    actualScale: told.replicas,
    desiredScale: told.replicas,
    serviceName: revisionName,
    metricsServiceName: `${revisionName}-private`,
  });
  const active: KnativeCondition = {
    type: 'Active',
    status: 'True',
    severity: 'Info',
    lastTransitionTime: world.ago(age),
  };
  of.revision.status.conditions.unshift(active);
  if (!idle) return;
  const noTraffic = { status: 'False' as const, reason: 'NoTraffic', message: 'The target is not receiving traffic.' };
  Object.assign(active, noTraffic);
  for (const type of ['Active', 'Ready'])
    mark(world, of.autoscaler, type, 'False', noTraffic.reason, noTraffic.message, age);
}

/** Writes the conditions an object has without trouble. */
export function setConditions(world: World, of: KnativeObject, rows: Record<string, boolean>, age: Span): void {
  of.status.conditions = Object.entries(rows).map(([type, status]) => ({
    type,
    status: status ? 'True' : 'False',
    lastTransitionTime: world.ago(age),
  }));
}

/** Sets one condition of a Knative object. */
export function mark(
  world: World,
  of: KnativeObject,
  type: string,
  status: KnativeCondition['status'],
  reason: string,
  message: string,
  ago: Span,
): void {
  const others = of.status.conditions.filter((condition) => condition.type !== type);
  const told = { ...(reason === '' ? {} : { reason }), ...(message === '' ? {} : { message }) };
  of.status.conditions = [...others, { type, status, ...told, lastTransitionTime: world.ago(ago) }].toSorted((a, b) =>
    a.type.localeCompare(b.type),
  );
}

/**
 * A revision that failed, as it is told up the chain: Revision, Configuration, Service; the Route too when no earlier
 * revision serves (configuration_lifecycle.go, service_lifecycle.go, route_lifecycle.go).
 */
export function revisionFails(
  world: World,
  of: Serving,
  told: { condition: 'ContainerHealthy' | 'ResourcesAvailable'; reason: string; message: string; ago: Span },
): void {
  const { name } = of.revision.metadata;
  const { condition, reason, message, ago } = told;
  for (const type of [condition, 'Ready']) mark(world, of.revision, type, 'False', reason, message, ago);
  const failed = `Revision "${name}" failed with message: ${message}.`;
  mark(world, of.configuration, 'Ready', 'False', 'RevisionFailed', failed, ago);
  delete of.configuration.status.latestReadyRevisionName;
  delete of.service.status.latestReadyRevisionName;
  const missing = `Configuration "${of.configuration.metadata.name}" does not have any ready Revision.`;
  for (const type of ['AllTrafficAssigned', 'Ready'])
    mark(world, of.route, type, 'False', 'RevisionMissing', missing, ago);
  mark(world, of.service, 'ConfigurationsReady', 'False', 'RevisionFailed', failed, ago);
  mark(world, of.service, 'RoutesReady', 'False', 'RevisionMissing', missing, ago);
  mark(world, of.service, 'Ready', 'False', 'RevisionFailed', failed, ago);
  world.warn(of.configuration, 'LatestCreatedFailed', `Latest created revision "${name}" has failed`, {
    source: 'configuration-controller',
    first: ago,
  });
}
