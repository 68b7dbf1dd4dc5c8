/**
 * Expands the part of Prometheus's alert templates that the shipped rules use: `{{ $labels.x }}`, `{{ $value }}` and
 * `{{ $value | f }}` with humanize, humanizeDuration, humanizePercentage or printf. Anything else is left as it is,
 * so that a template this cannot expand is seen instead of silently dropped.
 */
export function expandTemplate(template: string, labels: Readonly<Record<string, string>>, value: number): string {
  return template.replace(/\{\{\s*(.+?)\s*\}\}/g, (whole, expression: string) => {
    const label = /^\$labels\.(\w+)$/.exec(expression);
    if (label?.[1]) return labels[label[1]] ?? '';
    if (expression === '$value') return String(value);
    const printed = /^\$value \| printf "%\.(\d)f"$/.exec(expression);
    if (printed?.[1]) return value.toFixed(Number(printed[1]));
    if (expression === '$value | humanizePercentage') return `${significant(value * 100)}%`;
    if (expression === '$value | humanizeDuration') return duration(value);
    if (expression === '$value | humanize') return humanize(value);
    return whole;
  });
}

function significant(value: number): string {
  return String(Number(value.toPrecision(4)));
}

function humanize(value: number): string {
  if (!Number.isFinite(value) || Math.abs(value) < 1000) return significant(value);
  const steps = ['', 'k', 'M', 'G', 'T', 'P'];
  let at = 0;
  let rest = value;
  while (Math.abs(rest) >= 1000 && at < steps.length - 1) {
    rest /= 1000;
    at += 1;
  }
  return `${significant(rest)}${steps[at]}`;
}

function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return String(seconds);
  if (Math.abs(seconds) < 1) return `${significant(seconds * 1000)}ms`;
  if (Math.abs(seconds) < 60) return `${significant(seconds)}s`;
  const whole = Math.trunc(Math.abs(seconds));
  const parts = [
    [Math.trunc(whole / 86_400), 'd'],
    [Math.trunc(whole / 3600) % 24, 'h'],
    [Math.trunc(whole / 60) % 60, 'm'],
    [whole % 60, 's'],
  ] as const;
  const first = parts.findIndex(([amount]) => amount > 0);
  return `${seconds < 0 ? '-' : ''}${parts
    .slice(first)
    .map(([amount, unit]) => `${amount}${unit}`)
    .join(' ')}`;
}
