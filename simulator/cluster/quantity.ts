const SUFFIXES: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
  Ti: 1024 ** 4,
};

/** A resource quantity as a number: `500m` is 0.5, `4Gi` is 4294967296. What does not parse is 0. */
export function quantity(value: unknown): number {
  if (typeof value === 'number') return value;
  const match = /^([0-9.]+)([A-Za-z]*)$/.exec(typeof value === 'string' ? value : '');
  const factor = SUFFIXES[match?.[2] ?? ''];
  return match && factor !== undefined ? Number(match[1]) * factor : 0;
}
