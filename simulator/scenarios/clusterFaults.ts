import { z } from 'zod';
import type { Fault, Faults } from '../cluster/faults.ts';

const matching = {
  resource: z.string().optional(),
  namespace: z.string().optional(),
  times: z.int().positive().optional(),
};
const ms = z.number().positive().max(600_000);

/** A fault of the simulated API server as it is asked for over HTTP; see `Fault` for what each does. */
const asked = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('latency'), ms, ...matching }),
  z.strictObject({
    kind: z.literal('status'),
    code: z.int().min(400).max(599),
    retryAfterSeconds: z.number().positive().optional(),
    ...matching,
  }),
  z.strictObject({ kind: z.literal('reset'), afterBytes: z.int().positive().optional(), ...matching }),
  z.strictObject({ kind: z.literal('forbidden_namespace'), namespace: z.string() }),
  z.strictObject({ kind: z.literal('no_metrics_server'), absent: z.boolean().optional() }),
  z.strictObject({ kind: z.literal('stall'), ms, ...matching }),
]);

/** Control of the cluster's faults. */
export interface ClusterFaults {
  list(): readonly Fault[];
  /** @throws RangeError that says what is wrong with it. */
  add(given: unknown): Fault;
  clear(): void;
}

export function clusterFaults(faults: Faults, now: () => number): ClusterFaults {
  return {
    list: () => faults.all(),
    add(given) {
      const parsed = asked.safeParse(given);
      if (!parsed.success) throw new RangeError(z.prettifyError(parsed.error));
      // Optional fields that are not given are absent in what JSON made of them, never undefined.
      const fault = parsed.data as Fault;
      faults.add(fault, now());
      return fault;
    },
    clear: () => faults.clear(),
  };
}
