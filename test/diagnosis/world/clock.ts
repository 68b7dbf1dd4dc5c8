/** Moments of a story, told backwards from the moment of the recording. */

const UNIT: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A length of time as one writes it: `45s`, `10m`, `1h30m`, `3d`. */
export type Span = string;

/** Milliseconds of a span; throws on anything else, so that a misspelt story fails at once. */
export function millis(span: Span): number {
  const parts = [...span.matchAll(/(\d+)([smhd])/g)];
  if (parts.length === 0 || parts.map(([whole]) => whole).join('') !== span)
    throw new Error(`no span of time: ${span}`);
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UNIT[unit ?? ''] ?? 0), 0);
}

/** RFC 3339 without fractions, as metav1.Time is written. */
export function instant(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

/** RFC 3339 with six digits, as metav1.MicroTime (leases) is written. */
export function microInstant(at: number): string {
  return new Date(at).toISOString().replace('Z', '000Z');
}
