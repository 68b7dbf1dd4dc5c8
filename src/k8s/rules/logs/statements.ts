import type { LogLine } from '../../subjects/inventory.ts';

export type Severity = 'fatal' | 'error' | 'warning' | 'info';

/** One thing a program said: a line, or a line with its stack trace and the causes beneath it. */
export interface Statement {
  /** What it says, without time, level and logger. */
  readonly text: string;
  /** Null where the line does not say. */
  readonly severity: Severity | null;
  /** What it names as its cause, the deepest last; empty for a plain line. */
  readonly causes: readonly string[];
  readonly at: number | null;
  /** The line as it was read. */
  readonly line: string;
}

/** Lines of a stack trace, of the common languages. */
const FRAME =
  /^\s+at |^\s+\.\.\. \d+ (?:more|common frames)|^\s+File "[^"]+", line \d+|^\s+from \S+:\d+|^goroutine \d+ \[|^\s*\^+\s*$|^\s+\S+\.go:\d+ \+0x|^\S+\(.*\)$|^\s{2,}\d+: |^\s+node:|^node:internal|^Traceback \(most recent call last\)|^\s+--- End of|^stack backtrace:|^note: run with|^created by |^exit status \d+$/;
const CAUSED = /^\s*(?:Caused by|\[cause\]|Cause|Suppressed|---> ?)\s*:?\s*(.+)$/;
const HEADING = /^\s*Caused by:\s*$/;
const LISTED = /^\s+(?:\d+: )?(\S.*)$/;
const PLACE_ONLY = /panicked at \S+:\d+:\d+:$/;
const INDENTED = /^\s{2,}\S/;
const LEVELS: readonly (readonly [Severity, RegExp])[] = [
  ['fatal', /^(?:fatal|panic|emerg(?:ency)?|alert|crit(?:ical)?|F|60)$/i],
  ['error', /^(?:err(?:or)?|severe|E|50)$/i],
  ['warning', /^(?:warn(?:ing)?|W|40)$/i],
  ['info', /^(?:info|debug|trace|notice|verbose|I|D|10|20|30)$/i],
];

/** Puts lines together to what was said: JSON and logfmt read for their message, stack traces folded into the line above them. */
export function statementsOf(lines: readonly LogLine[]): readonly Statement[] {
  const found: { text: string; severity: Severity | null; causes: string[]; at: number | null; line: string }[] = [];
  // Whether only indented lines stand between this line and the heading of its list.
  let isBelowHeading = false;
  for (const [index, { at, text }] of lines.entries()) {
    const open = found.at(-1);
    const item = LISTED.exec(text)?.[1];
    const listed = isBelowHeading ? item : undefined;
    if (item === undefined) isBelowHeading = HEADING.test(text);
    // Rust names the place first, and what went wrong on the next line.
    if (open && PLACE_ONLY.test(open.text)) {
      open.text = `${open.text} ${text.trim()}`;
      continue;
    }
    // Rust's anyhow and eyre number the causes below a heading, or indent a single one.
    if (open && listed) {
      open.causes.push(strip(listed));
      continue;
    }
    if (HEADING.test(text)) continue;
    const caused = CAUSED.exec(text)?.[1];
    if (caused && open) {
      open.causes.push(strip(caused));
      continue;
    }
    if (FRAME.test(text)) continue;
    if (open && isOfCause(lines, index)) {
      open.causes.push(`${open.causes.pop()} ${text.trim()}`);
      continue;
    }
    const { message, severity, causes } = read(text);
    if (message === '') continue;
    // A continuation: source lines of a trace, the body of a multi-line message.
    if (open && INDENTED.test(text) && severity === null && !/\berror|exception\b/i.test(text)) continue;
    found.push({ text: message, severity, causes: [...causes, ...arrows(message)], at, line: text.trim() });
  }
  return found;
}

/** What an exception says may go on over lines until its frames begin. */
function isOfCause(lines: readonly LogLine[], index: number): boolean {
  const before = lines.slice(Math.max(0, index - 3), index).map(({ text }) => text);
  const after = lines.slice(index + 1, index + 4).map(({ text }) => text);
  const begun = before.findLastIndex((text) => CAUSED.test(text));
  return (
    begun >= 0 && !before.slice(begun + 1).some((text) => FRAME.test(text)) && after.some((text) => FRAME.test(text))
  );
}

/** .NET and Go put causes on one line: `A ---> B`. */
function arrows(message: string): readonly string[] {
  return message
    .split(/ ---> /)
    .slice(1)
    .map(strip);
}

interface Read {
  readonly message: string;
  readonly severity: Severity | null;
  readonly causes: readonly string[];
}

