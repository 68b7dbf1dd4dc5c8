/** Lengths of time in words. All take milliseconds; a negative length counts as none. */

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;

/** `42s`, `4m12s`, `3h10m`, `2d`: the two largest units, for tables. */
export function compact(ms: number): string {
  const parts = largest(ms);
  return parts.map(({ amount, unit }) => `${amount}${unit}`).join('') || '0s';
}

/** `4m`, `3h`: the largest unit alone, for narrow tables. */
export function coarse(ms: number): string {
  const [unit, size] = UNITS.find(([, length]) => ms >= length) ?? ['s', 1_000];
  return `${Math.floor(Math.max(0, ms) / size)}${unit}`;
}

/** `1 d 2 h`, `4 h 5 min`, `12 min 3 s`, `40 s`: the two largest units, for sentences that have to be exact. */
export function exact(ms: number): string {
  const parts = largest(ms);
  return parts.map(({ amount, unit }) => `${amount} ${unit === 'm' ? 'min' : unit}`).join(' ') || '0 s';
}

/** `12 min`, `4 h`, `2 d`, as a person would say it: never less than a minute, hours from two on, days from two on. */
export function spoken(ms: number): string {
  const minutes = Math.max(1, Math.round(ms / 60_000));
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} d`;
}

/** `15 s`, `0.5 s`. */
export function seconds(ms: number): string {
  return `${ms / 1_000} s`;
}

/** Milliseconds of a length of time as {@link compact} and kubectl print it: `5m32s`, `3d4h`; null for what is none. */
export function lengthOf(text: string): number | null {
  const [length] = /^(?:\d+[ydhms])+/.exec(text) ?? [];
  if (length === undefined) return null;
  const units: ReadonlyMap<string, number> = new Map([...UNITS, ['y', 365 * 86_400_000]]);
  return [...length.matchAll(/(\d+)([ydhms])/g)].reduce(
    (sum, [, count, unit = '']) => sum + Number(count) * (units.get(unit) ?? 0),
    0,
  );
}

/** The two largest units that follow each other, the second only where it is not 0. */
function largest(ms: number): readonly { readonly amount: number; readonly unit: string }[] {
  const whole = Math.max(0, Math.round(ms / 1_000)) * 1_000;
  const from = UNITS.findIndex(([, size]) => whole >= size);
  if (from < 0) return [];
  return UNITS.slice(from, from + 2)
    .map(([unit, size], index) => {
      const above = index === 0 ? whole : whole % (UNITS[from]?.[1] ?? 1);
      return { amount: Math.floor(above / size), unit };
    })
    .filter(({ amount }) => amount > 0);
}
