import type { Button, KnownBlock } from '@slack/types';
import type { Reply, ReplyFile, Suggestion } from '../../commands/reply.ts';
import type { Finding } from '../../incidents/evidence.ts';
import { FIXED_RULES } from '../../incidents/policy.ts';
import { adviceLine, commandsIn } from './advice.ts';
import { actions, button, context, LIMITS, type Rendered, section, sizeOf } from './blocks.ts';
import { code, cutEscaped, escapeMrkdwn, oneLine, pathLine, prose, userMention } from './mrkdwn.ts';
import { encodePress, PRESS_PREFIX } from './press.ts';
import { codeLines, codeTable, fullTable } from './table.ts';

/** How an answer is shown. */
export interface ReplyPlace {
  /** Slack id of who asked; null for automatic work. */
  readonly asker: string | null;
  /** What was run, shown above the answer; null when it is no command. */
  readonly command: string | null;
  /** Files can follow (not in a message only the asker sees). */
  readonly files: boolean;
  /** That the files are elsewhere and where, or why they are nowhere, as mrkdwn; null or absent when there are none. */
  readonly filesAt?: string | null;
  /** Most characters of the message; the first look has 2,500. */
  readonly budget: number;
}

export interface RenderedReply extends Rendered {
  /** The file the command made, and the full text behind what was cut where that file does not hold it. */
  readonly files: readonly ReplyFile[];
}

const TONE = { ok: '', notice: 'ℹ️ ', warning: '⚠️ ', error: '❌ ' } as const;
const LEVEL = { critical: '🔴', warning: '🟠', notice: '🔵', ok: '🟢' } as const;
/** From everything to the least, until the message is within its budget. */
const DETAIL = [
  { findings: 8, because: 2, rows: 12, lines: 25 },
  { findings: 5, because: 1, rows: 12, lines: 18 },
  { findings: 4, because: 1, rows: 8, lines: 10 },
  { findings: 3, because: 0, rows: 5, lines: 6 },
  { findings: 2, because: 0, rows: 3, lines: 3 },
  { findings: 1, because: 0, rows: 0, lines: 0 },
] as const;
type Detail = (typeof DETAIL)[number];

const TABLE_COLUMNS = FIXED_RULES.messages.columns;
const LOG_COLUMNS = 120;
/** Most characters of one row as a phone shows it. */
const PHONE_LINE = 220;
/** Most characters of a summary's line or of a finding's sentence. */
const CONCLUSION = 600;

/**
 * An answer: summary first, then what was concluded, then a table of at most 12 rows of 44 columns (worst first) or
 * about 25 lines, then what was cut. The full text comes as a file when `place.files`.
 */
export function renderReply(answer: Reply, place: ReplyPlace): RenderedReply {
  let smallest: RenderedReply | null = null;
  for (const detail of DETAIL) {
    smallest = renderWith(answer, place, detail);
    if (sizeOf(smallest.blocks) <= Math.min(place.budget, LIMITS.message)) break;
  }
  return smallest ?? renderWith(answer, place, DETAIL[0]);
}

function renderWith(answer: Reply, place: ReplyPlace, detail: Detail): RenderedReply {
  const body = bodyOf(answer, detail);
  const full = body.cut && (answer.file === null || isPicture(answer.file)) ? fullText(answer) : null;
  const files = [answer.picture, answer.file, full].filter((file) => file !== null);
  const blocks: KnownBlock[] = [section(headLines(answer))];
  const asked = askedLine(answer, place);
  if (asked.length > 0) blocks.push(context(asked));
  const findings = findingLines(answer.findings, detail);
  if (findings.length > 0) blocks.push(section(findings));
  for (const block of body.blocks) blocks.push(section([block]));
  blocks.push(...listBlocks(answer));
  const notes = noteLines(answer, body.notes, fileNote(files, place));
  if (notes.length > 0) blocks.push(context(notes));
  const pressed = suggestionButtons(answer);
  if (pressed.length > 0) blocks.push(actions('next', pressed));
  if (answer.live !== null) blocks.push(actions('live', [stopButton()]));
  return { text: replyText(answer), blocks, files: place.files ? files : [] };
}

/** One line for notifications. */
function replyText(answer: Reply): string {
  const mark = answer.simulated ? 'SIMULATED ' : '';
  const line = oneLine([answer.title, answer.summary].filter((part) => part !== '').join(': '));
  return escapeMrkdwn(cutEscaped(`${mark}${line}`, 300)) || 'Done';
}

function headLines(answer: Reply): readonly string[] {
  const mark = answer.simulated ? '`SIMULATED` ' : '';
  const title = `${TONE[answer.tone]}${mark}*${prose(answer.title, 250).replaceAll('*', '∗') || 'Done'}*`;
  const first = answer.findings[0]?.conclusion;
  const summary = answer.summary
    .split('\n')
    .slice(0, 12)
    // What the first finding says comes right below, with what decided it: nobody reads it twice on a phone.
    .filter((line) => line.replace(/^Probably: /, '') !== first)
    .map((line) => prose(line, CONCLUSION))
    .filter((line) => line !== '');
  return [title, ...summary];
}

