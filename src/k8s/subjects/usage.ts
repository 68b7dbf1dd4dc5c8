import { z } from 'zod';
import { metadata, texts } from './object.ts';

/** What metrics.k8s.io says the containers of a pod use. */
export const podMetrics = z.object({
  metadata,
  containers: z.array(z.object({ name: z.string(), usage: texts })).catch([]),
});

export const nodeMetrics = z.object({ metadata, usage: texts });
