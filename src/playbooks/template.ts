import type { Labels } from '../alerts/alert.ts';

const PLACE = /\{\{\s*labels\.([A-Za-z_][A-Za-z0-9_]*)\s*(?:\|\s*default\s+"([^"\\]*)"\s*)?\}\}/g;
const ANY_BRACES = /\{\{|\}\}/;

/** A value that is one word of a command line whatever stands around it. */
const PLAIN = /^[A-Za-z0-9](?:[A-Za-z0-9._:/@-]{0,251}[A-Za-z0-9])?$/;
/** One word of a shell's line that is no option: a plain one, or the path of a device or a mount point. */
const PLAIN_OR_PATH = /^(?:\/|\/?[A-Za-z0-9](?:[A-Za-z0-9._:/@-]{0,251}[A-Za-z0-9])?)$/;
/** A value that can stand in double quotes without ending them: letters, digits, spaces, punctuation, no quote, no backslash, no control. */
const QUOTABLE = /^[\p{L}\p{N}([#][\p{L}\p{N} ._:/@,+=%()[\]#*?!-]{0,198}$/u;

/** What is wrong with the places of a command template, in words; null when it can be rendered. */
export function templateProblem(template: string): string | null {
  const rest = template.replaceAll(PLACE, '');
  if (ANY_BRACES.test(rest)) return `cannot be filled in: ${template}`;
  for (const match of template.matchAll(PLACE)) {
    const before = template.slice(0, match.index);
    const open = (quote: string) => before.split(quote).length % 2 === 0;
    if (open('"') || open("'")) return `has a placeholder inside quotes, where a value could end them: ${template}`;
  }
  return null;
}

/** What is wrong with the places of a text for people, in words; null when all can be filled in. Go's and Helm's are none of ours. */
export function textProblem(text: string): string | null {
  const left = /\{\{[^}]{0,60}\}?\}?/.exec(text.replaceAll(PLACE, ''));
  return left ? `cannot be filled in: ${left[0]}` : null;
}

/** Names of the labels a text has places for. */
export function labelsIn(text: string): readonly string[] {
  return [...new Set([...text.matchAll(PLACE)].map((match) => match[1] ?? ''))];
}

/** Labels a command cannot do without. */
export function labelsNeeded(text: string): readonly string[] {
  return [
    ...new Set([...text.matchAll(PLACE)].filter((match) => match[2] === undefined).map((match) => match[1] ?? '')),
  ];
}

/**
 * A command line with the labels' values in it, or null when one it needs is missing or is nothing a name could be. A
 * value stays one word and never begins an option, whatever an alert carries: only plain ones are put in bare, others only
 * as whole words in double quotes.
 */
export function renderCommand(template: string, labels: Labels): string | null {
  if (templateProblem(template) !== null) return null;
  let possible = true;
  const line = template.replaceAll(PLACE, (whole, name: string, fallback: string | undefined, offset: number) => {
    const value = labelValue(labels, name) ?? fallback;
    const isWhole = standsAlone(template, offset, whole.length);
    const written = value === undefined ? null : write(value, isWhole);
    if (written === null) possible = false;
    return written ?? '';
  });
  return possible ? line.trim() : null;
}

/** A text for people with the labels' values in it; a missing one is named in angle brackets. */
export function renderText(text: string, labels: Labels): string {
  return text.replaceAll(PLACE, (_whole, name: string, fallback: string | undefined) => {
    const value = labelValue(labels, name) ?? fallback;
    return value === undefined || value === '' ? `<${name}>` : value.replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ').slice(0, 200);
  });
}

/**
 * A line for somebody to copy into a terminal. Only a value that is one plain word or a path is put in; any other would be a way for
 * whoever writes alerts to have a person run something, so the label is named in its place.
 */
export function renderSnippet(text: string, labels: Labels): string {
  return text.replaceAll(PLACE, (_whole, name: string, fallback: string | undefined) => {
    const value = labelValue(labels, name) ?? fallback;
    return value !== undefined && PLAIN_OR_PATH.test(value) ? value : name.toUpperCase();
  });
}

function labelValue(labels: Labels, name: string): string | undefined {
  const value = Object.hasOwn(labels, name) ? labels[name] : undefined;
  return value === '' ? undefined : value;
}

function write(value: string, isWhole: boolean): string | null {
  if (PLAIN.test(value)) return value;
  return isWhole && QUOTABLE.test(value) ? `"${value}"` : null;
}

function standsAlone(template: string, offset: number, length: number): boolean {
  const before = template.charAt(offset - 1);
  const after = template.charAt(offset + length);
  return (before === '' || before === ' ' || before === '=') && (after === '' || after === ' ');
}
