import { eraNames } from '../../manifests/prometheus/eras.ts';
import type { Era } from '../../manifests/prometheus/names.ts';
import { type PlatformNames, platformNames } from '../scenarios/names.ts';
import { DEFAULT_BUCKETS, type MetricStore, type SeriesLabels } from './store.ts';

const DAY = 86_400_000;
/** Longer than the 30 days an error budget is for. */
const HISTORY = 40 * DAY;

/** Requests a second of each function, and how many of them fail; hello-nodejs is the one scenarios turn up and down. */
const TRAFFIC = [
  { name: 'hello-python', ok: 0.6, failed: 0, revision: 'hello-python-00004', pods: 1 },
  { name: 'hello-nodejs', ok: 4, failed: 0, revision: 'hello-nodejs-00006', pods: 1 },
  { name: 'image-resizer', ok: 0.05, failed: 0, revision: 'image-resizer-00003', pods: 0 },
  { name: 'invoice-parser', ok: 1.2, failed: 0.002, revision: 'invoice-parser-00009', pods: 2 },
  { name: 'notify-webhook', ok: 0.4, failed: 0, revision: 'notify-webhook-00002', pods: 1 },
] as const;
/** Share of requests answered within so many seconds. */
const REQUEST_SECONDS = [
  [0.1, 0.7],
  [0.5, 0.97],
  [1, 0.992],
  [5, 0.9995],
] as const;
const COLD_SECONDS = [
  [1, 0.3],
  [2, 0.85],
  [5, 0.98],
  [20, 1],
] as const;
/** Share of builds done within the default buckets, 10 s to 30 min. */
const BUILD_SHARES = [0, 0.3, 0.82, 0.97, 0.995, 1, 1, 1, 1];
const BUILDS_A_SECOND = 12 / 3600;

/** The series of a platform where all is well, with history; scenarios change the pace of the same series. */
export function installPlatformMetrics(
  store: MetricStore,
  options: { readonly profile: PlatformNames['profile']; readonly now: number; readonly era?: Era },
): void {
  const names = platformNames(options.profile);
  const era = options.era ?? 'knative-1.18';
  const start = options.now - HISTORY;
  const count = (name: string, labels: SeriesLabels, perSecond: number) =>
    store.set(name, labels, 0, { at: start, perSecond });
  const gauge = (name: string, labels: SeriesLabels, value: number) => store.set(name, labels, value, { at: start });
  for (const one of TRAFFIC) installFunction(one, { names, era, count, gauge });
  installBuilds(names, count, gauge);
  for (const le of ['0.1', '1', '5', '10', '+Inf'])
    count('apiserver_request_duration_seconds_bucket', { verb: 'GET', resource: 'pods', le }, le === '0.1' ? 19.9 : 20);
  gauge('up', { namespace: names.controlNamespace, job: names.controlDeployment }, 1);
  gauge('up', { namespace: 'lambda-responder', job: 'lambda-responder' }, 1);
  for (const [namespace, deployment] of [
    [names.controlNamespace, names.controlDeployment],
    ...['activator', 'autoscaler', 'controller', 'webhook'].map((name) => ['knative-serving', name] as const),
    ['minio', 'minio'],
  ] as const)
    gauge('kube_deployment_status_replicas_available', { namespace, deployment }, 1);
  gauge('workqueue_depth', { namespace: names.controlNamespace, name: 'lambdafunction' }, 0);
  gauge(eraNames({ era: options.era ?? 'knative-1.18' }).workqueueDepth, { name: 'revision' }, 0);
  for (const [queue, depth] of [
    [names.buildQueue, 2],
    [names.deadLetterQueue, 0],
  ] as const)
    gauge('rabbitmq_queue_messages', { namespace: names.rabbitmqNamespace, queue, vhost: '/' }, depth);
}

interface Site {
  readonly names: PlatformNames;
  readonly era: Era;
  readonly count: (name: string, labels: SeriesLabels, perSecond: number) => void;
  readonly gauge: (name: string, labels: SeriesLabels, value: number) => void;
}

