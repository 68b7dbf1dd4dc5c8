import type { PlatformNames } from '../../scenarios/names.ts';
import { suffixOf } from '../naming.ts';
import { rfc3339 } from '../object.ts';
import type { LogLine } from '../world.ts';
import { DAY, MINUTE, SECOND } from './ages.ts';
import { installDeployment, installService, type Site } from './workload.ts';

/** The builder (2 replicas and an autoscaler) or the operator, whichever the profile has. */
export function installControlPlane(site: Site, names: PlatformNames): void {
  if (names.profile === 'builder') installBuilder(site, names);
  else installOperator(site, names);
}

function installBuilder(site: Site, names: PlatformNames): void {
  const { controlNamespace: namespace, controlDeployment: name, controlLabels: labels } = names;
  const deployment = installDeployment(site, {
    namespace,
    name,
    replicas: 2,
    labels,
    serviceAccount: name,
    nodes: ['node-a', 'node-c'],
    containers: [
      {
        name: names.controlContainer,
        image: `${names.registry}/knative-lambda-builder:v1.9.4`,
        ports: [8080, 9090],
        env: {
          ENVIRONMENT: 'prd',
          LOG_LEVEL: 'info',
          MAX_CONCURRENT_JOBS: '10',
          S3_BUCKET: 'knative-lambda-prd-fusion-modules-tmp',
        },
        requests: ['250m', '256Mi'],
        limits: ['1', '1Gi'],
        usage: [84, 212],
        log: (pod) => rhythm(pod, site.now, (at, index) => builderLine(names, at, index)),
      },
    ],
  });
  installService(site, {
    namespace,
    name,
    selector: labels,
    ports: [
      { name: 'http', port: 8080 },
      { name: 'metrics', port: 9090 },
    ],
  });
  site.world.apply({
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name, namespace, creationTimestamp: rfc3339(site.now - 42 * DAY) },
    spec: {
      minReplicas: 2,
      maxReplicas: 10,
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: deployment.metadata.name },
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } },
      ],
    },
    status: {
      currentReplicas: 2,
      desiredReplicas: 2,
      currentMetrics: [
        { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 34, averageValue: '84m' } } },
      ],
      conditions: [],
    },
  });
}

function installOperator(site: Site, names: PlatformNames): void {
  const { controlNamespace: namespace, controlDeployment: name, controlLabels: labels } = names;
  installDeployment(site, {
    namespace,
    name,
    replicas: 2,
    labels,
    serviceAccount: name,
    nodes: ['node-a', 'node-c'],
    containers: [
      {
        name: names.controlContainer,
        image: 'ghcr.io/knative-lambda/operator:v1.13.16',
        args: ['--leader-elect', '--metrics-bind-address=:8080', '--health-probe-bind-address=:8081'],
        ports: [8080, 8081],
        requests: ['100m', '128Mi'],
        limits: ['', '512Mi'],
        usage: [46, 138],
        log: (pod) => rhythm(pod, site.now, (at, index) => operatorLine(names, at, index)),
      },
      {
        name: 'linkerd-proxy',
        image: 'cr.l5d.io/linkerd/proxy:edge-24.11.8',
        ports: [4143, 4191],
        requests: ['10m', '20Mi'],
        limits: ['', '250Mi'],
        usage: [3, 14],
      },
    ],
  });
  installService(site, {
    namespace,
    name,
    selector: labels,
    ports: [
      { name: 'metrics', port: 8080 },
      { name: 'health', port: 8081 },
    ],
  });
  site.world.apply({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'lambdafunction.lambda.knative.io', namespace, creationTimestamp: rfc3339(site.now - 42 * DAY) },
    spec: {
      holderIdentity: `${name}-${suffixOf(`${namespace}/${name}`, 10)}-${suffixOf(`${namespace}/${name}/0`)}_c0ffee`,
      leaseDurationSeconds: 15,
      leaseTransitions: 3,
      renewTime: new Date(site.now).toISOString(),
    },
  });
}

/** A line of a quiet builder: each build is received, built, deployed. */
export function builderLine(names: PlatformNames, at: number, index: number): string {
  const parser = names.functions[index % names.functions.length] ?? '';
  const line = (message: string, extra: Record<string, unknown>) =>
    JSON.stringify({
      level: 'info',
      ts: new Date(at).toISOString(),
      caller: 'handler/cloud_event_handler.go:148',
      msg: message,
      third_party_id: 'acme',
      parser_id: parser,
      ...extra,
    });
  const steps = [
    line('Received CloudEvent', { event_type: 'network.notifi.lambda.build.start' }),
    line('Created build context', { size_bytes: 18_204 + (index % 7) * 311 }),
    line('Created Kaniko job', { job_name: `${parser}-build-${Math.floor(at / 1000)}` }),
    line('Kaniko job completed', { duration_ms: 27_000 + (index % 9) * 2900 }),
  ];
  return steps[index % steps.length] ?? '';
}

export function operatorLine(names: PlatformNames, at: number, index: number): string {
  const name = names.functions[index % names.functions.length] ?? '';
  const about = JSON.stringify({
    controller: 'lambdafunction',
    controllerGroup: 'lambda.knative.io',
    LambdaFunction: { name, namespace: names.functionNamespace },
  });
  const messages = [
    'Reconciling LambdaFunction',
    'LambdaFunction is ready',
    'Service is ready',
    'Reconciliation completed',
  ];
  return `${new Date(at).toISOString()}\tINFO\t${messages[index % messages.length]}\t${about}`;
}

/** The last half hour of one replica. */
function rhythm(pod: string, now: number, text: (at: number, index: number) => string): readonly LogLine[] {
  const every = 20 * SECOND;
  // Replicas do not log in step.
  const offset = (pod.charCodeAt(pod.length - 1) * 53) % every;
  const count = (30 * MINUTE) / every;
  return Array.from({ length: count }, (_, index) => {
    const at = now - (count - index) * every + offset;
    return { at, text: text(at, index) };
  });
}
