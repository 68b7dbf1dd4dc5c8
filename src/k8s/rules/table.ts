import type { Rule } from './case.ts';

/** Every rule, in the order in which their cases are told when nothing else decides. */
export const RULES: readonly Rule[] = [];
