import type { PlatformNames } from '../../scenarios/names.ts';
import { rfc3339 } from '../object.ts';
import { DAY } from './ages.ts';
import { installDeployment, type Site } from './workload.ts';

/** How events reach the functions, and the quota the builds share. */
export function installEventing(site: Site, names: PlatformNames): void {
  const { world, now } = site;
  const { functionNamespace: namespace } = names;
  const creationTimestamp = rfc3339(now - 42 * DAY);
  const ready = (...types: readonly string[]) =>
    types.map((type) => ({ type, status: 'True', lastTransitionTime: creationTimestamp }));
  world.apply({
    apiVersion: 'eventing.knative.dev/v1',
    kind: 'Broker',
    metadata: {
      name: 'lambda-broker',
      namespace,
      creationTimestamp,
      annotations: { 'eventing.knative.dev/broker.class': 'RabbitMQBroker' },
    },
    spec: {
      config: {
        apiVersion: 'eventing.knative.dev/v1alpha1',
        kind: 'RabbitmqBrokerConfig',
        name: 'lambda-broker-config',
      },
      delivery: { retry: 5, backoffPolicy: 'exponential', backoffDelay: 'PT1S' },
    },
    status: {
      address: { url: `http://lambda-broker-broker-ingress.${namespace}.svc.cluster.local` },
      conditions: ready(
        'Addressable',
        'DeadLetterSinkResolved',
        'EventPoliciesReady',
        'FilterReady',
        'IngressReady',
        'Ready',
        'TriggerChannelReady',
      ),
    },
  });
  for (const name of names.functions) {
    world.apply({
      apiVersion: 'eventing.knative.dev/v1',
      kind: 'Trigger',
      metadata: {
        name: `${name}-trigger`,
        namespace,
        creationTimestamp: rfc3339(now - 30 * DAY),
        annotations: { 'rabbitmq.eventing.knative.dev/parallelism': '50' },
      },
      spec: {
        broker: 'lambda-broker',
        filter: { attributes: { subject: name } },
        subscriber: { ref: { apiVersion: 'serving.knative.dev/v1', kind: 'Service', name } },
      },
      status: {
        subscriberUri: `http://${name}.${namespace}.svc.cluster.local`,
        conditions: ready(
          'BrokerReady',
          'DeadLetterSinkResolved',
          'DependencyReady',
          'Ready',
          'SubscriberResolved',
          'SubscriptionReady',
        ),
      },
    });
  }
  installDeployment(site, {
    namespace,
    name: 'lambda-broker-broker-ingress',
    replicas: 1,
    labels: { 'eventing.knative.dev/broker': 'lambda-broker', 'eventing.knative.dev/brokerRole': 'ingress' },
    containers: [
      {
        name: 'ingress',
        image: 'gcr.io/knative-releases/knative.dev/eventing-rabbitmq/cmd/ingress:v1.16.1',
        ports: [8080, 9090],
        requests: ['50m', '64Mi'],
        limits: ['', '256Mi'],
        usage: [7, 33],
      },
    ],
  });
  world.apply({
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'builds-quota', namespace: names.buildsNamespace, creationTimestamp },
    spec: { hard: QUOTA },
    status: {
      hard: QUOTA,
      used: {
        'requests.cpu': '0',
        'requests.memory': '0',
        'limits.cpu': '0',
        'limits.memory': '0',
        'count/jobs.batch': '21',
      },
    },
  });
  world.apply({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'kube-root-ca.crt', namespace, creationTimestamp },
    data: { 'ca.crt': '-----BEGIN CERTIFICATE-----\nsimulated\n-----END CERTIFICATE-----\n' },
  });
}

const QUOTA = {
  'requests.cpu': '20',
  'requests.memory': '40Gi',
  'limits.cpu': '40',
  'limits.memory': '40Gi',
  'count/jobs.batch': '500',
} as const;
