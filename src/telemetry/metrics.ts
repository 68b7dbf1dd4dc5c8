import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry, type RegistryContentType } from 'prom-client';
import { traceId } from './tracing.ts';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/**
 * The responder's own metrics, all of low cardinality: labels are closed sets (routes, job kinds, lanes, reasons),
 * never names from alerts or people. Times are in seconds, as Prometheus wants them.
 */
export interface Metrics {
  readonly registry: Registry<RegistryContentType>;
  readonly httpRequests: Counter<'route' | 'code'>;
  readonly httpSeconds: Histogram<'route'>;
  readonly jobs: Counter<'kind' | 'outcome'>;
  readonly jobSeconds: Histogram<'kind'>;
  readonly webhookToCardSeconds: Histogram;
  readonly decisions: Counter<'reason'>;
  readonly commands: Counter<'door' | 'outcome'>;
  readonly commandSeconds: Histogram<'door'>;
  readonly dependencyCalls: Counter<'dependency' | 'outcome'>;
  readonly dependencySeconds: Histogram<'dependency'>;
  readonly breakerOpen: Gauge<'dependency' | 'target'>;
  readonly slackConnections: Counter<'because'>;
  readonly storeSeconds: Histogram<'operation' | 'outcome'>;
  readonly redactions: Counter;
}

/** Sources of the gauges, read at each scrape. */
export interface Gauges {
  /** Waiting jobs by lane and the age of the oldest in milliseconds. */
  queue(): Promise<readonly { readonly lane: string; readonly waiting: number; readonly oldestMs: number }[]>;
  /** Alerts by what became of them; `received` is the sum of the others. */
  accounting(): Promise<Readonly<Record<string, number>>>;
  deadJobs(): Promise<number>;
  /** Rejects when the store cannot be written. */
  probe(): Promise<void>;
  slackConnected(): boolean;
}

/** Makes the metrics in a registry of their own, so that two apps in one process do not share any. */
export function createMetrics(): Metrics {
  // Exemplars are taken only by metrics of an OpenMetrics registry; it writes the older form, `openMetrics.ts` the other.
  const registry = new Registry<RegistryContentType>();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  const registers = [registry];
  const metrics = metricsIn(registers);
  registry.setContentType(Registry.PROMETHEUS_CONTENT_TYPE);
  collectDefaultMetrics({ register: registry });
  return { registry, ...metrics };
}

function metricsIn(registers: Registry<RegistryContentType>[]): Omit<Metrics, 'registry'> {
  return {
    httpRequests: new Counter({
      name: 'responder_http_requests_total',
      help: 'HTTP requests answered, by route and status code.',
      labelNames: ['route', 'code'],
      registers,
    }),
    httpSeconds: new Histogram({
      name: 'responder_http_request_duration_seconds',
      help: 'Time to answer an HTTP request.',
      labelNames: ['route'],
      buckets: SECONDS,
      enableExemplars: true,
      registers,
    }),
    jobs: new Counter({
      name: 'responder_jobs_total',
      help: 'Jobs run, by kind and outcome (done, retry, dead).',
      labelNames: ['kind', 'outcome'],
      registers,
    }),
    jobSeconds: new Histogram({
      name: 'responder_job_duration_seconds',
      help: 'Time a job ran.',
      labelNames: ['kind'],
      buckets: SECONDS,
      enableExemplars: true,
      registers,
    }),
    webhookToCardSeconds: new Histogram({
      name: 'responder_webhook_to_card_seconds',
      help: 'Time from the accepted delivery that opened an incident to its card in Slack.',
      buckets: [...SECONDS, 60, 300],
      enableExemplars: true,
      registers,
    }),
    decisions: new Counter({
      name: 'responder_decisions_total',
      help: 'Alerts decided, by named reason.',
      labelNames: ['reason'],
      registers,
    }),
    commands: new Counter({
      name: 'responder_commands_total',
      help: 'Commands answered, by door (slash, mention, button, terminal, runbook) and tone of the answer.',
      labelNames: ['door', 'outcome'],
      registers,
    }),
    commandSeconds: new Histogram({
      name: 'responder_command_duration_seconds',
      help: 'Time to answer a command.',
      labelNames: ['door'],
      buckets: SECONDS,
      enableExemplars: true,
      registers,
    }),
    dependencySeconds: new Histogram({
      name: 'responder_dependency_call_duration_seconds',
      help: 'Time a call to slack, kubernetes, prometheus, alertmanager or a fallback took, without the wait for our own pacing.',
      labelNames: ['dependency'],
      buckets: SECONDS,
      enableExemplars: true,
      registers,
    }),
    storeSeconds: new Histogram({
      name: 'responder_store_operation_duration_seconds',
      help: 'Time a read of the store or a transaction (write) took, by outcome (ok or an error code).',
      labelNames: ['operation', 'outcome'],
      buckets: SECONDS,
      enableExemplars: true,
      registers,
    }),
    slackConnections: new Counter({
      name: 'responder_slack_connections_total',
      help: 'Socket Mode connections opened, by why: start, refresh (Slack wanted the last one replaced), lost.',
      labelNames: ['because'],
      registers,
    }),
    breakerOpen: new Gauge({
      name: 'responder_breaker_open',
      help: '1 while the circuit of a dependency is open after repeated failures, by dependency and configured cluster; of Slack while that of any of its methods is.',
      labelNames: ['dependency', 'target'],
      registers,
    }),
    dependencyCalls: new Counter({
      name: 'responder_dependency_calls_total',
      help: 'Calls to slack, kubernetes, prometheus, alertmanager and the fallbacks, by outcome (ok or an error code).',
      labelNames: ['dependency', 'outcome'],
      registers,
    }),
    redactions: new Counter({
      name: 'responder_redactions_total',
      help: 'Secrets removed from what was read of cluster and Prometheus.',
      registers,
    }),
  };
}

