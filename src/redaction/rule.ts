import { entropyOf } from './randomness.ts';
import type { Range } from './ranges.ts';
import { isPointer } from './values.ts';

/** A shape of secret, looked for only near one of its keywords. */
export interface Rule {
  /** Named in tests, never in the output. */
  readonly id: string;
  /** In lower case; one of them is in every match. None: the whole text is searched. */
  readonly keywords: readonly string[];
  /**
   * An expression without flags but `i`. The first group that matched is the secret, else the whole match. Its
   * quantifiers are bounded, or run over one class of characters that cannot match what follows.
   */
  readonly regex: string;
  readonly flags?: string;
  /** Every match begins with the keyword: it is tried there and nowhere else. */
  readonly begins?: boolean;
  /** The secret has at least so many bits a character. */
  readonly entropy?: number;
  /** The secret is base64 of a text with this in it. */
  readonly encodes?: string;
  /** The group that is the secret, when it is not the first. */
  readonly group?: number;
  /** A secret that matches one of these is none. */
  readonly allowed?: readonly string[];
}

/** A compiled rule: `find` searches around a keyword that begins at `at`. */
export interface Finder {
  readonly keywords: readonly string[];
  /**
   * Characters after a keyword that one search covers, so that keywords within them need none; 0 when each is searched
   * by itself.
   */
  readonly serves: number;
  find(text: string, at: number): readonly Range[];
}

/** How far before and behind its keyword a match may reach. Longer tokens are followed to their end. */
const BEFORE = 256;
const BEHIND = 2_048;
/** What a token is made of, for one that goes on where the window ends. */
const GOES_ON = /[\w+/=.~-]{0,65536}/y;

/** Compiles on first use: of hundreds of rules a log needs a few. */
export function finderOf(rule: Rule): Finder {
  let compiled: { readonly pattern: RegExp; readonly allowed: readonly RegExp[] } | null = null;
  return {
    keywords: rule.keywords,
    serves: rule.begins ? 0 : BEHIND - BEFORE,
    find(text, at) {
      compiled ??= {
        pattern: new RegExp(rule.regex, `${rule.begins ? 'y' : 'g'}${rule.flags ?? ''}d`),
        allowed: (rule.allowed ?? []).map((source) => new RegExp(source)),
      };
      if (rule.keywords.length === 0) return wholly(text, compiled.pattern);
      const from = rule.begins ? Math.max(0, at - 1) : Math.max(0, at - BEFORE);
      const end = Math.min(text.length, at + BEHIND);
      const window = text.slice(from, end);
      const ranges: Range[] = [];
      const { pattern, allowed } = compiled;
      pattern.lastIndex = rule.begins ? at - from : 0;
      for (let match = pattern.exec(window); match !== null; match = pattern.exec(window)) {
        const place = secretOf(match, rule.group);
        if (place && isLikely(window.slice(place[0], place[1]), rule, allowed))
          ranges.push({ start: from + place[0], end: followed(text, from + place[1], end) });
        if (rule.begins) break;
        if (match[0] === '') pattern.lastIndex += 1;
      }
      return ranges;
    },
  };
}

function wholly(text: string, pattern: RegExp): readonly Range[] {
  return Array.from(text.matchAll(pattern), (match) => ({ start: match.index, end: match.index + match[0].length }));
}

function secretOf(match: RegExpExecArray, group: number | undefined): readonly [number, number] | undefined {
  const places = match.indices ?? [];
  if (group !== undefined) return places[group];
  return places.slice(1).find((place) => place !== undefined && place[0] < place[1]) ?? places[0];
}

function isLikely(secret: string, { entropy, encodes }: Rule, allowed: readonly RegExp[]): boolean {
  if (isPointer(secret) || (entropy !== undefined && entropyOf(secret) < entropy)) return false;
  if (encodes !== undefined && !Buffer.from(secret, 'base64').includes(encodes)) return false;
  return !allowed.some((each) => each.test(secret));
}

/** The end of a token that the end of the search window may have cut off. */
function followed(text: string, end: number, windowEnd: number): number {
  if (end < windowEnd) return end;
  GOES_ON.lastIndex = end;
  return GOES_ON.test(text) ? GOES_ON.lastIndex : end;
}
