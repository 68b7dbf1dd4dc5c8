/** How Prometheus sees a metric: a histogram is `_bucket`, `_sum` and `_count`. */
export type MetricKind = 'counter' | 'gauge' | 'histogram';

/** A metric a Go file registers. */
export interface GoMetric {
  /** As Prometheus scrapes it; of OpenCensus without the component's prefix, which its exporter adds. */
  readonly name: string;
  readonly kind: MetricKind;
  /** 1-based. */
  readonly line: number;
}

const INSTRUMENT = /\.(?:Int64|Float64)(?:Observable)?(Histogram|Counter|UpDownCounter|Gauge)\(\s*"([^"]+)"/g;

/** Suffixes of units, as OpenTelemetry's exporter for Prometheus writes them; a unit in braces has none. */
const UNITS: Readonly<Record<string, string>> = { s: '_seconds', ms: '_milliseconds', By: '_bytes' };

/**
 * The instruments of OpenTelemetry in a Go source. Names become those of
 * https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/: dots are underscores, the unit is a
 * suffix, a counter ends in `_total`.
 */
export function openTelemetryMetrics(source: string): readonly GoMetric[] {
  return [...source.matchAll(INSTRUMENT)].map((match) => {
    const [all, instrument = '', name = ''] = match;
    // A call ends at a blank line or where the error is looked at; of two units the last one counts, as in Go.
    const [options = ''] = source.slice(match.index + all.length).split(/\n\s*\n|\n\s*if err/, 1);
    const unit = [...options.matchAll(/WithUnit\("([^"]*)"\)/g)].at(-1)?.[1] ?? '';
    const kind = instrument === 'Histogram' ? 'histogram' : instrument === 'Counter' ? 'counter' : 'gauge';
    const suffix = `${UNITS[unit] ?? ''}${kind === 'counter' ? '_total' : ''}`;
    return { name: name.replace(/[^a-zA-Z0-9_]/g, '_') + suffix, kind, line: lineOf(source, match.index) };
  });
}

const MEASURE = /(\w+)\s*[:=]+\s*stats\.(?:Int64|Float64)\(\s*("[^"]+"|\w+)\s*,/g;
const CONSTANT = /(\w+)\s*=\s*"([^"]+)"/g;
const VIEW = /Measure:\s*(\w+),\s*Aggregation:\s*(?:view\.)?(\w+)/g;
/** knative.dev/pkg makes the views of its work queues and clients by a function. */
const MADE_VIEW = /measureView\(\w+\.(\w+),\s*view\.(\w+)/g;

const AGGREGATIONS: Readonly<Record<string, MetricKind>> = { Count: 'counter', Sum: 'counter', LastValue: 'gauge' };

/**
 * The measures of OpenCensus in a Go source and the views that export them; `views` is further source the views may stand in.
 * A measure without a view is not exported and not returned. What is aggregated by a variable is a histogram: Knative's
 * variables are all distributions.
 */
export function openCensusMetrics(source: string, views = ''): readonly GoMetric[] {
  const constants = new Map([...source.matchAll(CONSTANT)].map(([, name = '', value = '']) => [name, value]));
  const kinds = new Map<string, MetricKind>();
  const text = `${source}\n${views}`;
  for (const [, variable = '', aggregation = ''] of [...text.matchAll(VIEW), ...text.matchAll(MADE_VIEW)])
    kinds.set(variable, AGGREGATIONS[aggregation] ?? 'histogram');
  return [...source.matchAll(MEASURE)].flatMap((match) => {
    const [, variable = '', written = ''] = match;
    const name = written.startsWith('"') ? written.slice(1, -1) : constants.get(written);
    const kind = kinds.get(variable);
    return name === undefined || kind === undefined ? [] : [{ name, kind, line: lineOf(source, match.index) }];
  });
}

function lineOf(source: string, index: number): number {
  return source.slice(0, index).split('\n').length;
}
