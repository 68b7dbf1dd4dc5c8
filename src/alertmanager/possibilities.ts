import type { Labels } from '../alerts/alert.ts';
import { type Matcher, matcherText } from './matcher.ts';
import type { LabelOf } from './routing.ts';
import { textsFitting } from './witness.ts';

/** A value that no matcher names. */
export const OTHER = 'another-value';

/** The values worth trying of each label that the matchers ask for: none, each that is named, and another. */
export interface Values {
  of(label: string): readonly string[];
  /** Matchers for which no matching text could be generated: their alerts were not tried. */
  readonly untried: readonly string[];
}

export function valuesOf(matchers: readonly Matcher[]): Values {
  const known = new Map<string, Set<string>>();
  const untried = new Set<string>();
  for (const one of matchers) {
    const pattern = one.op === '=~' || one.op === '!~';
    const texts = pattern ? textsFitting(one.value) : [one.value];
    if (texts.length === 0) untried.add(matcherText(one));
    const values = known.get(one.label) ?? new Set(['', OTHER]);
    for (const text of texts) values.add(text);
    known.set(one.label, values);
  }
  return { of: (label) => [...(known.get(label) ?? ['', OTHER])], untried: [...untried] };
}

export interface Tried<T> {
  /** The unknown labels that were read, with the values tried. */
  readonly labels: Labels;
  readonly result: T;
}

/**
 * Evaluates `ask` once for every combination of values of the unknown labels that it reads.
 * @returns at most `most` answers, and whether there would be more.
 */
export function everyChoice<T>(
  known: Labels,
  values: Values,
  ask: (labelOf: LabelOf) => T,
  most = 2000,
): { readonly tried: readonly Tried<T>[]; readonly complete: boolean } {
  const tried: Tried<T>[] = [];
  let choices: { readonly label: string; readonly left: readonly string[] }[] = [];
  while (tried.length < most) {
    const asked = new Map(choices.map(({ label, left }) => [label, left[0] ?? '']));
    const result = ask((label) => {
      if (Object.hasOwn(known, label)) return known[label] ?? '';
      const chosen = asked.get(label);
      if (chosen !== undefined) return chosen;
      const left = values.of(label);
      choices.push({ label, left });
      asked.set(label, left[0] ?? '');
      return left[0] ?? '';
    });
    tried.push({ labels: Object.fromEntries(asked), result });
    const last = choices.findLastIndex(({ left }) => left.length > 1);
    if (last < 0) return { tried, complete: true };
    choices = choices.slice(0, last + 1).map((one, at) => (at === last ? { ...one, left: one.left.slice(1) } : one));
  }
  return { tried, complete: false };
}
