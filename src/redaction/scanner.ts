/** Finds many words in a text at once, in one pass over it: an Aho-Corasick automaton with its failures worked in. */
export interface Scanner {
  /** Calls `found` for each place of each word, whatever its case, in the order of their ends. */
  scan(text: string, found: (word: number, start: number) => void): void;
}

/** What is beyond ASCII is in no word. */
const ASCII = 128;

/** @param words in lower case, of ASCII characters; `found` is called with their index */
export function createScanner(words: readonly string[]): Scanner {
  const classes = classesOf(words);
  const width = classes.reduce((most, one) => Math.max(most, one), 0) + 1;
  const { next, ends } = build(words, classes, width);
  return {
    scan(text, found) {
      let state = 0;
      for (let at = 0; at < text.length; at += 1) {
        const code = text.charCodeAt(at);
        state = code < ASCII ? (next[state * width + (classes[code] ?? 0)] ?? 0) : 0;
        const ended = ends[state];
        if (ended !== undefined) for (const word of ended) found(word, at + 1 - (words[word]?.length ?? 0));
      }
    },
  };
}

/** The characters that occur in words, by number; upper case counts as lower case, 0 is every other character. */
function classesOf(words: readonly string[]): Uint8Array {
  const classes = new Uint8Array(ASCII);
  let count = 0;
  for (const character of new Set(words.join(''))) {
    count += 1;
    classes[character.charCodeAt(0)] = count;
    classes[character.toUpperCase().charCodeAt(0)] = count;
  }
  return classes;
}

/** The table of next states, and the words that end in each. */
function build(words: readonly string[], classes: Uint8Array, width: number) {
  const states = words.reduce((sum, word) => sum + word.length, 1);
  const next = new Uint16Array(states * width);
  const ends: (readonly number[] | undefined)[] = [];
  let made = 1;
  for (const [index, word] of words.entries()) {
    let state = 0;
    for (const character of word) {
      const cell = state * width + (classes[character.charCodeAt(0)] ?? 0);
      if (next[cell] === 0) {
        next[cell] = made;
        made += 1;
      }
      state = next[cell] ?? 0;
    }
    ends[state] = [...(ends[state] ?? []), index];
  }
  workFailuresIn(next, ends, width);
  return { next, ends };
}

/** Breadth first: where a word goes no further, the longest end of it that begins another one goes on. */
function workFailuresIn(next: Uint16Array, ends: (readonly number[] | undefined)[], width: number): void {
  const failure = new Uint16Array(next.length / width);
  const queue: number[] = [];
  for (let of = 0; of < width; of += 1) {
    const child = next[of] ?? 0;
    if (child !== 0) queue.push(child);
  }
  for (const state of queue) {
    const back = failure[state] ?? 0;
    const inherited = ends[back];
    if (inherited !== undefined) ends[state] = [...(ends[state] ?? []), ...inherited];
    for (let of = 0; of < width; of += 1) {
      const cell = state * width + of;
      const child = next[cell] ?? 0;
      const across = next[back * width + of] ?? 0;
      if (child === 0) next[cell] = across;
      else {
        failure[child] = across;
        queue.push(child);
      }
    }
  }
}
