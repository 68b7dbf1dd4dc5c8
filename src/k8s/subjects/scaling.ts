import { z } from 'zod';
import { conditions, count, labelSelector, listOf, metadata, scalar, text } from './object.ts';

const target = z
  .object({ type: text, averageUtilization: count, averageValue: scalar, value: scalar })
  .optional()
  .catch(undefined);
const metric = z.object({
  type: text,
  resource: z.object({ name: text, target, current: target }).optional().catch(undefined),
  external: z
    .object({ metric: z.object({ name: text }).optional().catch(undefined), target, current: target })
    .optional()
    .catch(undefined),
  pods: z
    .object({ metric: z.object({ name: text }).optional().catch(undefined), target, current: target })
    .optional()
    .catch(undefined),
});

/** A HorizontalPodAutoscaler (autoscaling/v2). */
export const autoscaler = z.object({
  metadata,
  spec: z
    .object({
      minReplicas: count,
      maxReplicas: count,
      scaleTargetRef: z.object({ apiVersion: text, kind: text, name: text }).optional().catch(undefined),
      metrics: listOf(metric),
    })
    .catch({}),
  status: z
    .object({ currentReplicas: count, desiredReplicas: count, currentMetrics: listOf(metric), conditions })
    .catch({}),
});
export type Autoscaler = z.output<typeof autoscaler>;

/** A PodDisruptionBudget. */
export const disruptionBudget = z.object({
  metadata,
  spec: z.object({ minAvailable: scalar, maxUnavailable: scalar, selector: labelSelector }).catch({}),
  status: z
    .object({
      disruptionsAllowed: count,
      currentHealthy: count,
      desiredHealthy: count,
      expectedPods: count,
      conditions,
    })
    .catch({}),
});
export type DisruptionBudget = z.output<typeof disruptionBudget>;
