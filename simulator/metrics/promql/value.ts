import type { SeriesLabels } from '../store.ts';

export interface Sample {
  /** `__name__` included while the operation keeps it. */
  readonly labels: SeriesLabels;
  readonly value: number;
}

export interface RangeSample {
  readonly labels: SeriesLabels;
  /** Epoch milliseconds and value, in time order. */
  readonly points: readonly (readonly [number, number])[];
  /** The window the points were taken from. */
  readonly from: number;
  readonly to: number;
}

export type Value =
  | { readonly type: 'scalar'; readonly value: number }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'vector'; readonly samples: readonly Sample[] }
  | { readonly type: 'matrix'; readonly ranges: readonly RangeSample[] };

export function withoutName(labels: SeriesLabels): SeriesLabels {
  if (!('__name__' in labels)) return labels;
  const { __name__: _name, ...rest } = labels;
  return rest;
}

/** The identity of a label set. */
export function labelKey(labels: SeriesLabels): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Only these labels, those that are present. */
export function pick(labels: SeriesLabels, names: readonly string[]): SeriesLabels {
  return Object.fromEntries(
    names.filter((name) => (labels[name] ?? '') !== '').map((name) => [name, labels[name] ?? '']),
  );
}

/** All labels but these. */
export function omit(labels: SeriesLabels, names: readonly string[]): SeriesLabels {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !names.includes(name)));
}