/** A duration in milliseconds, with the current trace as its exemplar: one slow example of a bucket leads to what it did. */
export function observeTraced<T extends string>(
  histogram: Histogram<T>,
  labels: Partial<Record<T, string>>,
  ms: number,
): void {
  const trace = traceId();
  // Typed as the labels of the metric, of which those of an exemplar are none.
  const exemplarLabels = (trace === null ? {} : { trace_id: trace }) as Partial<Record<T, string>>;
  histogram.observe({ labels, value: ms / 1000, exemplarLabels });
}

/** Counts a call to a dependency that took `ms`; `outcome` is `ok` or an error code. */
export type OnCall = (outcome: string, ms: number) => void;

export function countCalls(
  metrics: Metrics,
  dependency: 'slack' | 'kubernetes' | 'prometheus' | 'alertmanager' | 'fallback_webhook' | 'fallback_email',
): OnCall {
  return (outcome, ms) => {
    metrics.dependencyCalls.inc({ dependency, outcome });
    observeTraced(metrics.dependencySeconds, { dependency }, ms);
  };
}

/**
 * Adds the gauges that are read from their source at each scrape. A store that fails takes only its own figures away,
 * and `responder_store_up` says so: the rest is needed most just then.
 */
export function observe(metrics: Metrics, gauges: Gauges): void {
  const registers = [metrics.registry];
  observeQueue(registers, gauges);
  observeAlerts(registers, gauges);
  new Gauge({
    name: 'responder_store_up',
    help: '1 while the store can be written.',
    registers,
    async collect() {
      this.set((await within(gauges.probe().then(() => true))) ? 1 : 0);
    },
  });
  new Gauge({
    name: 'responder_slack_connected',
    help: '1 while Slack can be reached and events come in.',
    registers,
    collect() {
      this.set(gauges.slackConnected() ? 1 : 0);
    },
  });
}

function observeQueue(registers: Registry<RegistryContentType>[], gauges: Gauges): void {
  const queue = () => within(gauges.queue()).then((lanes) => lanes ?? []);
  new Gauge({
    name: 'responder_queue_jobs',
    help: 'Jobs pending, by lane.',
    labelNames: ['lane'],
    registers,
    async collect() {
      const lanes = await queue();
      this.reset();
      for (const { lane, waiting } of lanes) this.set({ lane }, waiting);
    },
  });
  new Gauge({
    name: 'responder_queue_oldest_seconds',
    help: 'Age of the oldest job that is due, by lane.',
    labelNames: ['lane'],
    registers,
    async collect() {
      const lanes = await queue();
      this.reset();
      for (const { lane, oldestMs } of lanes) this.set({ lane }, oldestMs / 1000);
    },
  });
  // Without labels a gauge starts at 0, which would be a lie while the store cannot be asked.
  new Gauge({
    name: 'responder_dead_jobs',
    help: 'Jobs given up (dead letters) and not retried yet.',
    registers,
    async collect() {
      this.set((await within(gauges.deadJobs())) ?? Number.NaN);
    },
  });
}

function observeAlerts(registers: Registry<RegistryContentType>[], gauges: Gauges): void {
  new Gauge({
    name: 'responder_alerts',
    help: 'Alerts by outcome: received = onIncident + pending + suppressed:<reason> + rejected + dead.',
    labelNames: ['state'],
    registers,
    async collect() {
      const states = await within(gauges.accounting());
      this.reset();
      for (const [state, count] of Object.entries(states ?? {})) this.set({ state }, count);
    },
  });
}

/** Deadline of one source in milliseconds, below the usual scrape timeout of 10 s. */
const SOURCE_MS = 3_000;

/** The answer of a source; null when it fails or does not answer in time. */
async function within<T>(asked: Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), SOURCE_MS);
  });
  try {
    return await Promise.race([asked.catch(() => null), late]);
  } finally {
    clearTimeout(timer);
  }
}
