import { createServer, type Server } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ALERTS } from '../../manifests/prometheus/catalogue.ts';
import { namesOf } from '../../manifests/prometheus/names.ts';
import { rulesTested } from '../../manifests/prometheus/promtoolTests.ts';
import { until } from '../acceptance/product.ts';
import { startPrometheus } from '../prometheus/realPrometheus.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

/** The names of the alerts that fire in a real Prometheus which scrapes this page with the shipped rules, their waits left out. */
async function firing(
  page: string,
  names: readonly string[],
  expected: readonly string[],
  labels: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  const server: Server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/plain; version=0.0.4');
    response.end(page);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => new Promise((resolve) => server.close(resolve)));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const groups = rulesTested(
    ALERTS.filter((rule) => names.includes(rule.name)),
    namesOf('operator', 'knative-1.20.1'),
  ).map((group) => ({ ...group, rules: group.rules.map(({ for: _wait, ...rule }) => rule) }));
  const { url, close } = await startPrometheus({ rules: groups, scrape: `127.0.0.1:${port}`, labels });
  closers.push(close);
  const ask = async (query: string) => {
    const answer = await fetch(`${url}/api/v1/query?${new URLSearchParams({ query })}`);
    const { data } = (await answer.json()) as { data: { result: { metric: Record<string, string> }[] } }; // Prometheus's documented answer.
    return data.result.map(({ metric }) => metric);
  };
  const alerts = async () => {
    const found = await ask('ALERTS{alertstate="firing"}');
    return [
      ...new Set(
        found.map((one) =>
          `${one.alertname} ${one.queue ?? one.deployment ?? one.statefulset ?? one.instance ?? ''}`.trim(),
        ),
      ),
    ].toSorted();
  };
  // Two evaluations after the page is scraped: the recordings, then what reads them.
  await until('the page is scraped', async () => (await ask('up == 1')).length > 0, 60);
  await until('the rules are evaluated', async () => (await alerts()).length >= expected.length, 20);
  return alerts();
}

const QUEUES = [
  'KnativeLambdaQueueBacklog',
  'KnativeLambdaQueueNoConsumers',
  'KnativeLambdaDLQNotEmpty',
  'KnativeLambdaQueueMetricsMissing',
];
/** What a ServiceMonitor adds. */
const RABBITMQ = { namespace: 'rabbitmq-prd' };
const labels = (queue: string) => `{vhost="/",queue="${queue}"}`;

/** As RabbitMQ's plugin writes it; `prefix` is that of the endpoint. */
const perQueue = (prefix: string) => `# TYPE ${prefix}_messages gauge
# HELP ${prefix}_messages Sum of ready and unacknowledged messages - total queue depth
${prefix}_messages${labels('lambda-build-events-prd')} 1200
${prefix}_messages${labels('lambda-dlq-queue')} 140
${prefix}_messages${labels('hello')} 0
# TYPE ${prefix}_consumers gauge
# HELP ${prefix}_consumers Consumers on a queue
${prefix}_consumers${labels('lambda-build-events-prd')} 0
${prefix}_consumers${labels('lambda-dlq-queue')} 0
${prefix}_consumers${labels('hello')} 0
`;
const FOUND = [
  'KnativeLambdaDLQNotEmpty lambda-dlq-queue',
  'KnativeLambdaQueueBacklog lambda-build-events-prd',
  'KnativeLambdaQueueNoConsumers lambda-build-events-prd',
];

describe('the rules in a real Prometheus, over what the exporters write', () => {
  it('find backlog, missing consumers and dead letters on /metrics/per-object', async () => {
    expect(await firing(perQueue('rabbitmq_queue'), QUEUES, FOUND, RABBITMQ)).toEqual(FOUND);
  }, 300_000);

  it('find them on /metrics/detailed, and beside the sums of /metrics', async () => {
    const page = `${perQueue('rabbitmq_detailed_queue')}rabbitmq_queue_messages 1340\nrabbitmq_queue_consumers 0\n`;
    expect(await firing(page, QUEUES, FOUND, RABBITMQ)).toEqual(FOUND);
  }, 300_000);

  it('say that the sums of /metrics alone do not tell the queue', async () => {
    const missing = ['KnativeLambdaQueueMetricsMissing'];
    const page = 'rabbitmq_queue_messages 1340\nrabbitmq_queue_consumers 0\n';
    expect(await firing(page, QUEUES, missing, RABBITMQ)).toEqual(missing);
  }, 300_000);

  it('find storage that is down as Deployment, StatefulSet of a chart or a tenant, or behind a probe', async () => {
    const ksm = 'uid="8f2d9c1e"';
    const page = `kube_deployment_status_replicas_available{namespace="minio",deployment="minio",${ksm}} 0
kube_deployment_spec_replicas{namespace="minio",deployment="minio",${ksm}} 1
kube_deployment_status_replicas_available{namespace="paused",deployment="minio",${ksm}} 0
kube_deployment_spec_replicas{namespace="paused",deployment="minio",${ksm}} 0
kube_statefulset_status_replicas_ready{namespace="storage",statefulset="minio",${ksm}} 0
kube_statefulset_replicas{namespace="storage",statefulset="minio",${ksm}} 4
kube_statefulset_status_replicas_ready{namespace="minio-tenant",statefulset="builds-pool-0",${ksm}} 0
kube_statefulset_replicas{namespace="minio-tenant",statefulset="builds-pool-0",${ksm}} 4
probe_success{job="knative-lambda-storage",instance="https://s3.example.org"} 0
`;
    const down = ['builds-pool-0', 'https://s3.example.org', 'minio'].map((one) => `KnativeLambdaStorageDown ${one}`);
    expect(await firing(page, ['KnativeLambdaStorageDown'], down)).toEqual(down);
  }, 300_000);
});
