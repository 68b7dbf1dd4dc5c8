import { z } from 'zod';
import { listOf, metadata, quantities, text } from './object.ts';
import { quantity } from './quantity.ts';

export const quota = z.object({
  metadata,
  spec: z.object({ hard: quantities }).catch({}),
  status: z.object({ hard: quantities, used: quantities }).catch({}),
});
export type Quota = z.output<typeof quota>;

export const limitRange = z.object({
  metadata,
  spec: z
    .object({
      limits: listOf(
        z.object({ type: text, max: quantities, min: quantities, default: quantities, defaultRequest: quantities }),
      ),
    })
    .catch({}),
});
export type LimitRange = z.output<typeof limitRange>;

export interface QuotaUse {
  readonly resource: string;
  readonly used: string;
  readonly hard: string;
  /** Used of hard, 0 to 1 and above; null when either cannot be read. */
  readonly share: number | null;
}

/** What each resource of a quota has in use. */
export function usesOf(of: Quota): readonly QuotaUse[] {
  return Object.entries(of.status.hard ?? of.spec.hard ?? {}).map(([resource, hard]) => {
    const used = of.status.used?.[resource] ?? '0';
    const [a, b] = [quantity(used), quantity(hard)];
    return { resource, used, hard, share: a === null || b === null || b === 0 ? null : a / b };
  });
}
