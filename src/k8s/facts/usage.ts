import { z } from 'zod';
import type { ClusterAccess } from '../client/cluster.ts';
import type { Priority } from '../client/requestBudget.ts';
import { pathOf, RESOURCES } from '../client/resources.ts';
import { quantity } from '../subjects/quantity.ts';
import { nodeMetrics } from '../subjects/usage.ts';
import type { Usage } from './facts.ts';

const answer = z.object({
  items: z
    .array(
      z.object({
        metadata: z.object({ name: z.string(), namespace: z.string().optional() }),
        containers: z
          .array(z.object({ name: z.string(), usage: z.record(z.string(), z.string()).catch({}) }))
          .catch([]),
      }),
    )
    .catch([]),
});

/** What the containers of a namespace use now, from metrics.k8s.io. @throws ResponderError what the cluster's reads throw. */
export async function readUsage(
  cluster: ClusterAccess,
  namespace: string,
  how: { readonly priority: Priority; readonly signal: AbortSignal },
): Promise<readonly Usage[]> {
  const found = answer.parse(
    await cluster.json({ path: pathOf(RESOURCES.podMetrics, namespace), query: { limit: 500 }, ...how }),
  );
  return found.items.flatMap(({ metadata, containers }) =>
    containers.map(({ name, usage }) => {
      const [cpu, memory] = [quantity(usage.cpu), quantity(usage.memory)];
      return {
        namespace: metadata.namespace ?? namespace,
        pod: metadata.name,
        container: name,
        cpuMilli: cpu === null ? null : cpu * 1000,
        memoryMi: memory === null ? null : memory / 2 ** 20,
      };
    }),
  );
}

/** What nodes use now, from metrics.k8s.io. @throws ResponderError what the cluster's reads throw. */
export async function readNodeUsage(
  cluster: ClusterAccess,
  how: { readonly priority: Priority; readonly signal: AbortSignal },
): Promise<readonly { readonly node: string; readonly cpuMilli: number | null }[]> {
  const path = pathOf(RESOURCES.nodeMetrics, null);
  const found = z.object({ items: z.array(z.unknown()).catch([]) }).parse(await cluster.json({ path, ...how }));
  return found.items.flatMap((item) => {
    const parsed = nodeMetrics.safeParse(item).data;
    const cpu = quantity(parsed?.usage?.cpu);
    return parsed ? [{ node: parsed.metadata.name, cpuMilli: cpu === null ? null : cpu * 1000 }] : [];
  });
}
