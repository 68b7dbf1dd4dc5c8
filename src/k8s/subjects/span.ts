const SECOND = 1_000;
const UNITS: readonly (readonly [name: string, ms: number])[] = [
  ['d', 86_400 * SECOND],
  ['h', 3_600 * SECOND],
  ['m', 60 * SECOND],
  ['s', SECOND],
];

/** A length of time as people read it in a table, the two largest units: `42s`, `4m12s`, `3h10m`, `2d`. */
export function span(ms: number): string {
  let left = Math.max(0, Math.round(ms / SECOND)) * SECOND;
  const parts: string[] = [];
  for (const [name, length] of UNITS) {
    const whole = Math.floor(left / length);
    left -= whole * length;
    if (whole > 0) parts.push(`${whole}${name}`);
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.join('') || '0s';
}

/** Epoch ms of a Kubernetes time; null when it is missing or none. */
export function instant(time: string | null | undefined): number | null {
  const at = time ? Date.parse(time) : Number.NaN;
  return Number.isNaN(at) ? null : at;
}

/** The same in its largest unit alone, for narrow tables: `4m`, `3h`. */
export function coarse(ms: number): string {
  const [name, length] = UNITS.find(([, unit]) => ms >= unit) ?? ['s', SECOND];
  return `${Math.floor(Math.max(0, ms) / length)}${name}`;
}

const LENGTHS: Readonly<Record<string, number>> = { ...Object.fromEntries(UNITS), y: 365 * 86_400 * SECOND };

/** Milliseconds of a length of time as `span` and kubectl print it: `5m32s`, `3d4h`; null for what is none. */
export function lengthOf(text: string): number | null {
  const [length] = /^(?:\d+[ydhms])+/.exec(text) ?? [];
  if (length === undefined) return null;
  return [...length.matchAll(/(\d+)([ydhms])/g)].reduce(
    (sum, [, count, unit = '']) => sum + Number(count) * (LENGTHS[unit] ?? 0),
    0,
  );
}
