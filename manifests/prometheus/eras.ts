import { ERAS, type Era, type Names } from './names.ts';

/** How one era of Knative Serving names what the recording rules read. Latencies are in seconds after `scale`. */
interface EraNames {
  /** Requests that reached the function's container. */
  readonly requests: string;
  readonly requestSeconds: string;
  readonly serverError: string;
  readonly scale: string;
  readonly activatorRequests: string;
  readonly activatorError: string;
  readonly activatorSeconds: string;
  readonly podsDesired: string;
  readonly podsRequested: string;
  readonly podsActual: string;
  readonly podsNotReady: string;
  readonly panicMode: string;
  readonly workqueueDepth: string;
  readonly reconcileFailures: string;
}

const OPENTELEMETRY = {
  serverError: 'http_response_status_code=~"5.."',
  scale: '',
  activatorRequests: 'http_server_request_duration_seconds_count{namespace="knative-serving", pod=~"activator-.+"}',
  activatorError: 'http_response_status_code=~"5.."',
  activatorSeconds: 'http_server_request_duration_seconds_bucket{namespace="knative-serving", pod=~"activator-.+"}',
  podsDesired: 'kn_revision_pods_desired',
  podsRequested: 'kn_revision_pods_requested',
  podsActual: 'kn_revision_pods_count',
  podsNotReady: 'kn_revision_pods_not_ready_count',
  panicMode: 'kn_revision_panic_mode',
  workqueueDepth: 'kn_workqueue_depth',
  reconcileFailures: 'kn_workqueue_retries_total{namespace="knative-operator"}',
} as const;

/** What OpenTelemetry's instrumentation of any HTTP server writes: no part of Knative needs to be there. */
export const OPEN_TELEMETRY_HTTP = {
  requests: 'http_server_request_duration_seconds_count',
  seconds: 'http_server_request_duration_seconds_bucket',
  serverError: OPENTELEMETRY.serverError,
  scale: OPENTELEMETRY.scale,
} as const;

/** The mapping table between the eras (docs/platform.md#metric-names); every name of Knative's own is one of `docs/knative-metrics.md`. */
const ERA_NAMES: Readonly<Record<Era, EraNames>> = {
  'knative-1.18': {
    requests: 'revision_app_request_count',
    requestSeconds: 'revision_app_request_latencies_bucket',
    serverError: 'response_code_class="5xx"',
    scale: ' / 1000',
    activatorRequests: 'activator_request_count',
    activatorError: 'response_code_class="5xx"',
    activatorSeconds: 'activator_request_latencies_bucket',
    podsDesired: 'autoscaler_desired_pods',
    podsRequested: 'autoscaler_requested_pods',
    podsActual: 'autoscaler_actual_pods',
    podsNotReady: 'autoscaler_not_ready_pods',
    panicMode: 'autoscaler_panic_mode',
    workqueueDepth: 'controller_workqueue_depth',
    reconcileFailures: 'knative_operator_reconcile_count{success="false"}',
  },
  'knative-1.19': {
    ...OPENTELEMETRY,
    requests: 'kn_queueproxy_app_duration_seconds_count',
    requestSeconds: 'kn_queueproxy_app_duration_seconds_bucket',
  },
  'knative-1.20.1': {
    ...OPENTELEMETRY,
    requests: 'kn_serving_invocation_duration_seconds_count',
    requestSeconds: 'kn_serving_invocation_duration_seconds_bucket',
  },
};

export function eraNames(names: Pick<Names, 'era'>): EraNames {
  return ERA_NAMES[names.era];
}

/** Adds matchers to a metric that may have some already. */
export function matching(metric: string, matchers: string): string {
  if (matchers === '') return metric;
  return metric.endsWith('}') ? `${metric.slice(0, -1)}, ${matchers}}` : `${metric}{${matchers}}`;
}

/**
 * Gives the result labels `namespace` and `function` whatever the era calls them. From 1.19 on a scraped queue-proxy
 * carries no function name, so it is taken from the pod's name; an exporter that promotes attributes wins over that.
 */
export function named(names: Pick<Names, 'era'>, expression: string): string {
  const replace = (inner: string, target: string, source: string, pattern: string) =>
    `label_replace(${inner}, "${target}", "$1", "${source}", "${pattern}")`;
  if (names.era === 'knative-1.18') {
    const spaced = replace(expression, 'namespace', 'namespace_name', '(.+)');
    return replace(replace(spaced, 'function', 'service_name', '(.+)'), 'revision', 'revision_name', '(.+)');
  }
  const byPod = replace(expression, 'function', 'pod', '(.+)-[0-9]{5}-deployment-.+');
  const spaced = replace(byPod, 'namespace', 'k8s_namespace_name', '(.+)');
  return replace(replace(spaced, 'function', 'kn_service_name', '(.+)'), 'revision', 'kn_revision_name', '(.+)');
}

/**
 * The series of every era, so that no installation has to choose one and pods made before an upgrade of Knative still count
 * after it. `read` gives the expression of one era; what is the same in two stands once.
 */
export function ofEveryEra(read: (names: EraNames, era: Era) => string): string {
  const [old, ...current] = ERAS.map((era) => read(ERA_NAMES[era], era));
  return [old, ...new Set(current)].join(' or ');
}

/** The same, with labels `namespace`, `function` and `revision`. */
export function namedOfEveryEra(read: (names: EraNames) => string): string {
  const [old, ...current] = ERAS.map((era) => read(ERA_NAMES[era]));
  return `${named({ era: 'knative-1.18' }, old ?? '')} or ${named({ era: 'knative-1.20.1' }, [...new Set(current)].join(' or '))}`;
}

/** Latencies of old are counted in milliseconds, so the quantile is taken of each; one without traffic (NaN) is no series. */
export function quantileOfEveryEra(
  quantile: number,
  labels: readonly string[],
  read: (names: EraNames) => string,
): string {
  const [old, ...current] = ERAS.map((era) => read(ERA_NAMES[era]));
  const of = (era: Era, expression: string) =>
    `histogram_quantile(${quantile}, sum by (${['le', ...labels].join(', ')}) (${named({ era }, expression)}))`;
  return `${of('knative-1.20.1', [...new Set(current)].join(' or '))} > 0 or ${of('knative-1.18', old ?? '')} / 1000 > 0`;
}
