import { cut, cutBy } from '../../wording/cuts.ts';
import { utcMinute } from '../../wording/instants.ts';

/**
 * Making strings that came from outside (labels, log lines, names) safe and short enough for Slack. Slack's mrkdwn
 * gives meaning to `&`, `<` and `>` only through these three entities; everything that pings somebody starts with `<`.
 */

/** Marks for the direction of text: inside a name they can turn a line around so that it reads as something else. */
const BIDI = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;
/** Characters without width that hide inside words; the joiner of emoji (U+200D) stays. */
const INVISIBLE = /[\u00AD\u180E\u200B\u200C\u2060-\u2064\uFEFF\uFFF9-\uFFFB\u{E0000}-\u{E007F}]/gu;
// biome-ignore lint/suspicious/noControlCharactersInRegex: removing them is the purpose.
const CONTROL = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u2028\u2029]/gu;
/** More than four combining marks in a row climb over the neighbouring lines. */
const PILED_MARKS = /(\p{M}{4})\p{M}+/gu;

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Escapes what Slack's mrkdwn gives a meaning, and nothing else. */
export function escapeMrkdwn(raw: string): string {
  return raw.replace(/[&<>]/g, (character) => ENTITIES[character] ?? character);
}

/** Well-formed text without control, direction and invisible characters; line breaks and tabs stay. */
export function clean(raw: string): string {
  return raw
    .toWellFormed()
    .replace(/\r\n?/g, '\n')
    .replace(CONTROL, '')
    .replace(BIDI, '')
    .replace(INVISIBLE, '')
    .replace(PILED_MARKS, '$1');
}

/** The same on one line. */
export function oneLine(raw: string): string {
  return clean(raw).replace(/\s+/gu, ' ').trim();
}

/** One line, escaped, at most `max` characters after escaping, never cut inside an entity or a code point. */
export function shorten(raw: string, max: number): string {
  return escapeMrkdwn(cutEscaped(oneLine(raw.slice(0, max * 8)), max));
}

/** Cuts raw text so that it has at most `max` characters once escaped. */
export function cutEscaped(text: string, max: number): string {
  return cutBy(text, max, (character) => escapeMrkdwn(character).length);
}

/**
 * Free text on one line of mrkdwn: a backtick would start code that swallows the lines after it, and has no escape,
 * so an apostrophe stands in for it.
 */
export function prose(raw: string, max: number): string {
  return shorten(raw.slice(0, max * 8).replaceAll('`', "'"), max);
}

/** The way from a cause to its symptom, quoted: `> quota compute is full → 0 of 3 pods`. */
export function pathLine(path: string): string {
  return `> ${prose(path.replaceAll(' -> ', ' → '), 230)}`;
}

/** A name or value in code style, where `*`, `_` and `~` mean nothing; `-` when it is empty. */
export function code(raw: string, max: number): string {
  const inner = shorten(raw.slice(0, max * 8).replaceAll('`', "'"), max - 2);
  return inner === '' ? '-' : `\`${inner}\``;
}

/**
 * Plain text of at most `max` characters for headers, buttons and `plain_text` objects; never empty. Slack shows it as it is;
 * what looks like a mention is blunted all the same, for clients and exports that treat it as mrkdwn.
 */
export function plain(raw: string, max: number): string {
  return cut(oneLine(raw.slice(0, max * 8)).replaceAll(/<(?=[!@#])/g, '‹'), max) || '-';
}

/**
 * An instant in the reader's time zone, with UTC for readers whose client cannot show it.
 * https://docs.slack.dev/messaging/formatting-message-text#date-formatting
 */
export function date(epochMs: number): string {
  const seconds = Math.floor(epochMs / 1000);
  return `<!date^${seconds}^{date_short_pretty} {time}|${Number.isFinite(epochMs) ? utcMinute(epochMs) : 'unknown time'}>`;
}

/**
 * An http or https address that can stand in a mrkdwn link, or null: a cut address leads elsewhere, so one that is too
 * long is left out.
 */
export function address(raw: string | null, max: number): string | null {
  if (raw === null || raw.length > max) return null;
  if (!URL.canParse(raw)) return null;
  const url = new URL(raw);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return null;
  const href = url.href.replaceAll('|', '%7C').replaceAll('<', '%3C').replaceAll('>', '%3E').replace(/\s/g, '%20');
  return href.length <= max ? href : null;
}

/** `<address|label>`, or only the label when the address cannot be used. */
export function link(raw: string | null, label: string, max = 1_000): string {
  const href = address(raw, max);
  const shown = shorten(label.replaceAll('|', '/'), 120) || 'link';
  return href === null ? shown : `<${href.replaceAll('&', '&amp;')}|${shown}>`;
}

/** A mention of a Slack user by id; anything that is not an id is shown as text. */
export function userMention(id: string): string {
  return /^[UW][A-Z0-9]{2,20}$/.test(id) ? `<@${id}>` : code(id, 60);
}
