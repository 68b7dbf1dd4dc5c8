import type { Finding } from '../incidents/evidence.ts';
import {
  failures,
  type Measured,
  type MetricCollection,
  type MetricDiagnostic,
  metricFinding,
  type Row,
  rowOf,
  windowText,
} from './metricDiagnostic.ts';
import { type Platform, requestsOf } from './metricNames.ts';
import { numberIn, type Reading, readAll, type Wanted } from './reading.ts';
import { formatValue, type Unit } from './units.ts';

/** The seed's limits: more than 1% failing requests, a P95 above 1 s, 10% of the builds failing. */
const ERRORS = 0.01;
const FAILING_BUILDS = 0.1;
const MINUTE = 60_000;

/** Traffic, errors, latency and saturation of functions and builds, each with the expression behind it. */
export const golden: MetricDiagnostic = {
  name: 'golden',
  phone: { parts: ['signal', 'value'] },
  async collect(collection) {
    const { platform, prometheus, request, at } = collection;
    const asked = request.since === null ? null : windowText(at - request.since);
    const windows = { requests: asked ?? windowText(5 * MINUTE), builds: asked ?? windowText(60 * MINUTE) };
    const signals = [
      ...requestSignals(platform, request.namespace, windows.requests),
      ...buildSignals(platform, windows.builds),
      ...saturation(platform, request.namespace),
    ];
    const wanted = Object.fromEntries(signals.map((signal) => [signal.name, signal]));
    const options = { at, signal: request.signal };
    const [readings, functions] = await Promise.all([
      readAll(prometheus, wanted, options),
      worstFunctions(collection, windows.requests),
    ]);
    const none: Reading = { kind: 'none' };
    const read = (name: string) => readings[name] ?? none;
    return {
      title: `Golden signals${request.namespace === null ? '' : ` of functions in ${request.namespace}`}`,
      summary: summaryOf(read, windows),
      columns: ['signal', 'value', 'query'],
      rows: signals.map(({ name, unit, expression }) => rowOf(name, read(name), unit, expression)),
      findings: [...buildFindings(read, windows.builds), ...functions.findings],
      notes: [...platform.notes, ...missing(platform), ...failures(readings), ...functions.notes],
    } satisfies Measured & { readonly rows: readonly Row[] };
  },
};

interface Signal extends Wanted {
  readonly name: string;
}

function signal(name: string, unit: Unit, expression: string | null): Signal {
  return { name, unit, expression };
}

function requestSignals(platform: Platform, namespace: string | null, window: string): readonly Signal[] {
  const of = platform.era === null ? null : requestsOf(platform.era, namespace);
  const healthy = of ? `1 - (${of.errorRatio(window)})` : null;
  return [
    signal(`requests (${window})`, 'perSecond', of?.rate(window) ?? null),
    signal('failing requests', 'ratio', of?.errorRatio(window) ?? null),
    signal('request success', 'ratio', healthy),
    ...[0.5, 0.95, 0.99].map((quantile) =>
      signal(`request P${quantile * 100}`, 'seconds', of?.seconds(quantile, window) ?? null),
    ),
    signal('cold start P95', 'seconds', of?.coldSeconds(0.95, window) ?? null),
  ];
}

function buildSignals({ builds }: Platform, window: string): readonly Signal[] {
  const failed = builds && `(sum(increase(${builds.buildsFailed}[${window}])) or vector(0))`;
  const all = builds && `sum(increase(${builds.builds}[${window}]))`;
  return [
    signal(`builds (${window})`, 'count', all),
    signal('failed builds', 'count', builds && `sum(increase(${builds.buildsFailed}[${window}]))`),
    signal('build success', 'ratio', builds && `1 - ${failed} / ${all}`),
    ...[0.5, 0.95, 0.99].map((quantile) =>
      signal(
        `build P${quantile * 100}`,
        'seconds',
        builds && `histogram_quantile(${quantile}, sum by (le) (rate(${builds.buildSeconds()}[${window}])))`,
      ),
    ),
  ];
}

/** Gauges that fill up; those an installation does not have are left out. */
function saturation({ present, era }: Platform, namespace: string | null): readonly Signal[] {
  const gauges: readonly (readonly [name: string, metric: string, expression: string])[] = [
    ['queued in pods', 'revision_queue_depth', `sum(revision_queue_depth${inNamespace(namespace, 'namespace_name')})`],
    ['queued in pods', 'kn_queueproxy_depth', `sum(kn_queueproxy_depth${inNamespace(namespace, 'namespace')})`],
    ['queued in pods', 'kn_serving_queue_depth', `sum(kn_serving_queue_depth${inNamespace(namespace, 'namespace')})`],
    [
      'function pods',
      'autoscaler_actual_pods',
      `sum(autoscaler_actual_pods${inNamespace(namespace, 'namespace_name')})`,
    ],
    [
      'function pods',
      'kn_revision_pods_count',
      `sum(kn_revision_pods_count${inNamespace(namespace, 'k8s_namespace_name')})`,
    ],
    ['builds running', 'kaniko_jobs_running', 'sum(kaniko_jobs_running)'],
    ['builds running', 'concurrent_jobs_active', 'sum(concurrent_jobs_active)'],
    ['builds running', 'knative_lambda_operator_build_jobs_active', 'sum(knative_lambda_operator_build_jobs_active)'],
    ['queued messages', 'rabbitmq_queue_messages', 'sum(rabbitmq_queue_messages{queue!="", queue!~".*(dlq|dead).*"})'],
    ['dead letters', 'rabbitmq_queue_messages', 'sum(rabbitmq_queue_messages{queue=~".*(dlq|dead).*"})'],
    ['control queue', 'workqueue_depth', 'max(workqueue_depth{name="lambdafunction"})'],
  ];
  const taken = new Set<string>();
  const isOther = (metric: string) =>
    (era === 'knative-1.18' && metric.startsWith('kn_')) ||
    (era !== 'knative-1.18' && /^(revision|autoscaler)_/.test(metric));
  return gauges.flatMap(([name, metric, expression]) => {
    if (!present.has(metric) || taken.has(name) || (era !== null && isOther(metric))) return [];
    taken.add(name);
    return [signal(name, 'count', expression)];
  });
}

