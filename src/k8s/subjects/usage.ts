import { z } from 'zod';
import { metadata, texts } from './object.ts';
import { quantity } from './quantity.ts';

/** The fields of a usage that are read; few, since a namespace may have ten thousand. */
const placed = z.object({ name: z.string(), namespace: z.string().optional() });

/** What metrics.k8s.io says the containers of a pod use. */
export const podMetrics = z.object({
  metadata: placed,
  containers: z.array(z.object({ name: z.string(), usage: texts })).catch([]),
});

/** The usage of one pod as two numbers, cores and bytes of all containers; null for an item that is none. */
export function useOfPod(item: unknown) {
  const { metadata: about, containers } = partsOf(item);
  const { name, namespace } = partsOf(about);
  if (typeof name !== 'string') return null;
  let [cpu, memory] = [0, 0];
  for (const one of Array.isArray(containers) ? containers : []) {
    const usage = partsOf(partsOf(one).usage);
    cpu += amountOf(usage.cpu);
    memory += amountOf(usage.memory);
  }
  return { namespace: typeof namespace === 'string' ? namespace : '', name, cpu, memory };
}

function partsOf(value: unknown): Readonly<Record<string, unknown>> {
  // What JSON.parse gave is an object of plain fields.
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function amountOf(value: unknown): number {
  return (typeof value === 'string' ? quantity(value) : null) ?? 0;
}

export const nodeMetrics = z.object({ metadata, usage: texts });
