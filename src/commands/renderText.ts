import type { Finding } from '../incidents/evidence.ts';
import { columnsOf } from './columns.ts';
import type { Reply } from './reply.ts';

export interface TextOptions {
  /** Width to wrap prose at; infinite wraps nothing, for a pipe; tables and log lines stay whole, as kubectl leaves them. */
  readonly columns: number;
  /** ANSI colours; only for a terminal. */
  readonly color: boolean;
}

const COLOURS = { red: 31, green: 32, yellow: 33, blue: 34, dim: 2, bold: 1 } as const;
type Paint = (colour: keyof typeof COLOURS, text: string) => string;

const TONES = {
  ok: ['green', 'ok'],
  notice: ['blue', 'note'],
  warning: ['yellow', 'warning'],
  error: ['red', 'error'],
} as const;
const LEVELS = { critical: 'red', warning: 'yellow', notice: 'blue', ok: 'green' } as const;

/** Control characters, with which a label could rewrite the reader's screen; newlines and tabs are dealt with apart. */
const CONTROLS = /(?![\n\t])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/gu;

/** A reply for a terminal. Everything in it that came from outside is stripped of control characters. Ends with a newline. */
export function renderText(reply: Reply, options: TextOptions): string {
  const paint: Paint = (colour, text) => (options.color ? `\u001b[${COLOURS[colour]}m${text}\u001b[0m` : text);
  const width = Number.isFinite(options.columns) ? Math.max(30, Math.min(options.columns, 140)) : options.columns;
  const parts = [
    header(reply, paint, width),
    reply.findings.map((finding) => findingText(finding, paint, width)).join('\n'),
    tableText(reply, paint),
    (reply.lines ?? []).map(clean).join('\n'),
    fileText(reply),
    footer(reply, paint, width),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function header(reply: Reply, paint: Paint, width: number): string {
  const [colour, word] = TONES[reply.tone];
  const stamp = reply.simulated ? `${paint('yellow', 'SIMULATED')} ` : '';
  const sign = reply.tone === 'ok' ? '' : `${paint(colour, `${word}:`)} `;
  const assumed = reply.assumed.map((one) => {
    const how = one.override === null ? '' : `; change with ${clean(one.override)}`;
    return paint('dim', `${clean(one.what)} ${clean(one.value)} (${clean(one.from)}${how})`);
  });
  const summary = wrap(clean(reply.summary), width);
  return [`${stamp}${sign}${paint('bold', clean(reply.title))}`, ...(summary === '' ? [] : [summary]), ...assumed].join(
    '\n',
  );
}

function findingText(finding: Finding, paint: Paint, width: number): string {
  const many = finding.count > 1 ? ` (${finding.count} objects)` : '';
  const where = finding.subject.namespace === null ? '' : ` -n ${finding.subject.namespace}`;
  const subject = clean(`${finding.subject.kind}/${finding.subject.name}${where}`);
  const next = finding.nextStep === null ? [] : [wrap(`  next: ${clean(finding.nextStep)}`, width, '        ')];
  return [
    `${paint(LEVELS[finding.level], finding.level.toUpperCase())} ${finding.confidence}: ${clean(finding.conclusion)}${many}`,
    `  ${subject}`,
    ...finding.because.map((line) => paint('dim', `  | ${clean(line)}`)),
    ...next,
  ].join('\n');
}

function tableText(reply: Reply, paint: Paint): string {
  if (!reply.table) return '';
  if (reply.table.rows.length === 0) return 'No rows.';
  const cells = (row: readonly string[]) => row.map((cell) => clean(cell).replaceAll(/[\n\t]/g, ' '));
  const [head, ...rows] = columnsOf(cells(reply.table.columns), reply.table.rows.map(cells));
  const cut =
    reply.table.total > reply.table.rows.length ? [`${reply.table.rows.length} of ${reply.table.total} rows`] : [];
  return [paint('bold', head ?? ''), ...rows, ...cut].join('\n');
}

/** A file that is the whole answer (a post-mortem); one that only repeats the table is for Slack. */
function fileText(reply: Reply): string {
  if (!reply.file || reply.table || reply.lines || typeof reply.file.content !== 'string') return '';
  return clean(reply.file.content).trimEnd();
}

function footer(reply: Reply, paint: Paint, width: number): string {
  const notes = reply.notes.map((note) => wrap(paint('dim', `note: ${clean(note)}`), width, '      '));
  const next = reply.next.map((one) => `try: ${clean(one.command)}`);
  return [...notes, ...next].join('\n');
}

function clean(text: string): string {
  return text.replaceAll(CONTROLS, '');
}

function wrap(text: string, width: number, indent = ''): string {
  return text
    .split('\n')
    .flatMap((line) => wrapLine(line, width, indent))
    .join('\n');
}

function wrapLine(line: string, width: number, indent: string): readonly string[] {
  const rows: string[] = [];
  let row = /^ */.exec(line)?.[0] ?? '';
  let empty = true;
  for (const word of line.trim().split(/ +/)) {
    if (!empty && row.length + 1 + word.length > width) {
      rows.push(row);
      row = indent;
      empty = true;
    }
    row += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...rows, row];
}
