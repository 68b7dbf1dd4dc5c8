import type { MetricKind } from './goMetrics.ts';

/** What the sources of Knative's releases say. */
export interface KnativeMetrics {
  /** Releases that could not be read, and the one whose names they have. */
  readonly sameNames: Readonly<Record<string, string>>;
  /** Oldest first; a module is null where the proxy does not serve it and it was not read. */
  readonly releases: readonly {
    readonly release: string;
    readonly serving: string;
    readonly eventing: string | null;
    readonly pkg: string | null;
  }[];
  readonly metrics: readonly {
    readonly name: string;
    readonly kind: MetricKind;
    readonly releases: readonly string[];
    /** Module and path, where the name stands. */
    readonly files: readonly string[];
  }[];
}

/** `docs/knative-metrics.md`. */
export function metricsPage({ releases, metrics }: KnativeMetrics): string {
  const lines = [
    '# Metrics of Knative, by release',
    '',
    'Made by `node scripts/knativeMetrics.ts` from the sources of the Go modules; not to be edited. `knative-v1.N.P` and the module version',
    'beside it are tags of one commit.',
    '',
    '| release | knative.dev/serving | knative.dev/eventing | knative.dev/pkg |',
    '|---|---|---|---|',
    ...releases.map(
      (one) => `| ${one.release} | ${one.serving} | ${one.eventing ?? 'not read'} | ${one.pkg ?? 'not read'} |`,
    ),
    '',
    'Up to 1.18 Knative uses OpenCensus, whose exporter puts the component before each name (`knative_operator_reconcile_count`); from',
    '1.19 on OpenTelemetry. 1.19.8 is not served by the module proxy: it has the names of 1.20.1 (`kn_serving_…` for `kn_queueproxy_…`),',
    'as the releases were made from the same change. `http_server_request_duration_seconds` of the activator and the queue-proxy comes',
    "from OpenTelemetry's own instrumentation of net/http and is therefore not in this table.",
    '',
    '| metric | kind | releases | file |',
    '|---|---|---|---|',
    ...metrics.map(
      ({ name, kind, releases: has, files }) => `| \`${name}\` | ${kind} | ${span(has)} | ${files.join(', ')} |`,
    ),
    '',
  ];
  return lines.join('\n');
}

function span(releases: readonly string[]): string {
  const [first = '', last = first] = [releases[0], releases.at(-1)];
  return first === last ? first : `${first} to ${last}`;
}
