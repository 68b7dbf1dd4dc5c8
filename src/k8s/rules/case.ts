import type { Confidence, FindingLevel, ObjectName } from '../../incidents/evidence.ts';
import type { Facts } from '../facts/facts.ts';
import { CODES } from './codes.ts';

export type Code = keyof typeof CODES;
export type PartsOf<C extends Code> = Parameters<(typeof CODES)[C]['says']>[0];

/** One thing that the facts show about one object. Its words are made from `code` and `parts` at the very end. */
export interface Case {
  readonly code: Code;
  readonly subject: ObjectName;
  /** `confirmed` only where a field, event or line decides it; `likely` where it points there; `unknown` where something is missing to say. */
  readonly confidence: Exclude<Confidence, 'excluded'>;
  readonly level: FindingLevel;
  readonly parts: Readonly<Record<string, string>>;
  /** The lines or fields that decided it, the deciding one first. */
  readonly because: readonly string[];
  /** Objects it reaches beyond what the graph knows; `cluster` where it reaches everything. */
  readonly affects: readonly ObjectName[] | 'cluster';
  /** Epoch ms since when; null when nothing tells. */
  readonly at: number | null;
  /** How many objects share it, `subject` being the first. */
  readonly count: number;
  /** Set when this shows that there is no incident, in words. */
  readonly noIncident: string | null;
}

type Given<C extends Code> = Pick<Case, 'subject' | 'because'> & { readonly parts: PartsOf<C> } & Partial<
    Omit<Case, 'code' | 'parts'>
  >;

/** A case of a code: confirmed and of the code's level unless said otherwise. */
export function found<C extends Code>(code: C, given: Given<C>): Case {
  return {
    confidence: 'confirmed',
    level: CODES[code].level,
    affects: [],
    at: null,
    count: 1,
    noIncident: null,
    ...given,
    code,
    parts: given.parts as Readonly<Record<string, string>>,
  };
}

/** One subject's rules: what the facts show of it. Pure; the same facts give the same cases in the same order. */
export type Rule = (facts: Facts) => readonly Case[];
