import type { Unit } from '../units.ts';

export interface Axis {
  readonly min: number;
  readonly max: number;
  readonly interval: number;
}

const SECONDS = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 14_400, 21_600, 43_200, 86_400,
] as const;

/**
 * An axis that holds all values, with about four round steps in the unit people count in (MiB, minutes, whole pods).
 * It begins at 0 unless that would flatten the line.
 */
export function axisOf(values: readonly number[], unit: Unit): Axis {
  if (values.length === 0) return { min: 0, max: 1, interval: 0.25 };
  let low = Math.min(...values);
  let high = Math.max(...values);
  if (low === high) {
    // A single value, or only a threshold: the axis includes 0.
    low = Math.min(0, low * 1.5);
    high = Math.max(0, high * 1.5) || (low < 0 ? 0 : 1);
  } else if (low > 0 && low < high * 0.6) low = 0;
  else if (high < 0 && high > low * 0.6) high = 0;
  const interval = roundStep((high - low) / 4, unit);
  const min = Math.floor(low / interval + 1e-9) * interval;
  let max = Math.ceil(high / interval - 1e-9) * interval;
  // The highest point, and the label of a threshold, are not at the very edge.
  if (max - high < interval * 0.15 && high > 0) max += interval;
  return { min, max, interval };
}

/** A round step for an axis of times, milliseconds in and out: about five labels. */
export function timeStep(span: number): number {
  return (SECONDS.find((step) => step * 1000 * 6.5 >= span) ?? 86_400) * 1000;
}

function roundStep(raw: number, unit: Unit): number {
  if (unit === 'count') return Math.max(1, decimalStep(raw));
  if (unit === 'bytes' || unit === 'bytesPerSecond') {
    const power = 1024 ** Math.max(0, Math.floor(Math.log(Math.max(raw, 1)) / Math.log(1024)));
    return decimalStep(raw / power) * power;
  }
  if (unit === 'seconds' && raw > 1) return SECONDS.find((step) => step >= raw) ?? Math.ceil(raw / 86_400) * 86_400;
  return decimalStep(raw);
}

/** 1, 2, 2.5 or 5 times a power of ten. */
function decimalStep(raw: number): number {
  const power = 10 ** Math.floor(Math.log10(raw));
  const factor = [1, 2, 2.5, 5, 10].find((candidate) => candidate * power >= raw * 0.999) ?? 10;
  return factor * power;
}
