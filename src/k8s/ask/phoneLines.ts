import { counted } from '../../wording/counts.ts';
import { jsonSaid } from '../rules/logs/statements.ts';
import type { Phone } from './phone.ts';

/** Fields of a JSON line that hold its moment, by the loggers' usual names. */
const TIMES = ['time', 'ts', 'timestamp', '@timestamp', 't', 'asctime'];

/** Lines of a log: of a JSON line `time level message`, any other as it is. */
export const logsOnPhone: Phone = ({ lines }) => ({ rows: null, lines: lines?.map(shortLine) ?? null, left: null });

/** `[pod] {"level":"error","ts":1767225600,"msg":"boom"}` as `[pod] 00:00:00 error boom`. */
function shortLine(line: string): string {
  const [, source = '', text = ''] = /^(\[[^\]]+\] )?(.*)$/s.exec(line) ?? [];
  const said = text.startsWith('{') ? jsonSaid(text) : null;
  if (said === null || said.message === '') return line;
  return `${source}${[clockTime(said.fields), said.severity, said.message].filter(Boolean).join(' ')}`;
}

/** The time of day in UTC, as far as the line tells; a number is seconds, or milliseconds when it is too large for those. */
function clockTime(fields: Readonly<Record<string, unknown>>): string | null {
  const value = TIMES.map((name) => fields[name]).find((one) => typeof one === 'string' || typeof one === 'number');
  if (value === undefined) return null;
  const at = typeof value === 'number' ? value * (value < 1e11 ? 1000 : 1) : Date.parse(String(value));
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? null : date.toISOString().slice(11, 19);
}

/** `6x BackOff pod/x: message, 23s ago`: the same of the same object once, warnings first, the newest of each first. */
export const eventsOnPhone: Phone = ({ table }) => {
  if (table === null) return { rows: null, lines: null, left: null };
  const groups = new Map<string, { times: number; readonly warning: boolean; readonly text: string; last: string }>();
  const indexOf = (head: string) => table.columns.indexOf(head);
  // The API server prints them by time, the newest last.
  for (const row of table.rows.toReversed()) {
    const cell = (head: string) => row[indexOf(head)] ?? '';
    const place = cell('NAMESPACE') === '' ? '' : `${cell('NAMESPACE')}/`;
    const text = `${cell('REASON')} ${place}${cell('OBJECT')}: ${cell('MESSAGE')}`;
    const times = Number(cell('COUNT')) || 1;
    const known = groups.get(text);
    if (known) known.times += times;
    else groups.set(text, { times, warning: cell('TYPE') === 'Warning', text, last: cell('LAST SEEN') });
  }
  const all = [...groups.values()];
  const warnings = all.filter(({ warning }) => warning);
  const shown = warnings.length > 0 ? warnings : all;
  const hidden = all.length - shown.length;
  return {
    rows: shown.map(({ times, text, last }) => `${times > 1 ? `${times}x ` : ''}${text}${ago(last)}`),
    lines: null,
    left: hidden === 0 ? null : `${counted(hidden, 'other event')} not shown`,
  };
};

/** The server prints an age (`3m21s`), an event of `events.k8s.io` may have none. */
function ago(seen: string): string {
  if (seen === '' || /^<|unknown/.test(seen)) return '';
  return /\d[smhdy]$/.test(seen) ? `, ${seen} ago` : `, ${seen}`;
}
