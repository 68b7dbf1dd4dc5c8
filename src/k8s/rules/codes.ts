import { POD_CODES } from './codes/pods.ts';

/** Every code of the diagnosis, by subject. One row a code: level, depth, words, next step, and when it is concluded. */
export const CODES = {
  ...POD_CODES,
} as const;
