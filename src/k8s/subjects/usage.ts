import { z } from 'zod';
import { metadata, texts } from './object.ts';

/** All that is asked of it: a namespace may have ten thousand. */
const placed = z.object({ name: z.string(), namespace: z.string().optional() });

/** What metrics.k8s.io says the containers of a pod use. */
export const podMetrics = z.object({
  metadata: placed,
  containers: z.array(z.object({ name: z.string(), usage: texts })).catch([]),
});

export const nodeMetrics = z.object({ metadata, usage: texts });
