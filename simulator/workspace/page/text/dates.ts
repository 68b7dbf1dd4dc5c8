const DAY_MS = 86_400_000;

/** Fills Slack's date tokens (`{date_short} {time}`) in the reader's zone; undefined for a time that is none. */
export function formatDate(seconds: number, format: string): string | undefined {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return undefined;
  const show = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(undefined, options).format(date);
  const pretty = prettyDay(date);
  const tokens: Record<string, () => string> = {
    date_num: () => date.toLocaleDateString('sv-SE'),
    date_slash: () => show({ dateStyle: 'short' }),
    date: () => show({ month: 'long', day: 'numeric', year: 'numeric' }),
    date_short: () => show({ month: 'short', day: 'numeric', year: 'numeric' }),
    date_long: () => show({ weekday: 'long', month: 'long', day: 'numeric', year: 'numeric' }),
    date_pretty: () => pretty ?? show({ month: 'long', day: 'numeric', year: 'numeric' }),
    date_short_pretty: () => pretty ?? show({ month: 'short', day: 'numeric', year: 'numeric' }),
    date_long_pretty: () => pretty ?? show({ weekday: 'long', month: 'long', day: 'numeric', year: 'numeric' }),
    time: () => show({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }),
    time_secs: () => show({ hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }),
    ago: () => ago(date),
  };
  return format.replace(/\{(\w+)\}/g, (whole, name) => tokens[name]?.() ?? whole);
}

/** The time of a message, e.g. `14:03`. */
export function clockTime(ts: string): string {
  return formatDate(Number(ts), '{time}') ?? '';
}

/** The whole time of a message, for those who hover or listen. */
export function fullTime(ts: string): string {
  return formatDate(Number(ts), '{date_long} {time_secs}') ?? '';
}

/** `Today`, `Yesterday` or the date. */
export function dayOf(ts: string): string {
  const text = formatDate(Number(ts), '{date_long_pretty}') ?? '';
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** `3 minutes ago`. */
export function ago(date: Date): string {
  const format = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });
  const seconds = Math.round((date.getTime() - Date.now()) / 1000);
  if (Math.abs(seconds) < 60) return format.format(seconds, 'second');
  if (Math.abs(seconds) < 3_600) return format.format(Math.round(seconds / 60), 'minute');
  if (Math.abs(seconds) < 86_400) return format.format(Math.round(seconds / 3_600), 'hour');
  return format.format(Math.round(seconds / 86_400), 'day');
}

function prettyDay(date: Date): string | undefined {
  const start = (of: Date) => new Date(of.getFullYear(), of.getMonth(), of.getDate()).getTime();
  const days = Math.round((start(date) - start(new Date())) / DAY_MS);
  return { 0: 'today', [-1]: 'yesterday', 1: 'tomorrow' }[days];
}
