import { RE2JS } from 're2js';

const MOST = 50;

/**
 * Texts that match a regular expression, one for each alternative that can be generated, each tested against it; []
 * when none can. Made for the patterns people write into routes, such as `^(foo|bar).*$`.
 */
export function textsFitting(pattern: string): readonly string[] {
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(`^(?:${pattern})$`);
  } catch {
    return [];
  }
  const made = new Maker(pattern).alternatives();
  return [...new Set(made)].filter((text) => compiled.test(text)).slice(0, MOST);
}

const CLASSES: Readonly<Record<string, string>> = { d: '0', w: 'a', s: ' ', D: 'a', W: '-', S: 'a' };

/** Generates the alternatives of a pattern with the fewest repetitions; a construct it does not know is copied. */
class Maker {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  alternatives(): readonly string[] {
    const found = [...this.#sequence()];
    while (this.#accept('|')) found.push(...this.#sequence());
    return found.slice(0, MOST);
  }

  #sequence(): readonly string[] {
    let made: readonly string[] = [''];
    while (this.#at < this.#text.length && !'|)'.includes(this.#text.charAt(this.#at))) {
      const parts = this.#repeated(this.#atom());
      made = made.flatMap((before) => parts.map((part) => before + part)).slice(0, MOST);
    }
    return made;
  }

  #atom(): readonly string[] {
    const character = this.#text.charAt(this.#at);
    this.#at += 1;
    if (character === '(') {
      const flags = /^\?(?:P?<\w+>|[a-zA-Z-]*(:|(?=\))))/.exec(this.#text.slice(this.#at));
      this.#at += flags?.[0].length ?? 0;
      const inner = this.alternatives();
      this.#accept(')');
      return inner;
    }
    if (character === '[') return [this.#oneOfClass()];
    if (character === '.') return ['x'];
    if (character === '^' || character === '$') return [''];
    if (character !== '\\') return [character];
    const escaped = this.#text.charAt(this.#at);
    this.#at += 1;
    return [CLASSES[escaped] ?? (/[AzbB]/.test(escaped) ? '' : escaped)];
  }

  #oneOfClass(): string {
    const end = this.#text.indexOf(']', this.#at + (/^\^?\]/.test(this.#text.slice(this.#at)) ? 2 : 1));
    const body = this.#text.slice(this.#at, end < 0 ? undefined : end);
    this.#at = end < 0 ? this.#text.length : end + 1;
    const tried = [body.replace(/^\\/, '').charAt(0), ...'a0A-_ '];
    return tried.find((one) => RE2JS.matches(`[${body}]`, one)) ?? '';
  }

  #repeated(parts: readonly string[]): readonly string[] {
    const repetition = /^(?:([*?])|(\+)|\{(\d{1,2})(?:,\d*)?\})\??/.exec(this.#text.slice(this.#at));
    if (!repetition) return parts;
    this.#at += repetition[0].length;
    const [, none, , times] = repetition;
    if (none === '*') return [''];
    if (none === '?') return ['', ...parts];
    return times === undefined ? parts : parts.map((part) => part.repeat(Number(times)));
  }

  #accept(character: string): boolean {
    if (this.#text.charAt(this.#at) !== character) return false;
    this.#at += 1;
    return true;
  }
}
