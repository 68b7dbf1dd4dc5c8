import { ResponderError } from '../../errors.ts';

/** How many series a metric has in one scrape, and its label with the most values. */
export interface Cardinality {
  readonly metric: string;
  readonly series: number;
  readonly widestLabel: { readonly name: string; readonly values: number } | null;
}

const MAX_BYTES = 256 * 1024 * 1024;
const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+\S+/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;
const MAX_VALUES = 100_000;

/** Counts the series of a text exposition (Prometheus or OpenMetrics), most first. Lines that are none are skipped. */
export function cardinalityOf(exposition: string): readonly Cardinality[] {
  const metrics = new Map<string, { series: number; labels: Map<string, Set<string>> }>();
  for (let at = 0; at < exposition.length; ) {
    const end = exposition.indexOf('\n', at);
    const line = exposition.slice(at, end < 0 ? exposition.length : end);
    at = end < 0 ? exposition.length : end + 1;
    const match = line.startsWith('#') ? null : LINE.exec(line);
    if (!match?.[1]) continue;
    const metric = metrics.get(match[1]) ?? { series: 0, labels: new Map<string, Set<string>>() };
    metrics.set(match[1], metric);
    metric.series += 1;
    for (const [, name = '', value = ''] of (match[2] ?? '').matchAll(LABEL)) {
      const values = metric.labels.get(name) ?? new Set<string>();
      metric.labels.set(name, values);
      if (values.size < MAX_VALUES) values.add(value);
    }
  }
  return [...metrics.entries()]
    .map(([metric, { series, labels }]) => {
      const widest = [...labels.entries()].sort((a, b) => b[1].size - a[1].size)[0];
      return { metric, series, widestLabel: widest ? { name: widest[0], values: widest[1].size } : null };
    })
    .sort((a, b) => b.series - a.series || (a.metric < b.metric ? -1 : 1));
}

/**
 * Fetches what a scraper would. Throws ResponderError `bad_input` for a wrong address, `timeout`, `unreachable`,
 * `unavailable` for an answer that is not 200, with the address in words.
 */
export async function fetchExposition(url: string, timeoutMs = 30_000): Promise<string> {
  if (!URL.canParse(url))
    throw new ResponderError('bad_input', `${url} is not a URL`, { hint: 'For example http://host:9090/metrics' });
  let response: Response;
  try {
    response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
  } catch (thrown) {
    const slow = thrown instanceof Error && thrown.name === 'TimeoutError';
    throw new ResponderError(slow ? 'timeout' : 'unreachable', `${url} does not answer`, { cause: thrown });
  }
  if (!response.ok || !response.body) throw new ResponderError('unavailable', `${url} answered ${response.status}`);
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > MAX_BYTES) throw new ResponderError('bad_input', `${url} sends more than 256 MiB`);
  }
  return text + decoder.decode();
}
