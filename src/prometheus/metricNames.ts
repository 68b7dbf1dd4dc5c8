import { eraNames, matching, named } from '../../manifests/prometheus/eras.ts';
import {
  ERAS,
  type Era,
  type Names,
  namesOf,
  PROFILE_NAMES,
  type ProfileName,
} from '../../manifests/prometheus/names.ts';
import type { Prometheus } from './openPrometheus.ts';

/**
 * What this installation calls its metrics, as Prometheus itself tells: the era of Knative and the generation of Knative
 * Lambda whose series exist. The names come from the table the shipped rules are generated from.
 */
export interface Platform {
  /** Null: no series of any era. */
  readonly era: Era | null;
  /** Generation whose build metrics exist; null: of neither. */
  readonly builds: Names | null;
  readonly present: ReadonlySet<string>;
  /** What a person should know about it, such as two eras at once. */
  readonly notes: readonly string[];
}

const DAY = 86_400_000;

/** Names of further series the signals read when they exist. */
export const FURTHER = [
  'function:requests:rate5m',
  'function:request_errors:rate5m',
  'revision_queue_depth',
  'kn_queueproxy_depth',
  'kn_serving_queue_depth',
  'rabbitmq_queue_messages',
  'workqueue_depth',
  'kaniko_jobs_running',
  'concurrent_jobs_active',
  'knative_lambda_operator_build_jobs_active',
  'knative_lambda_operator_reconcile_total',
  'build_context_s3_errors_total',
  'knative_lambda_operator_errors_total',
] as const;

/** Asks Prometheus once which of the names of all eras and both generations have series within the last day. */
export async function findPlatform(
  prometheus: Prometheus,
  configured: ProfileName,
  options: { readonly at: number; readonly signal: AbortSignal },
): Promise<Platform> {
  const wanted = [
    ...ERAS.flatMap((era) => eraMetrics(era)),
    ...PROFILE_NAMES.flatMap((profile) => metricsIn(namesOf(profile, 'knative-1.18').builds)),
    ...PROFILE_NAMES.flatMap((profile) => metricsIn(namesOf(profile, 'knative-1.18').buildSeconds())),
    'build_failures_total',
    ...FURTHER,
  ];
  const names = [...new Set(wanted)];
  const present = await prometheus.existing(names, {
    from: options.at - DAY,
    to: options.at,
    signal: options.signal,
  });
  const notes: string[] = [];
  const eras = ERAS.filter((era) => present.has(metricsIn(eraNames({ era }).requests)[0] ?? ''));
  const era = eras.length > 1 ? await busiest(prometheus, eras, options) : (eras[0] ?? null);
  if (eras.length > 1)
    notes.push(`Series of ${eras.join(' and ')} exist; these numbers are of ${era}, which has the most requests now.`);
  const order = [configured, ...PROFILE_NAMES.filter((name) => name !== configured)];
  const generation = order.find((profile) =>
    metricsIn(namesOf(profile, 'knative-1.18').builds).every((name) => present.has(name)),
  );
  if (generation !== undefined && generation !== configured)
    notes.push(`Build metrics are those of the ${generation} generation, though the profile is ${configured}.`);
  return { era, builds: generation ? namesOf(generation, era ?? 'knative-1.18') : null, present, notes };
}

function eraMetrics(era: Era): readonly string[] {
  const names = eraNames({ era });
  return [names.requests, names.requestSeconds, names.activatorSeconds, names.podsActual].flatMap(metricsIn);
}

function metricsIn(selector: string): readonly string[] {
  const name = /^[a-zA-Z_:][\w:]*/.exec(selector)?.[0];
  return name === undefined ? [] : [name];
}

async function busiest(
  prometheus: Prometheus,
  eras: readonly Era[],
  options: { readonly at: number; readonly signal: AbortSignal },
): Promise<Era | null> {
  const rates = await Promise.all(
    eras.map(async (era) => {
      const [sample] = await prometheus.query(`sum(rate(${eraNames({ era }).requests}[5m]))`, options);
      return sample?.value ?? 0;
    }),
  );
  const most = Math.max(...rates);
  return eras.findLast((_, index) => rates[index] === most) ?? null;
}

/** The expressions of one era, of the whole platform or of the functions of one namespace. */
export function requestsOf(era: Era, namespace: string | null) {
  const names = eraNames({ era });
  /** From 1.19 on the namespace is on the series from the scrape, or from an exporter that promotes attributes. */
  const within = (metric: string, window: string, matchers = ''): string => {
    const narrowed = (label: string | null) => {
      const all = [
        ...(label === null ? [] : [`${label}=${JSON.stringify(namespace)}`]),
        ...(matchers ? [matchers] : []),
      ];
      return `rate(${all.length > 0 ? matching(metric, all.join(', ')) : metric}[${window}])`;
    };
    if (namespace === null) return narrowed(null);
    if (era === 'knative-1.18') return narrowed('namespace_name');
    return `(${narrowed('namespace')} or ${narrowed('k8s_namespace_name')})`;
  };
  const requests = (window: string) => within(names.requests, window);
  const errors = (window: string) => within(names.requests, window, names.serverError);
  return {
    /** The series requests are counted in, to learn how far back they reach. */
    series: names.requests,
    rate: (window: string) => `sum(${requests(window)})`,
    /** An installation that never failed has no series of failures: then the share is 0, as long as there are requests. */
    errorRatio: (window: string) => `(sum(${errors(window)}) or vector(0)) / sum(${requests(window)})`,
    seconds: (quantile: number, window: string) =>
      `histogram_quantile(${quantile}, sum by (le) (${within(names.requestSeconds, window)}))${names.scale}`,
    /** The activator of 1.19 and later does not tell whose request it was, so the namespace does not narrow it. */
    coldSeconds: (quantile: number, window: string) =>
      `histogram_quantile(${quantile}, sum by (le) (${era === 'knative-1.18' ? within(names.activatorSeconds, window) : `rate(${names.activatorSeconds}[${window}])`}))${names.scale}`,
    failingFunctions: (window: string) =>
      `topk(3, sum by (namespace, function) (${named({ era }, errors(window))}) / sum by (namespace, function) (${named({ era }, requests(window))}) > 0.01)`,
    slowFunctions: (window: string) =>
      `topk(3, histogram_quantile(0.95, sum by (le, namespace, function) (${named({ era }, within(names.requestSeconds, window))}))${names.scale} > 1)`,
  };
}
