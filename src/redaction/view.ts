import type { Range } from './ranges.ts';

/** A decoded text, with a mapping back to the original. */
export interface View {
  readonly text: string;
  /** The range of the original text behind a range of the view. */
  toSource(range: Range): Range;
}

/** Colours and cursor moves of a terminal (ECMA-48 CSI), raw or as JSON and shells write the escape character. */
const TERMINAL =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what is looked for.
  /(?:\u001b|\\u001[bB]|\\x1[bB]|\\033|\\e)\[[0-9;:?]{0,40}[@-~]|[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;
/** One character of ASCII in the writing of an address, of JSON as Go's encoder writes it, or of HTML. */
const ENCODED = /%[2-7][0-9A-Fa-f]|\\u00[2-7][0-9A-Fa-f]|&(?:quot|amp|lt|gt|apos|#39|#34|#x27|#x22);/g;
const ENTITIES: Readonly<Record<string, string>> = {
  '&quot;': '"',
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&apos;': "'",
  '&#39;': "'",
  '&#34;': '"',
  '&#x27;': "'",
  '&#x22;': '"',
};

/**
 * The views of a text that are searched: without terminal control sequences, and, where it differs, with encoded
 * characters decoded. A secret hides in neither.
 */
export function viewsOf(text: string): readonly View[] {
  const plain = replaced({ text, toSource: (range) => range }, TERMINAL, () => '');
  const decoded = replaced(plain, ENCODED, decode);
  return decoded === plain ? [plain] : [plain, decoded];
}

function decode(written: string): string {
  if (written.startsWith('&')) return ENTITIES[written] ?? written;
  return String.fromCharCode(Number.parseInt(written.slice(-2), 16));
}

function replaced(view: View, pattern: RegExp, by: (written: string) => string): View {
  const { text } = view;
  let out = '';
  let copied = 0;
  /** Where each kept piece begins, in the new text and in the old one, and how long what was replaced before it is. */
  const cuts: { readonly at: number; readonly from: number }[] = [{ at: 0, from: 0 }];
  for (const match of text.matchAll(pattern)) {
    out += text.slice(copied, match.index);
    const character = by(match[0]);
    // What is decoded is a piece of its own, as long as its encoding in the old text.
    if (character !== '') cuts.push({ at: out.length, from: match.index });
    out += character;
    copied = match.index + match[0].length;
    cuts.push({ at: out.length, from: copied });
  }
  if (copied === 0) return view;
  out += text.slice(copied);
  return {
    text: out,
    toSource: ({ start, end }) =>
      view.toSource({ start: sourceOf(cuts, start), end: start >= end ? sourceOf(cuts, start) : sourceEnd(cuts, end) }),
  };
}

type Cuts = readonly { readonly at: number; readonly from: number }[];

/** The last cut at or before a place of the new text. */
function cutBefore(cuts: Cuts, at: number): number {
  let low = 0;
  let high = cuts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((cuts[middle]?.at ?? 0) <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}

function sourceOf(cuts: Cuts, at: number): number {
  const cut = cuts[cutBefore(cuts, at)] ?? { at: 0, from: 0 };
  return cut.from + (at - cut.at);
}

/** The end of the last character in the original; what was removed after it is left out. */
function sourceEnd(cuts: Cuts, end: number): number {
  const index = cutBefore(cuts, end - 1);
  const cut = cuts[index] ?? { at: 0, from: 0 };
  const next = cuts[index + 1];
  const at = cut.from + (end - cut.at);
  // The last character may be one that was decoded: it ends where the next piece begins.
  return next !== undefined && next.at === end && next.at - cut.at === 1 ? Math.max(at, next.from) : at;
}