function read(text: string): Read {
  const line = text.trim();
  if (line.startsWith('{') && line.endsWith('}')) {
    const fields = fieldsOf(line);
    if (fields) return readFields(fields);
  }
  if (/(?:^|\s)(?:level|lvl|severity)=/.test(line)) return readLogfmt(line);
  const klog = /^([IWEF])\d{4} \d\d:\d\d:\d\d\.\d+\s+\d+ [\w.-]+:\d+\]\s*(.*)$/.exec(line);
  if (klog) return { message: klog[2] ?? '', severity: severityOf(klog[1]), causes: [] };
  const { rest, severity } = readPlain(line);
  return { message: rest, severity, causes: [] };
}

const MESSAGE_KEYS = ['msg', 'message', '@message', 'log', 'text', 'event', 'short_message', 'body'];
const ERROR_KEYS = ['error', 'err', 'exception', 'reason', 'cause', 'detail', 'error.message', 'stack_trace', 'stack'];

/** What a line of JSON says, with all its fields; null for any other line. */
export function jsonSaid(line: string): (Read & { readonly fields: Readonly<Record<string, unknown>> }) | null {
  const fields = fieldsOf(line);
  return fields === null ? null : { ...readFields(fields), fields };
}

function fieldsOf(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(line);
    return value === null || typeof value !== 'object' || Array.isArray(value) ? null : { ...value };
  } catch {
    return null;
  }
}

function readFields(of: Readonly<Record<string, unknown>>): Read {
  const pick = (keys: readonly string[]) => keys.map((key) => textOf(of[key])).filter((one) => one !== '');
  const level = [of.level, of.severity, of.lvl, of['log.level'], of['@level'], of.levelname].find(
    (one) => typeof one === 'string' || typeof one === 'number',
  );
  const [message = ''] = pick(MESSAGE_KEYS);
  const [error = ''] = pick(ERROR_KEYS);
  const whole = message !== '' && error !== '' && !message.includes(error) ? `${message}: ${error}` : message || error;
  const causes = [...whole.matchAll(/Caused by: ([^\n]+)/g)].map((match) => strip(match[1] ?? ''));
  const [first = ''] = whole.split('\n');
  return {
    message: first.trim(),
    severity: severityOf(level === undefined ? undefined : String(level)) ?? (error !== '' ? 'error' : null),
    causes,
  };
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value !== null && typeof value === 'object') {
    const of = value as Readonly<Record<string, unknown>>;
    return typeof of.message === 'string'
      ? of.message
      : typeof of.msg === 'string'
        ? of.msg
        : typeof of.error === 'string'
          ? of.error
          : '';
  }
  return '';
}

function readLogfmt(line: string): Read {
  const fields = new Map<string, string>();
  for (const match of line.matchAll(/([\w.@]+)=(?:"((?:[^"\\]|\\.)*)"|(\S*))/g))
    fields.set(match[1] ?? '', (match[2] ?? match[3] ?? '').replaceAll('\\"', '"'));
  const message = fields.get('msg') ?? fields.get('message') ?? '';
  const error = fields.get('error') ?? fields.get('err') ?? fields.get('reason') ?? '';
  const told = message !== '' && error !== '' ? `${message}: ${error}` : message || error || line;
  return {
    message: told,
    severity: severityOf(fields.get('level') ?? fields.get('lvl') ?? fields.get('severity')),
    causes: [],
  };
}

const TIME =
  /^[[(]?(?:\d{4}[-/]\d\d[-/]\d\d[T ]?)?(?:\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?)?(?:Z|[+-]\d\d:?\d\d)?[\])]?[\s,|-]*/;
const LEVEL =
  /^(?:[[(<]?\s*)(fatal|panic|emerg(?:ency)?|critical|crit|severe|error|err|warning|warn|notice|info|debug|trace)(?:\s*[\])>:|-])?(?=\s|$|:)[\s:|-]*/i;

function readPlain(line: string): { readonly rest: string; readonly severity: Severity | null } {
  let rest = line;
  const time = TIME.exec(rest)?.[0] ?? '';
  if (time.trim().length >= 5) rest = rest.slice(time.length);
  // A logger, thread or process may stand between the time and the level.
  const early =
    /^(?:\S+\s+){0,3}?[[(<]?\b(FATAL|PANIC|CRITICAL|CRIT|SEVERE|ERROR|ERR|WARNING|WARN|NOTICE|INFO|DEBUG|TRACE)\b[\])>]?[\s:|-]*/.exec(
      rest,
    );
  const match = LEVEL.exec(rest) ?? early;
  if (match && (time.trim().length >= 5 || match === early || /^[[(<]|^[A-Z]+\b/.test(rest))) {
    const keep = /^(?:fatal error|panic|error|fatal):/i.test(rest);
    return { rest: keep ? rest : rest.slice(match[0].length), severity: severityOf(match[1]) };
  }
  return { rest, severity: null };
}

function severityOf(word: string | undefined): Severity | null {
  return word === undefined ? null : (LEVELS.find(([, pattern]) => pattern.test(word.trim()))?.[0] ?? null);
}

/** Without the frames and the wrapper's name in front: what a cause says itself. */
function strip(text: string): string {
  return text.trim().replace(/\s+at [\w.$<>]+\(.*$/, '');
}