function askedLine(answer: Reply, place: ReplyPlace): readonly string[] {
  const elements: string[] = [];
  if (place.command !== null) {
    const who = place.asker === null ? '' : ` by ${userMention(place.asker)}`;
    elements.push(`${code(place.command, 200)}${who}`);
  }
  const assumed = answer.assumed.slice(0, 5).map((one) => {
    const instead = one.override === null ? '' : `; ${code(one.override, 60)} to change`;
    return `${prose(one.what, 40)} ${code(one.value, 120)} (${prose(one.from, 80)}${instead})`;
  });
  if (assumed.length > 0) elements.push(`Assumed: ${assumed.join(' · ')}`);
  return elements;
}

function findingLines(findings: readonly Finding[], detail: Detail): readonly string[] {
  const lines = findings.slice(0, detail.findings).flatMap((finding) => {
    const many = finding.count > 1 ? ` (${finding.count.toLocaleString('en-US')} objects)` : '';
    const doubt =
      finding.confidence === 'likely' ? ' _likely_' : finding.confidence === 'unknown' ? ' _not decided_' : '';
    const because = finding.because.slice(0, detail.because).map((line) => `> ${code(line, 200)}`);
    const way = finding.path === undefined || detail.because === 0 ? [] : [pathLine(finding.path)];
    const next = finding.nextStep === null ? [] : [`→ ${adviceLine(finding.nextStep, 250)}`];
    return [
      `${LEVEL[finding.level]} ${prose(finding.conclusion, CONCLUSION)}${many}${doubt}`,
      ...way,
      ...because,
      ...next,
    ];
  });
  const left = findings.length - Math.min(findings.length, detail.findings);
  return left > 0 ? [...lines, `_and ${left} more findings_`] : lines;
}

interface Body {
  /** Code blocks, each ready for a section. */
  readonly blocks: readonly string[];
  readonly notes: readonly string[];
  readonly cut: boolean;
}

function bodyOf(answer: Reply, detail: Detail): Body {
  const parts = [tableOf(answer, detail), linesOf(answer, detail)].filter((part) => part !== null);
  return {
    blocks: parts.flatMap((part) => part.blocks),
    notes: parts.flatMap((part) => part.notes),
    cut: parts.some((part) => part.cut),
  };
}

function tableOf(answer: Reply, detail: Detail): Body | null {
  if (!answer.table || answer.table.columns.length === 0) return null;
  if (answer.list !== null)
    return { blocks: [], notes: [], cut: answer.table.rows.length > Math.min(answer.list.length, MOST_ITEMS) };
  if (answer.phone?.rows) return phoneRows(answer.phone.rows, answer.phone.left, answer.table.total, detail);
  const table = codeTable(answer.table, answer.findings, { columns: TABLE_COLUMNS, rows: detail.rows });
  const order = table.ranked ? ', the worst first' : '';
  const rows = table.shown < table.total ? [`${count(table.shown)} of ${count(table.total)} rows${order}`] : [];
  return { blocks: table.shown > 0 ? [fence(table.lines)] : [], notes: rows, cut: table.cut };
}

/** The lines a diagnostic has for a phone. They wrap as sentences do, and the table is in the file. */
function phoneRows(rows: readonly string[], left: string | null, total: number, detail: Detail): Body {
  const shown: string[] = [];
  let size = 0;
  for (const row of rows.slice(0, detail.rows)) {
    const line = `• ${prose(row, PHONE_LINE)}`;
    size += line.length + 1;
    if (size > FENCE_ROOM) break;
    shown.push(line);
  }
  const cut = shown.length < rows.length ? [`${count(shown.length)} of ${count(rows.length)} lines`] : [];
  const notes = [...cut, ...(left === null ? [] : [left])];
  return { blocks: shown.length === 0 ? [] : [shown.join('\n')], notes, cut: shown.length < total };
}

function linesOf(answer: Reply, detail: Detail): Body | null {
  const lines = answer.phone?.lines ?? answer.lines;
  if (!lines || lines.length === 0) return null;
  const total = lines.length;
  const from = answer.keep === 'head' ? 0 : Math.max(0, total - detail.lines);
  const kept = shortSources(lines.slice(from, from + detail.lines));
  const fitting = withinFence(codeLines(kept, LOG_COLUMNS), answer.keep);
  const short = fitting.length < total || fitting.some((line) => line.endsWith('…'));
  const notes = fitting.length < total ? [`${count(fitting.length)} of ${count(total)} lines`] : [];
  return { blocks: fitting.length > 0 ? [fence(fitting)] : [], notes, cut: short };
}

