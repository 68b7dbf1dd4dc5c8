import { rfc3339 } from '../object.ts';
import { DAY, MINUTE } from './ages.ts';
import { installDeployment, installService, type Site } from './workload.ts';

const VERSION = '1.16.3';

interface Part {
  readonly namespace: string;
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly replicas?: number;
  readonly container?: string;
  readonly ports: readonly number[];
  readonly memory: string;
  readonly usage: readonly [number, number];
}

const PARTS: readonly Part[] = [
  {
    namespace: 'knative-serving',
    name: 'activator',
    replicas: 2,
    ports: [9090, 8008, 8012, 8013],
    memory: '600Mi',
    usage: [18, 64],
  },
  { namespace: 'knative-serving', name: 'autoscaler', ports: [9090, 8008, 8080], memory: '1000Mi', usage: [12, 58] },
  { namespace: 'knative-serving', name: 'autoscaler-hpa', ports: [9090, 8008], memory: '1000Mi', usage: [4, 31] },
  { namespace: 'knative-serving', name: 'controller', ports: [9090, 8008], memory: '1000Mi', usage: [22, 118] },
  { namespace: 'knative-serving', name: 'net-kourier-controller', ports: [18000], memory: '500Mi', usage: [9, 47] },
  { namespace: 'knative-serving', name: 'webhook', ports: [9090, 8008, 8443], memory: '500Mi', usage: [8, 42] },
  {
    namespace: 'kourier-system',
    name: '3scale-kourier-gateway',
    container: 'kourier-gateway',
    replicas: 2,
    ports: [8080, 8443],
    memory: '500Mi',
    usage: [26, 71],
  },
  { namespace: 'knative-eventing', name: 'eventing-controller', ports: [9090], memory: '500Mi', usage: [14, 66] },
  { namespace: 'knative-eventing', name: 'eventing-webhook', ports: [9090, 8443], memory: '500Mi', usage: [7, 39] },
  { namespace: 'knative-eventing', name: 'imc-controller', ports: [9090], memory: '500Mi', usage: [5, 36] },
  { namespace: 'knative-eventing', name: 'imc-dispatcher', ports: [8080], memory: '500Mi', usage: [5, 33] },
  { namespace: 'knative-eventing', name: 'job-sink', ports: [8080], memory: '500Mi', usage: [3, 24] },
  { namespace: 'knative-eventing', name: 'mt-broker-controller', ports: [9090], memory: '500Mi', usage: [6, 38] },
  { namespace: 'knative-eventing', name: 'mt-broker-filter', ports: [8080], memory: '500Mi', usage: [5, 29] },
  { namespace: 'knative-eventing', name: 'mt-broker-ingress', ports: [8080], memory: '500Mi', usage: [6, 31] },
  { namespace: 'knative-eventing', name: 'rabbitmq-broker-controller', ports: [9090], memory: '500Mi', usage: [8, 44] },
  { namespace: 'knative-eventing', name: 'rabbitmq-broker-webhook', ports: [8443], memory: '500Mi', usage: [4, 30] },
  {
    namespace: 'knative-operator',
    name: 'knative-operator',
    labels: { 'app.kubernetes.io/name': 'knative-operator', name: 'knative-operator' },
    ports: [9090],
    memory: '1000Mi',
    usage: [11, 92],
  },
  {
    namespace: 'knative-operator',
    name: 'operator-webhook',
    labels: { 'app.kubernetes.io/name': 'knative-operator', app: 'operator-webhook' },
    ports: [8443],
    memory: '500Mi',
    usage: [5, 35],
  },
];

/** Knative Operator, Serving, Eventing and the Kourier gateway, all healthy. */
export function installKnative(site: Site): void {
  for (const part of PARTS) {
    const { namespace, name } = part;
    const labels = { app: name, ...part.labels };
    installDeployment(site, {
      namespace,
      name,
      replicas: part.replicas ?? 1,
      labels,
      serviceAccount: namespace === 'knative-serving' ? 'controller' : name,
      containers: [
        {
          name: part.container ?? name,
          image: `gcr.io/knative-releases/knative.dev/${namespace.replace('knative-', '')}/cmd/${name}:v${VERSION}`,
          ports: part.ports,
          requests: ['100m', '60Mi'],
          limits: ['1', part.memory],
          usage: part.usage,
          log: () => [
            {
              at: site.now - 6 * DAY,
              text: zap('info', site.now - 6 * DAY, name, 'Starting configuration manager...'),
            },
            { at: site.now - 9 * MINUTE, text: zap('info', site.now - 9 * MINUTE, name, 'Reconcile succeeded') },
          ],
        },
      ],
    });
    installService(site, {
      namespace,
      name,
      selector: { app: labels.app },
      ports: part.ports.map((port) => ({ name: `p${port}`, port })),
    });
  }
  installReleases(site);
  installWebhooks(site);
  installActivatorAutoscaler(site);
}

function zap(level: string, at: number, logger: string, message: string): string {
  return JSON.stringify({ severity: level.toUpperCase(), timestamp: new Date(at).toISOString(), logger, message });
}

function installReleases({ world, now }: Site): void {
  const at = rfc3339(now - 42 * DAY);
  for (const [kind, namespace] of [
    ['KnativeServing', 'knative-serving'],
    ['KnativeEventing', 'knative-eventing'],
  ] as const) {
    const conditions = [
      'DependenciesInstalled',
      'DeploymentsAvailable',
      'InstallSucceeded',
      'Ready',
      'VersionMigrationEligible',
    ];
    world.apply({
      apiVersion: 'operator.knative.dev/v1beta1',
      kind,
      metadata: { name: namespace, namespace, creationTimestamp: at, generation: 2 },
      spec: { version: VERSION },
      status: {
        observedGeneration: 2,
        version: VERSION,
        manifests: [],
        conditions: conditions.map((type) => ({ type, status: 'True', lastTransitionTime: at })),
      },
    });
  }
}

/** All with `failurePolicy: Fail`: when the webhook is down, nothing of Serving can be written. */
function installWebhooks({ world, now }: Site): void {
  const hooks = [
    ['MutatingWebhookConfiguration', 'webhook.serving.knative.dev', '/defaulting'],
    ['ValidatingWebhookConfiguration', 'validation.webhook.serving.knative.dev', '/resource-validation'],
    ['ValidatingWebhookConfiguration', 'config.webhook.serving.knative.dev', '/config-validation'],
  ] as const;
  for (const [kind, name, path] of hooks) {
    world.apply({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind,
      metadata: { name, creationTimestamp: rfc3339(now - 42 * DAY) },
      webhooks: [
        {
          name,
          admissionReviewVersions: ['v1'],
          clientConfig: {
            service: { namespace: 'knative-serving', name: 'webhook', path, port: 443 },
            caBundle: 'c2ltdWxhdGVk',
          },
          failurePolicy: 'Fail',
          matchPolicy: 'Equivalent',
          sideEffects: 'None',
          timeoutSeconds: 10,
        },
      ],
    });
  }
}

function installActivatorAutoscaler({ world, now }: Site): void {
  world.apply({
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'activator', namespace: 'knative-serving', creationTimestamp: rfc3339(now - 42 * DAY) },
    spec: {
      minReplicas: 1,
      maxReplicas: 20,
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'activator' },
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 100 } } },
      ],
    },
    status: {
      currentReplicas: 2,
      desiredReplicas: 2,
      currentMetrics: [
        { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 6, averageValue: '18m' } } },
      ],
      conditions: [],
    },
  });
}
