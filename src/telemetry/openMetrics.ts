import type { Registry, RegistryContentType } from 'prom-client';

export const OPEN_METRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

/** A sample as prom-client has it; its types leave out the last two. */
interface Sample {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
  readonly metricName?: string;
  readonly exemplar?: {
    readonly labelSet: Readonly<Record<string, string>>;
    readonly value: number;
    /** Epoch seconds. */
    readonly timestamp: number;
  } | null;
}

/**
 * Whether a scraper takes OpenMetrics, as Prometheus says it does in `Accept` (https://www.rfc-editor.org/rfc/rfc9110#name-accept).
 * Only there is a place for exemplars.
 */
export function takesOpenMetrics(accept: string | undefined): boolean {
  return (accept ?? '').split(',').some((one) => {
    const [type = '', ...parameters] = one.split(';').map((part) => part.trim().toLowerCase());
    return type === 'application/openmetrics-text' && !parameters.some((part) => /^q=0(?:\.0*)?$/.test(part));
  });
}

/**
 * All metrics of a registry as OpenMetrics 1.0 (https://prometheus.io/docs/specs/om/open_metrics_spec/), with the exemplars
 * of histograms. Written here, for prom-client renames its counters for good when it is asked for this form, and the next
 * scrape in the older one would lose their `_total`.
 */
export async function openMetrics(registry: Registry<RegistryContentType>): Promise<string> {
  const read = await registry.getMetricsAsJSON();
  const lines = read.flatMap(({ name, help, type, values }) => {
    // It is a word, whatever prom-client's types say.
    const isCounter = String(type) === 'counter';
    const family = isCounter ? name.replace(/_total$/, '') : name;
    return [
      `# HELP ${family} ${escaped(help)}`,
      `# TYPE ${family} ${type}`,
      // Samples of prom-client 15, see above.
      ...(values as readonly Sample[]).map((one) => {
        const sampled = one.metricName ?? (isCounter ? `${family}_total` : name);
        const { exemplar: told } = one;
        const example = told ? ` # {${labelsOf(told.labelSet)}} ${numberOf(told.value)} ${told.timestamp}` : '';
        const labels = labelsOf(one.labels);
        return `${sampled}${labels === '' ? '' : `{${labels}}`} ${numberOf(one.value)}${example}`;
      }),
    ];
  });
  return `${[...lines, '# EOF'].join('\n')}\n`;
}

function labelsOf(labels: Readonly<Record<string, string | number>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(String(value))}"`)
    .join(',');
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}

function numberOf(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}
