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
  // An increase is extrapolated to its window: 3.04 builds are 3.
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

/**
 * The unit of what an expression yields, as far as the names of its metrics and functions tell it (the conventions of
 * https://prometheus.io/docs/practices/naming/); `plain` when they do not.
 */
export function unitOf(expression: string): Unit {
  const bare = expression.replaceAll(/"[^"]*"|'[^']*'|\{[^}]*\}/g, '');
  const [left = '', ...divisors] = topLevelQuotient(bare);
  if (divisors.length > 0) {
    const divisor = divisors.join('/').trim();
    if (!/^[\d.]+$/.test(divisor)) return 'ratio';
    return divisor === '1000' && unitOf(left) === 'milliseconds' ? 'seconds' : 'plain';
  }
  if (/^\s*(?:count|absent|absent_over_time|changes|resets)\b/.test(bare)) return 'count';
  if (/\btime\s*\(\s*\)\s*-|timestamp_seconds/.test(bare)) return 'seconds';
  if (/\bhistogram_quantile\b/.test(bare))
    return /_seconds/.test(bare)
      ? 'seconds'
      : /_latenc(?:y|ies)|_milliseconds|_ms\b/.test(bare)
        ? 'milliseconds'
        : 'plain';
  if (/_ratio\b|:ratio/.test(bare)) return 'ratio';
  const isRate = /\b(?:rate|irate|deriv)\s*\(/.test(bare) || /:rate\d+/.test(bare);
  if (/_bytes/.test(bare)) return isRate ? 'bytesPerSecond' : 'bytes';
  if (isRate) return /cpu_\w*seconds/.test(bare) ? 'plain' : 'perSecond';
  if (/_seconds(?:_sum)?\b|_seconds:/.test(bare)) return 'seconds';
  return /\bincrease\s*\(|_total\b|_count\b|_messages\b|_replicas|_pods\b|_depth\b/.test(bare) ? 'count' : 'plain';
}

/** The parts of a division outside of all brackets. */
function topLevelQuotient(text: string): readonly string[] {
  const parts: string[] = [''];
  let depth = 0;
  for (const character of text) {
    if ('([{'.includes(character)) depth += 1;
    if (')]}'.includes(character)) depth -= 1;
    if (character === '/' && depth === 0) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts;
}
