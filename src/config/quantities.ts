import { z } from 'zod';

const DURATION_UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const SIZE_UNITS = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 } as const;

function inUnits(text: string, units: Readonly<Record<string, number>>): number | null {
  const match = /^(\d+(?:\.\d+)?)\s*([A-Za-z]+)$/.exec(text.trim());
  const factor = match?.[2] === undefined ? undefined : units[match[2]];
  return match?.[1] === undefined || factor === undefined ? null : Math.round(Number(match[1]) * factor);
}

/** A duration as people write it (`90s`, `30m`, `4h`, `1.5d`); milliseconds after parsing. */
export const duration = z.string().transform((text, context) => {
  const value = inUnits(text, DURATION_UNITS);
  if (value !== null) return value;
  context.addIssue({
    code: 'custom',
    message: `"${text}" is not a duration; write a number with ms, s, m, h or d, such as 30m`,
  });
  return z.NEVER;
});

/** A size as people write it (`32MiB`); bytes after parsing. */
export const size = z.string().transform((text, context) => {
  const value = inUnits(text, SIZE_UNITS);
  if (value !== null) return value;
  context.addIssue({
    code: 'custom',
    message: `"${text}" is not a size; write a number with B, KiB, MiB or GiB, such as 32MiB`,
  });
  return z.NEVER;
});

/** `750 ms`, `30m`, `4h`: the shortest way to write a duration that {@link duration} reads back. */
export function writeDuration(milliseconds: number): string {
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    if (milliseconds > 0 && milliseconds % DURATION_UNITS[unit] === 0)
      return `${milliseconds / DURATION_UNITS[unit]}${unit}`;
  }
  return `${milliseconds}ms`;
}

/** `512B`, `32MiB`: the shortest way to write a size that {@link size} reads back. */
export function writeSize(bytes: number): string {
  for (const unit of ['GiB', 'MiB', 'KiB'] as const) {
    if (bytes > 0 && bytes % SIZE_UNITS[unit] === 0) return `${bytes / SIZE_UNITS[unit]}${unit}`;
  }
  return `${bytes}B`;
}
