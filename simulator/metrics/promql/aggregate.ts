import type { SeriesLabels } from '../store.ts';
import { PromqlError } from './ast.ts';
import type { Sample } from './value.ts';
import { labelKey, omit, pick, withoutName } from './value.ts';

export interface Grouping {
  readonly mode: 'by' | 'without';
  readonly labels: readonly string[];
}

/** `sum by (x) (...)` and its kin; `parameter` is the k of topk and the q of quantile. */
export function aggregate(
  op: string,
  grouping: Grouping,
  samples: readonly Sample[],
  parameter: number,
): readonly Sample[] {
  const groups = new Map<string, { labels: SeriesLabels; samples: Sample[] }>();
  for (const sample of samples) {
    const bare = withoutName(sample.labels);
    const labels = grouping.mode === 'by' ? pick(sample.labels, grouping.labels) : omit(bare, grouping.labels);
    const key = labelKey(labels);
    const group = groups.get(key) ?? { labels, samples: [] };
    groups.set(key, group);
    group.samples.push(sample);
  }
  return [...groups.values()].flatMap((group) => {
    if (op === 'topk' || op === 'bottomk') return extreme(op, group.samples, parameter);
    return [
      {
        labels: group.labels,
        value: combine(
          op,
          group.samples.map((one) => one.value),
          parameter,
        ),
      },
    ];
  });
}

function extreme(op: 'topk' | 'bottomk', samples: readonly Sample[], count: number): readonly Sample[] {
  const sign = op === 'topk' ? -1 : 1;
  return [...samples].sort((a, b) => sign * (a.value - b.value)).slice(0, Math.max(0, Math.trunc(count)));
}

function combine(op: string, values: readonly number[], parameter: number): number {
  const total = values.reduce((sum, value) => sum + value, 0);
  if (op === 'sum') return total;
  if (op === 'min') return Math.min(...values);
  if (op === 'max') return Math.max(...values);
  if (op === 'avg') return total / values.length;
  if (op === 'count') return values.length;
  if (op === 'group') return 1;
  if (op === 'quantile') return quantile(parameter, values);
  if (op === 'stddev') {
    const mean = total / values.length;
    return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  }
  throw new PromqlError(`aggregation ${op} is not supported here`);
}

function quantile(q: number, values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = q * (sorted.length - 1);
  const low = sorted[Math.max(0, Math.floor(rank))] ?? Number.NaN;
  const high = sorted[Math.min(sorted.length - 1, Math.ceil(rank))] ?? Number.NaN;
  return low + (high - low) * (rank - Math.floor(rank));
}

/** `histogram_quantile(q, buckets)` over classic histograms: one result for each label set apart from `le`. */
export function histogramQuantile(q: number, samples: readonly Sample[]): readonly Sample[] {
  const groups = new Map<string, { labels: SeriesLabels; buckets: { le: number; count: number }[] }>();
  for (const sample of samples) {
    const le = sample.labels.le;
    if (le === undefined) continue;
    const labels = omit(withoutName(sample.labels), ['le']);
    const key = labelKey(labels);
    const group = groups.get(key) ?? { labels, buckets: [] };
    groups.set(key, group);
    group.buckets.push({ le: le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le), count: sample.value });
  }
  return [...groups.values()].map(({ labels, buckets }) => ({ labels, value: ofBuckets(q, buckets) }));
}

function ofBuckets(q: number, unsorted: readonly { le: number; count: number }[]): number {
  const buckets = [...unsorted].sort((a, b) => a.le - b.le);
  const last = buckets.at(-1);
  if (!last || last.le !== Number.POSITIVE_INFINITY || buckets.length < 2 || !(last.count > 0)) return Number.NaN;
  if (q < 0) return Number.NEGATIVE_INFINITY;
  if (q > 1) return Number.POSITIVE_INFINITY;
  const rank = q * last.count;
  const index = buckets.findIndex((bucket) => bucket.count >= rank);
  const found = buckets[index] ?? last;
  if (found === last) return buckets.at(-2)?.le ?? Number.NaN;
  const before = buckets[index - 1] ?? { le: 0, count: 0 };
  if (index === 0 && found.le <= 0) return found.le;
  return before.le + ((found.le - before.le) * (rank - before.count)) / (found.count - before.count);
}
