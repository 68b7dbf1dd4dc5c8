/** Texts that have to fit: one line, cut to a length. */

/** White space of every kind becomes one space. */
export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** At most `most` UTF-16 units, an ellipsis for what is missing; what people see as one character is never split. */
export function cut(text: string, most: number): string {
  return text.length <= most ? text : cutBy(text, most, (character) => character.length);
}

/** The same for a width that is not the length: `widthOf` tells what a character costs, at least one for each UTF-16 unit. */
export function cutBy(text: string, most: number, widthOf: (character: string) => number): string {
  let used = 0;
  let kept = '';
  let fits = '';
  for (const { segment } of CHARACTERS.segment(text.slice(0, most + LONGEST_CHARACTER))) {
    used += widthOf(segment);
    if (used > most) return `${fits.trimEnd()}…`;
    kept += segment;
    if (used < most) fits = kept;
  }
  return text.length > kept.length ? `${fits.trimEnd()}…` : text;
}

const CHARACTERS = new Intl.Segmenter('en', { granularity: 'grapheme' });
const LONGEST_CHARACTER = 50;

/** One line of at most `most` characters. */
export function short(text: string, most = 160): string {
  return cut(oneLine(text), most);
}

/** Cut in the middle, for names that differ at their end, such as those of pods. */
export function cutMiddle(text: string, most: number): string {
  if (text.length <= most) return text;
  const end = Math.floor((most - 1) / 2);
  return `${text.slice(0, most - 1 - end)}…${text.slice(-end)}`;
}