function installFunction(one: (typeof TRAFFIC)[number], { names, era, count, gauge }: Site): void {
  const of = eraNames({ era });
  const namespace = names.functionNamespace;
  const isOld = era === 'knative-1.18';
  const base: SeriesLabels = isOld
    ? { namespace_name: namespace, service_name: one.name, revision_name: one.revision }
    : { namespace, pod: `${one.revision}-deployment-7d9f8b6c5-x2k4p` };
  const code = (status: string): SeriesLabels =>
    isOld
      ? { response_code_class: `${status.charAt(0)}xx`, response_code: status }
      : { http_response_status_code: status };
  count(of.requests, { ...base, ...code('200') }, one.ok);
  if (one.failed > 0) count(of.requests, { ...base, ...code('500') }, one.failed);
  const histogram = (
    metric: string,
    labels: SeriesLabels,
    shares: readonly (readonly [number, number])[],
    all: number,
  ) => {
    const unit = isOld ? 1000 : 1;
    for (const [seconds, share] of shares) count(metric, { ...labels, le: String(seconds * unit) }, all * share);
    count(metric, { ...labels, le: '+Inf' }, all);
  };
  const all = one.ok + one.failed;
  histogram(of.requestSeconds, base, REQUEST_SECONDS, all);
  if (isOld) {
    count('activator_request_count', { ...base, ...code('200') }, all * 0.02);
    histogram('activator_request_latencies_bucket', base, COLD_SECONDS, all * 0.02);
  } else if (one.name === 'hello-nodejs') {
    const activator = { namespace: 'knative-serving', pod: 'activator-6c9d8f7b5-q8w2r' };
    count('http_server_request_duration_seconds_count', { ...activator, ...code('200') }, 0.1);
    histogram('http_server_request_duration_seconds_bucket', activator, COLD_SECONDS, 0.1);
  }
  const revision: SeriesLabels = isOld
    ? base
    : { k8s_namespace_name: namespace, kn_service_name: one.name, kn_revision_name: one.revision };
  for (const metric of [of.podsDesired, of.podsRequested, of.podsActual]) gauge(metric, revision, one.pods);
}

function installBuilds(names: PlatformNames, count: Site['count'], gauge: Site['gauge']): void {
  const failing = BUILDS_A_SECOND * 0.02;
  const good = BUILDS_A_SECOND - failing;
  const durations = (metric: string, labels: SeriesLabels, perSecond: number) => {
    for (const [index, bound] of DEFAULT_BUCKETS.entries())
      count(`${metric}_bucket`, { ...labels, le: String(bound) }, perSecond * (BUILD_SHARES[index] ?? 1));
    count(`${metric}_bucket`, { ...labels, le: '+Inf' }, perSecond);
    count(`${metric}_sum`, labels, perSecond * 48);
    count(`${metric}_count`, labels, perSecond);
  };
  if (names.profile === 'builder') {
    count('builds_total', {}, BUILDS_A_SECOND);
    count('build_failures_total', {}, failing);
    count('build_context_s3_errors_total', {}, 0);
    durations('build_duration_seconds', {}, good);
    gauge('kaniko_jobs_running', {}, 0);
    return;
  }
  const metric = 'knative_lambda_operator_build_duration_seconds';
  durations(metric, { runtime: 'python', result: 'success' }, good);
  durations(metric, { runtime: 'python', result: 'failed' }, failing);
  count('knative_lambda_operator_errors_total', { component: 'build', error_type: 'context_failed' }, 0);
  gauge('knative_lambda_operator_build_jobs_active', { namespace: names.functionNamespace }, 0);
  count('knative_lambda_operator_reconcile_total', { phase: 'total', result: 'completed' }, 0.5);
  count('knative_lambda_operator_reconcile_total', { phase: 'Ready', result: 'success' }, 0.5);
  count('knative_lambda_operator_reconcile_total', { phase: 'Building', result: 'error' }, 0.001);
}
