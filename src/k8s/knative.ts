import { z } from 'zod';
import { conditions, container, count, metadata, type Pod, text } from './objects.ts';

/** Knative Serving's objects and LambdaFunctions, as far as we read them; what another kind lacks is undefined. */
const target = z.object({
  revisionName: text,
  latestRevision: z.boolean().optional().catch(undefined),
  percent: count,
  tag: text,
});
export type TrafficTarget = z.output<typeof target>;

export const knativeObject = z.object({
  metadata,
  spec: z
    .object({
      traffic: z.array(target).optional().catch(undefined),
      containers: z.array(container).optional().catch(undefined),
    })
    .catch({}),
  status: z
    .object({
      conditions,
      url: text,
      latestCreatedRevisionName: text,
      latestReadyRevisionName: text,
      traffic: z.array(target).optional().catch(undefined),
      actualReplicas: count,
      desiredReplicas: count,
      actualScale: count,
      desiredScale: count,
      phase: text,
      buildStatus: z.object({ jobName: text, error: text }).optional().catch(undefined),
    })
    .catch({}),
});
export type KnativeObject = z.output<typeof knativeObject>;

/** All that makes one function; null and [] for what does not exist or could not be read. */
export interface FunctionChain {
  readonly name: string;
  readonly namespace: string;
  readonly lambda: KnativeObject | null;
  readonly service: KnativeObject | null;
  readonly configuration: KnativeObject | null;
  readonly route: KnativeObject | null;
  readonly ingress: KnativeObject | null;
  /** The newest first. */
  readonly revisions: readonly KnativeObject[];
  readonly autoscalers: readonly KnativeObject[];
  readonly pods: readonly Pod[];
  /** False: an empty list of pods means nothing. */
  readonly podsRead: boolean;
}

/** Percent of the traffic a revision gets, by name. */
export function trafficOf(service: KnativeObject | null): ReadonlyMap<string, number> {
  const shares = new Map<string, number>();
  for (const { revisionName, percent = 0 } of service?.status.traffic ?? [])
    if (revisionName) shares.set(revisionName, (shares.get(revisionName) ?? 0) + percent);
  return shares;
}

export function revisionOf(pod: Pod): string | null {
  return pod.metadata.labels?.['serving.knative.dev/revision'] ?? null;
}

/** The revisions of the chain that get traffic. */
export function serving(chain: Pick<FunctionChain, 'service' | 'route'>): readonly string[] {
  return [...trafficOf(chain.service ?? chain.route)].filter(([, percent]) => percent > 0).map(([name]) => name);
}
