/** What a number counts. `ratio` is shown as a percentage; `plain` has no unit that is known. */
export type Unit = 'ratio' | 'seconds' | 'milliseconds' | 'bytes' | 'bytesPerSecond' | 'perSecond' | 'count' | 'plain';

const BINARY = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;
const LARGE = ['', 'k', 'M', 'G', 'T', 'P'] as const;

/** A number for people: three significant digits, with its unit. What is not a number says so. */
export function formatValue(value: number, unit: Unit): string {
  if (Number.isNaN(value)) return 'no data';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (unit === 'ratio') return `${digits(value * 100)}%`;
  if (unit === 'seconds') return duration(value);
  if (unit === 'milliseconds') return duration(value / 1000);
  if (unit === 'bytes' || unit === 'bytesPerSecond')
    return `${scaled(value, 1024, BINARY, ' ')}${unit === 'bytes' ? '' : '/s'}`;
  if (unit === 'perSecond') return `${scaled(value, 1000, LARGE, '')}/s`;
  // An increase is extrapolated to its window, so a count of 3 arrives as 3.04.
  const size = Math.abs(value);
  return scaled(unit === 'count' && size >= 1 && size < 1000 ? Math.round(value) : value, 1000, LARGE, '');
}

function scaled(value: number, base: number, names: readonly string[], gap: string): string {
  let size = Math.abs(value);
  let step = 0;
  while (size >= base && step < names.length - 1) {
    size /= base;
    step += 1;
  }
  const name = names[step] ?? '';
  return `${digits(value / base ** step)}${name === '' ? '' : gap}${name}`;
}

function duration(seconds: number): string {
  const size = Math.abs(seconds);
  if (size === 0) return '0 s';
  if (size < 1e-3) return `${digits(seconds * 1e6)} µs`;
  if (size < 1) return `${digits(seconds * 1000)} ms`;
  if (size < 120) return `${digits(seconds)} s`;
  if (size < 7_200) return `${digits(seconds / 60)} min`;
  if (size < 172_800) return `${digits(seconds / 3600)} h`;
  return `${digits(seconds / 86_400)} d`;
}

/** Three significant digits without trailing zeros; whole numbers below a thousand stay whole. */
function digits(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size < 1e-4 || size >= 1e15) return value.toExponential(1);
  // 99.95% is not 100%: what is close to a whole number keeps the digits that tell it from it.
  const places = size >= 99 && size < 100 ? 3 : Math.max(0, 2 - Math.floor(Math.log10(size)));
  return String(Number(value.toFixed(Math.min(places, 8))));
}
