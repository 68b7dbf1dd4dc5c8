import { eraNames, matching, named, OPEN_TELEMETRY_HTTP } from '../../manifests/prometheus/eras.ts';
import { ERAS } from '../../manifests/prometheus/names.ts';
import type { Prometheus } from './openPrometheus.ts';

const WINDOW = '5m';

/** Requests to one revision of Knative or one pod, as its own side counts them. */
export interface ServedRequests {
  readonly namespace: string;
  readonly revision: string | null;
  readonly pod: string | null;
  readonly perSecond: number;
  /** Share that ended with a 5xx, 0 to 1. */
  readonly errors: number;
  /** Null when it is not measured, or when there was no request. */
  readonly p95Seconds: number | null;
}

interface Source {
  readonly requests: string;
  readonly seconds: string;
  readonly serverError: string;
  readonly scale: string;
  readonly labels: readonly string[];
  /** Gives the result the label `revision`. */
  readonly tell: (expression: string) => string;
}

const SOURCES: readonly Source[] = [
  ...ERAS.map((era): Source => {
    const { requests, requestSeconds: seconds, serverError, scale } = eraNames({ era });
    const isOld = era === 'knative-1.18';
    const labels = isOld ? ['namespace_name'] : ['namespace', 'k8s_namespace_name'];
    const tell = (expression: string) => named({ era }, isOld ? expression : ofPod(expression));
    return { requests, seconds, serverError, scale, labels, tell };
  }),
  { ...OPEN_TELEMETRY_HTTP, labels: ['namespace', 'k8s_namespace_name'], tell: (expression) => expression },
];

/** From 1.19 on a scraped queue-proxy carries no revision, so it is taken from the pod's name. */
function ofPod(expression: string): string {
  return `label_replace(${expression}, "revision", "$1", "pod", "(.+)-deployment-.+")`;
}

/**
 * Requests to the revisions and pods of a namespace over five minutes; null where they are not counted.
 * @param agoMs how long ago the five minutes ended, 0 for now
 * @throws ResponderError what a query throws
 */
export async function requestsServed(
  prometheus: Pick<Prometheus, 'query'>,
  namespace: string,
  agoMs: number,
  signal: AbortSignal,
): Promise<readonly ServedRequests[] | null> {
  const offset = agoMs > 0 ? ` offset ${Math.round(agoMs / 1_000)}s` : '';
  const name = JSON.stringify(namespace.replaceAll(/[\\"]/g, ''));
  const rate = (of: Source, metric: string, matchers = '') =>
    `(${of.labels.map((label) => `rate(${matching(metric, [`${label}=${name}`, matchers].filter(Boolean).join(', '))}[${WINDOW}]${offset})`).join(' or ')})`;
  const all = (read: (of: Source) => string) => SOURCES.map(read).join(' or ');
  const by = 'sum by (revision, pod)';
  const [counted, failed, seconds] = await Promise.all([
    prometheus.query(`${by} (${all((of) => of.tell(rate(of, of.requests)))})`, { signal }),
    prometheus.query(`${by} (${all((of) => of.tell(rate(of, of.requests, of.serverError)))})`, { signal }),
    prometheus.query(
      all(
        (of) =>
          `histogram_quantile(0.95, sum by (le, revision, pod) (${of.tell(rate(of, of.seconds))}))${of.scale} > 0`,
      ),
      { signal },
    ),
  ]);
  if (counted.length === 0) return null;
  const keyOf = (labels: Readonly<Record<string, string>>) => `${labels.revision ?? ''}/${labels.pod ?? ''}`;
  const bad = new Map(failed.map(({ labels, value }) => [keyOf(labels), value]));
  const slow = new Map(seconds.map(({ labels, value }) => [keyOf(labels), value]));
  return counted
    .filter(({ value }) => Number.isFinite(value) && value > 0)
    .map(({ labels, value }) => ({
      namespace,
      revision: labels.revision || null,
      pod: labels.pod || null,
      perSecond: value,
      errors: Math.min(1, (bad.get(keyOf(labels)) ?? 0) / value),
      p95Seconds: finite(slow.get(keyOf(labels))),
    }));
}

function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}
