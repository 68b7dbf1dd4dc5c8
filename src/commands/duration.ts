const STEPS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const;

/** A length in milliseconds the way kubectl writes ages: `45s`, `4m`, `3h12m`, `2d4h`. */
export function ageOf(milliseconds: number): string {
  const length = Math.max(0, milliseconds);
  const at = STEPS.findIndex(([, size]) => length >= size);
  const step = STEPS[at];
  if (!step) return '0s';
  const [unit, size] = step;
  const whole = Math.floor(length / size);
  const next = STEPS[at + 1];
  const rest = next && whole < 10 && unit !== 'm' ? Math.floor((length % size) / next[1]) : 0;
  return `${whole}${unit}${next && rest > 0 ? `${rest}${next[0]}` : ''}`;
}

/** An instant as it stands in texts that are read in more than one time zone. */
export function utc(instant: number): string {
  return new Date(instant)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' UTC');
}
