const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};

/** Milliseconds of a duration as Prometheus and Alertmanager write it (`1h30m`, `0`); null when it is none. */
export function durationMs(text: string): number | null {
  if (text === '0') return 0;
  if (!/^(?:\d+(?:ms|[smhdwy]))+$/.test(text)) return null;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+)(ms|[smhdwy])/g))
    total += Number(amount) * (UNITS[unit ?? ''] ?? 0);
  return total;
}