/** The lines of several pods begin with the pod's name: its end tells them apart, and the line itself is what is read. */
function shortSources(lines: readonly string[]): readonly string[] {
  return lines.map((line) =>
    line.replace(/^\[([a-z0-9][a-z0-9.-]{15,})((?:\/[a-z0-9.-]+)?)\] /, (_, pod: string, container: string) => {
      return `[…${pod.slice(-8)}${container}] `;
    }),
  );
}

function count(number: number): string {
  return number.toLocaleString('en-US');
}

const FENCE_ROOM = LIMITS.text - 20;

/** Drops lines at the end that matters less until the block fits a section. */
function withinFence(lines: readonly string[], keep: 'head' | 'tail'): readonly string[] {
  const kept = [...lines];
  const size = (): number => kept.reduce((sum, line) => sum + escapeMrkdwn(line).length + 1, 0);
  while (kept.length > 0 && size() > FENCE_ROOM) {
    if (keep === 'head') kept.pop();
    else kept.shift();
  }
  return kept;
}

function fence(lines: readonly string[]): string {
  const kept = withinFence(lines, 'head').map(escapeMrkdwn);
  return `\`\`\`\n${kept.join('\n')}\n\`\`\``;
}

/** Everything that was cut, as one text file. */
function fullText(answer: Reply): ReplyFile | null {
  const name =
    oneLine(answer.title)
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-+|-+$/g, '')
      .slice(0, 60) || 'answer';
  if (answer.table) {
    const lines = answer.lines ? `\n${answer.lines.join('\n')}\n` : '';
    return {
      name: `${name}.txt`,
      title: answer.title,
      mime: 'text/plain',
      content: `${fullTable(answer.table)}${lines}`,
    };
  }
  if (answer.lines)
    return { name: `${name}.log`, title: answer.title, mime: 'text/plain', content: `${answer.lines.join('\n')}\n` };
  return null;
}

/** Slack's 50 blocks, less those around the list. */
const MOST_ITEMS = 40;

/** A list in its own order, each thing with the button that is pressed for it. */
function listBlocks(answer: Reply): readonly KnownBlock[] {
  return (answer.list ?? []).slice(0, MOST_ITEMS).map((item, index) => {
    const block = section([prose(item.text, 160), prose(item.detail, 160)]);
    const press =
      item.press === null
        ? null
        : encodePress({ incidentNumber: answer.incidentNumber, command: item.press.command }, LIMITS.buttonValue);
    return item.press === null || press === null
      ? block
      : { ...block, accessory: button(`${PRESS_PREFIX}item:${index}`, item.press.label, press) };
  });
}

function isPicture({ mime }: ReplyFile): boolean {
  return mime.startsWith('image/');
}

/** What is said of the answer's files: they come with it, or are where only the asker reads. */
function fileNote(files: readonly ReplyFile[], place: ReplyPlace): FileNote | null {
  if (!place.files) return place.filesAt ? { text: place.filesAt, isAlone: true } : null;
  // A picture does not hold the rows that were cut.
  return files.every(isPicture) ? null : { text: 'the rest is in the file', isAlone: false };
}

/** `isAlone`: worth a line although nothing was cut. */
interface FileNote {
  readonly text: string;
  readonly isAlone: boolean;
}

function noteLines(answer: Reply, cuts: readonly string[], file: FileNote | null): readonly string[] {
  const full = cuts.length > 0 || file?.isAlone ? [[cuts.join(' · '), file?.text].filter(Boolean).join(', ')] : [];
  return [...full, ...answer.notes.slice(0, 5).map((note) => prose(note, 300))].filter((note) => note !== '');
}

function stopButton(): Button {
  const press = encodePress({ incidentNumber: null, command: 'diag stop' }, LIMITS.buttonValue) ?? '';
  return button(`${PRESS_PREFIX}live:stop`, 'Stop', press, { style: 'danger' });
}

/** What the answer offers, and the first command its advice names: a thread takes no slash command. */
function offered({ next, findings }: Reply): readonly Suggestion[] {
  const named = findings.flatMap(({ nextStep }) => (nextStep === null ? [] : commandsIn(nextStep)))[0];
  if (named === undefined || next.some(({ command }) => command === named)) return next.slice(0, 5);
  return [{ label: named, command: named, readOnly: true }, ...next].slice(0, 5);
}

/** What may be pressed next. Who presses one that changes something is the one who decides it. */
function suggestionButtons(answer: Reply): Button[] {
  const pressed: Button[] = [];
  for (const [index, suggestion] of offered(answer).entries()) {
    const value = encodePress(
      { incidentNumber: answer.incidentNumber, command: suggestion.command },
      LIMITS.buttonValue,
    );
    if (value !== null) pressed.push(button(`${PRESS_PREFIX}next:${index}`, suggestion.label, value));
  }
  return pressed;
}
