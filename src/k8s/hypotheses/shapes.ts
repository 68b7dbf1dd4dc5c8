import { z } from 'zod';
import { type condition, conditions, container, count, metadata, text, texts } from '../objects.ts';

/** Shapes only the diagnosis reads; as in `objects.ts`, what is missing or of another type is read as absent. */

/** Anything with conditions: Knative and cert-manager objects, LambdaFunctions. */
export const conditioned = z.object({
  kind: text,
  metadata,
  spec: z.record(z.string(), z.unknown()).optional().catch(undefined),
  status: z
    .object({
      phase: text,
      conditions,
      latestCreatedRevisionName: text,
      latestReadyRevisionName: text,
      notAfter: text,
      version: text,
    })
    .catch({}),
});
export type Conditioned = z.output<typeof conditioned>;

const template = z
  .object({ spec: z.object({ containers: z.array(container).optional().catch(undefined) }).catch({}) })
  .optional()
  .catch(undefined);

export const workload = z.object({
  metadata,
  spec: z.object({ replicas: count, template }).catch({}),
  status: z.object({ replicas: count, readyReplicas: count, availableReplicas: count, conditions }).catch({}),
});
export type Workload = z.output<typeof workload>;

export const claim = z.object({
  metadata,
  spec: z.object({ volumeName: text, storageClassName: text }).catch({}),
  status: z.object({ phase: text, capacity: texts }).catch({}),
});
export type Claim = z.output<typeof claim>;

export const quotaShape = z.object({
  metadata,
  status: z.object({ hard: texts, used: texts }).catch({}),
});
export type Quota = z.output<typeof quotaShape>;

export const endpoints = z.object({
  metadata,
  subsets: z
    .array(z.object({ addresses: z.array(z.unknown()).optional().catch(undefined) }))
    .optional()
    .catch(undefined),
});
export type Endpoints = z.output<typeof endpoints>;

export const trigger = z.object({
  metadata,
  spec: z
    .object({
      broker: text,
      subscriber: z
        .object({ ref: z.object({ kind: text, name: text, namespace: text }).optional().catch(undefined), uri: text })
        .optional()
        .catch(undefined),
    })
    .catch({}),
  status: z.object({ conditions, deadLetterSinkUri: text }).catch({}),
});
export type Trigger = z.output<typeof trigger>;

type Condition = z.output<typeof condition>;

/** The condition of a type; null when the object has none of it. */
export function conditionOf(
  of: { readonly status: { readonly conditions?: readonly Condition[] | undefined } },
  type: string,
): Condition | null {
  return of.status.conditions?.find((one) => one.type === type) ?? null;
}

/** A condition as one line: `DeploymentsAvailable=False/NotReady: Waiting on deployments: webhook`. */
export function conditionLine(one: Condition): string {
  return `${one.type}=${one.status}${one.reason ? `/${one.reason}` : ''}${one.message ? `: ${one.message}` : ''}`;
}
