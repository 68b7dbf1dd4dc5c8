import { code } from '../code.ts';

/** What is wrong with pods and their containers. */
export const POD_CODES = {
  'not-ready': code<'who' | 'why'>({
    level: 'critical',
    depth: 'symptom',
    says: ({ who, why }) => `${who} is not ready${why}.`,
    brief: ({ who }) => `${who} is not ready`,
    next: ({ who }) => `Look at its events and its log: /lambda diag events ${who}`,
    confirms: 'the pod runs and its Ready condition is False longer than a start may take',
    excludes: 'every pod is ready',
  }),
} as const;
