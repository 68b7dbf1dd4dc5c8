import { z } from 'zod';
import { listOf, metadata, text } from './object.ts';

export const serviceAccount = z.object({ metadata, imagePullSecrets: listOf(z.object({ name: text })) });
export type ServiceAccount = z.output<typeof serviceAccount>;

export const namespace = z.object({
  metadata,
  status: z
    .object({
      phase: text,
      conditions: listOf(
        z.object({
          type: z.string().catch(''),
          status: z.string().catch(''),
          reason: text,
          message: text,
          lastTransitionTime: text,
        }),
      ),
    })
    .catch({}),
});
export type Namespace = z.output<typeof namespace>;
