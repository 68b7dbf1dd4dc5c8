import { coerceError } from '../errors.ts';
import type { Prometheus } from './openPrometheus.ts';
import { formatValue, type Unit } from './units.ts';

/** One number and the expression behind it. Null: there are no series of what it would be computed from. */
export interface Wanted {
  readonly expression: string | null;
  readonly unit: Unit;
}

/** `none`: nothing to compute it from, or nothing happened in that time; never shown as 0. */
export type Reading =
  | { readonly kind: 'value'; readonly value: number }
  | { readonly kind: 'none' }
  | { readonly kind: 'failed'; readonly message: string };

/** Reads all numbers concurrently; a failed one does not fail the others. */
export async function readAll<K extends string>(
  prometheus: Prometheus,
  wanted: Readonly<Record<K, Wanted>>,
  options: { readonly at: number; readonly signal: AbortSignal },
): Promise<Readonly<Record<K, Reading>>> {
  const names = Object.keys(wanted) as K[]; // the keys of a Record<K, ...>
  const readings = await Promise.all(names.map((name) => read(prometheus, wanted[name].expression, options)));
  const found = Object.fromEntries(names.map((name, index) => [name, readings[index]]));
  return found as Record<K, Reading>; // one reading for each name
}

async function read(
  prometheus: Prometheus,
  expression: string | null,
  options: { readonly at: number; readonly signal: AbortSignal },
): Promise<Reading> {
  if (expression === null) return { kind: 'none' };
  try {
    const [sample] = await prometheus.query(expression, options);
    return sample === undefined || Number.isNaN(sample.value)
      ? { kind: 'none' }
      : { kind: 'value', value: sample.value };
  } catch (thrown) {
    options.signal.throwIfAborted();
    const error = coerceError(thrown);
    return { kind: 'failed', message: [error.message, error.hint].filter(Boolean).join('. ') };
  }
}

/** The number of a reading; null when there is none. */
export function numberIn(reading: Reading): number | null {
  return reading.kind === 'value' ? reading.value : null;
}

/** A reading as a cell of a table. */
export function shown(reading: Reading, unit: Unit): string {
  if (reading.kind === 'value') return formatValue(reading.value, unit);
  return reading.kind === 'none' ? 'no data' : 'not read';
}
