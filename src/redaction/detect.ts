import { createAssignments } from './assignments.ts';
import { encodedRanges } from './encoded.ts';
import { manifestRanges } from './manifests.ts';
import { privateKeyRanges } from './privateKeys.ts';
import { PROVIDER_RULES } from './providers.ts';
import type { Range } from './ranges.ts';
import { type Finder, finderOf } from './rule.ts';
import gitleaks from './rules/gitleaks.json' with { type: 'json' };
import { createScanner, type Scanner } from './scanner.ts';
import { NAME_KEYWORDS } from './secretNames.ts';
import { PLACE_RULES } from './secretPlaces.ts';

interface Detector {
  readonly scanner: Scanner;
  /** Finders by index of the scanner's word; the words a name may end in come first. */
  readonly finders: readonly (readonly Finder[])[];
  /** Of rules without keywords. */
  readonly everywhere: readonly Finder[];
}

let made: Detector | null = null;

/** Made on first use: a start needs none of it. */
function detector(): Detector {
  if (made !== null) return made;
  const finders = [...PROVIDER_RULES, ...PLACE_RULES, ...gitleaks.rules].map(finderOf);
  const byWord = new Map<string, Finder[]>();
  for (const finder of finders)
    for (const word of finder.keywords) byWord.set(word, [...(byWord.get(word) ?? []), finder]);
  const words = [...new Set([...NAME_KEYWORDS, ...byWord.keys()])];
  made = {
    scanner: createScanner(words),
    finders: words.map((word) => byWord.get(word) ?? []),
    everywhere: finders.filter(({ keywords }) => keywords.length === 0),
  };
  return made;
}

/** The ranges of a text that hold secrets, by all rules. Ranges may overlap. */
export function secretRanges(text: string, isInner = false): readonly Range[] {
  const { scanner, finders, everywhere } = detector();
  const ranges: Range[] = [...privateKeyRanges(text), ...manifestRanges(text)];
  const assignments = createAssignments(text);
  const searched = new Map<Finder, number>();
  scanner.scan(text, (word, start) => {
    for (const finder of finders[word] ?? []) {
      if (finder.serves > 0) {
        if (start < (searched.get(finder) ?? 0)) continue;
        searched.set(finder, start + finder.serves);
      }
      ranges.push(...finder.find(text, start));
    }
    if (word < NAME_KEYWORDS.length) {
      const range = assignments.at(start);
      if (range) ranges.push(range);
    }
  });
  for (const finder of everywhere) ranges.push(...finder.find(text, 0));
  if (!isInner) ranges.push(...encodedRanges(text, (inner) => secretRanges(inner, true).length > 0));
  return ranges.filter((range) => !isDigest(text, range));
}

/** The digest of an image or of a file identifies and hides nothing. */
function isDigest(text: string, { start, end }: Range): boolean {
  return (
    /sha(?:1|224|256|384|512)[:=-]$/i.test(text.slice(Math.max(0, start - 8), start)) &&
    /^[a-f0-9]{32,128}$/.test(text.slice(start, end))
  );
}