function inNamespace(namespace: string | null, label: string): string {
  return namespace === null ? '' : `{${label}=${JSON.stringify(namespace)}}`;
}

/** Which functions fail or are slow, three of each at the most. */
async function worstFunctions(
  { platform, prometheus, request, at }: MetricCollection,
  window: string,
): Promise<{ readonly findings: readonly Finding[]; readonly notes: readonly string[] }> {
  if (platform.era === null) return { findings: [], notes: [] };
  const of = requestsOf(platform.era, request.namespace);
  const options = { at, signal: request.signal };
  const [failing, slow] = await Promise.allSettled([
    prometheus.query(of.failingFunctions(window), options),
    prometheus.query(of.slowFunctions(window), options),
  ]);
  const findings = [
    ...(failing.status === 'fulfilled' ? failing.value : [])
      .filter(({ value }) => value > ERRORS)
      .map((sample) =>
        metricFinding({
          code: 'function-requests-fail',
          level: sample.value > 0.5 ? 'critical' : 'warning',
          subject: subjectOf(sample.labels),
          conclusion: `${formatValue(sample.value, 'ratio')} of the requests to ${nameOf(sample.labels)} fail (${window})`,
          because: [of.failingFunctions(window)],
          nextStep: 'Read the function’s log and what changed: diag function, diag changes.',
        }),
      ),
    ...(slow.status === 'fulfilled' ? slow.value : [])
      .filter(({ value }) => Number.isFinite(value))
      .map((sample) =>
        metricFinding({
          code: 'function-slow',
          level: 'warning',
          subject: subjectOf(sample.labels),
          conclusion: `P95 of ${nameOf(sample.labels)} is ${formatValue(sample.value, 'seconds')} (${window})`,
          because: [of.slowFunctions(window)],
        }),
      ),
  ];
  const unread = [failing, slow].some(({ status }) => status === 'rejected');
  return { findings, notes: unread ? ['Which functions fail or are slow could not be read.'] : [] };
}

function nameOf(labels: Readonly<Record<string, string>>): string {
  return labels.function || 'a function Prometheus does not name';
}

function subjectOf(labels: Readonly<Record<string, string>>): Finding['subject'] {
  return { kind: 'Function', namespace: labels.namespace ?? null, name: nameOf(labels) };
}

function buildFindings(read: (name: string) => Reading, window: string): readonly Finding[] {
  const success = numberIn(read('build success'));
  const failed = numberIn(read('failed builds'));
  if (success === null || failed === null || failed < 2.5 || 1 - success <= FAILING_BUILDS) return [];
  return [
    metricFinding({
      code: 'builds-fail',
      level: 'warning',
      conclusion: `${formatValue(1 - success, 'ratio')} of the builds of the last ${window} failed`,
      because: [`${formatValue(failed, 'count')} failed`],
      nextStep: 'See which and why: diag builds.',
    }),
  ];
}

function summaryOf(
  read: (name: string) => Reading,
  windows: { readonly requests: string; readonly builds: string },
): string {
  const requests = numberIn(read(`requests (${windows.requests})`));
  const errors = numberIn(read('failing requests'));
  const p95 = numberIn(read('request P95'));
  const builds = numberIn(read(`builds (${windows.builds})`));
  const success = numberIn(read('build success'));
  const traffic =
    requests === null
      ? 'No data about requests'
      : requests === 0
        ? `No requests in the last ${windows.requests}`
        : `${formatValue(requests, 'perSecond')} requests, ${errors === null ? 'failures unknown' : `${formatValue(errors, 'ratio')} fail`}, P95 ${p95 === null ? 'unknown' : formatValue(p95, 'seconds')}`;
  const made =
    builds === null
      ? 'no data about builds'
      : success === null
        ? `no builds in the last ${windows.builds}`
        : `${formatValue(Math.round(builds), 'count')} ${Math.round(builds) === 1 ? 'build' : 'builds'} in ${windows.builds}, ${formatValue(success, 'ratio')} succeeded`;
  return `${traffic}; ${made}.`;
}

/** The metrics that were looked for and have no series, so that "no data" is distinguished from "nothing happened". */
export function missing(platform: Platform): readonly string[] {
  return [
    ...(platform.era === null
      ? [
          'Prometheus has no request metrics of Knative of any version: from 1.19 on they are off unless config-observability turns them on.',
        ]
      : []),
    ...(platform.builds === null
      ? [
          'Prometheus has no build metrics of Knative Lambda (builds_total, knative_lambda_operator_build_duration_seconds).',
        ]
      : []),
  ];
}
