import type { Prometheus } from './openPrometheus.ts';

/** cAdvisor's count of CPU periods and of those in which a container was held back (kubelet, /metrics/cadvisor). */
const PERIODS = 'container_cpu_cfs_periods_total';
const THROTTLED = 'container_cpu_cfs_throttled_periods_total';
/** RabbitMQ's gauge of all messages of a queue, with per-object metrics on (https://www.rabbitmq.com/docs/prometheus). */
const QUEUED = 'rabbitmq_queue_messages';
const WINDOW = '5m';

/** The share of CPU periods in which containers of a namespace were held back. @throws ResponderError what a query throws */
export async function throttling(prometheus: Pick<Prometheus, 'query'>, namespace: string, signal: AbortSignal) {
  const of = `{namespace="${namespace.replaceAll(/[\\"]/g, '')}",container!="",container!="POD"}`;
  const by = 'sum by (namespace, pod, container)';
  const samples = await prometheus.query(
    `topk(50, ${by} (rate(${THROTTLED}${of}[${WINDOW}])) / ${by} (rate(${PERIODS}${of}[${WINDOW}])))`,
    { signal },
  );
  return samples
    .filter(({ value }) => Number.isFinite(value))
    .map(({ labels, value }) => ({
      namespace,
      pod: labels.pod ?? '',
      container: labels.container ?? '',
      ratio: value,
    }));
}

/** Messages by queue, the deepest first; null when no series exist, that is, when nothing measures queues. */
export async function queueDepths(prometheus: Pick<Prometheus, 'query'>, signal: AbortSignal) {
  const samples = await prometheus.query(`topk(50, sum by (queue) (${QUEUED}{queue!=""}))`, { signal });
  if (samples.length === 0) return null;
  return samples
    .filter(({ value }) => Number.isFinite(value))
    .map(({ labels, value }) => ({ queue: labels.queue ?? '', messages: value }))
    .toSorted((a, b) => b.messages - a.messages);
}
