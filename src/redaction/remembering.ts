/** How many texts are remembered, and how long one may be: labels repeat, texts of people do not. */
const MOST = 16_384;
const LONGEST = 512;

/** Texts that came out as they went in, so that they need not be looked at again; no secret is kept. */
export interface Clean {
  has(text: string): boolean;
  add(text: string): void;
}

/**
 * A bounded cache of clean texts: an alert repeats its labels with every delivery, and a storm repeats the same ones a
 * thousand times.
 */
export function createClean(): Clean {
  const known = new Set<string>();
  return {
    has: (text) => known.has(text),
    add(text) {
      if (text.length > LONGEST) return;
      if (known.size >= MOST) known.clear();
      known.add(text);
    },
  };
}
