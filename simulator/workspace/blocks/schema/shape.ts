import { z } from 'zod';

/**
 * The keys of a Slack type and for each a schema whose output fits it: a missing, superfluous or wrongly typed key does
 * not compile. The other direction (everything the type allows is accepted) is checked once for all in `derived.ts`.
 */
export type Shape<T> = { readonly [K in keyof T]-?: z.ZodType<T[K]> };

/** A text of at least one character; `most` is the last length Slack takes. */
export function chars(most: number) {
  return z.string().min(1).max(most);
}

/** `block_id`, `action_id` and the like. */
export const id = z.string().min(1).max(255).optional();

export const flag = z.boolean().optional();

/** An address Slack can open. */
export const link = z
  .string()
  .min(1)
  .max(3000)
  .refine((value) => URL.canParse(value), 'must be a valid url');

const PRIVATE_HOST =
  /^(localhost|127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|\[|[^.]+$)|\.(local|internal|cluster\.local|svc)$/;

/** An address Slack itself downloads from, so a host that only the sender can reach is refused. */
export const publicLink = link.refine(
  (value) => !URL.canParse(value) || !PRIVATE_HOST.test(new URL(value).hostname),
  'downloading image failed',
);
