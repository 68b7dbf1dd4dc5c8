import { z } from 'zod';
import { conditions, count, flag, labelSelector, metadata, scalar, text } from './object.ts';
import { podTemplate } from './pod.ts';

/** A Deployment, StatefulSet, DaemonSet or ReplicaSet: the kinds that keep pods running. */
export const workload = z.object({
  metadata,
  spec: z
    .object({
      replicas: count,
      paused: flag,
      selector: labelSelector,
      template: podTemplate,
      serviceName: text,
      progressDeadlineSeconds: count,
      strategy: z
        .object({
          type: text,
          rollingUpdate: z.object({ maxUnavailable: scalar, maxSurge: scalar }).optional().catch(undefined),
        })
        .optional()
        .catch(undefined),
    })
    .catch({}),
  status: z
    .object({
      observedGeneration: count,
      replicas: count,
      readyReplicas: count,
      availableReplicas: count,
      updatedReplicas: count,
      unavailableReplicas: count,
      currentRevision: text,
      updateRevision: text,
      desiredNumberScheduled: count,
      currentNumberScheduled: count,
      numberReady: count,
      numberAvailable: count,
      numberMisscheduled: count,
      updatedNumberScheduled: count,
      conditions,
    })
    .catch({}),
});
export type Workload = z.output<typeof workload>;

/** How many pods it should have: its replicas, or the nodes a DaemonSet was placed on. The API's default is 1. */
export function wantedReplicas({ spec, status }: Workload): number {
  return status.desiredNumberScheduled ?? spec.replicas ?? 1;
}

export function readyReplicas({ status }: Workload): number {
  return status.numberReady ?? status.readyReplicas ?? 0;
}

export function availableReplicas({ status }: Workload): number {
  return status.numberAvailable ?? status.availableReplicas ?? 0;
}

/** Pods of the newest template. */
export function updatedReplicas({ status }: Workload): number {
  return status.updatedNumberScheduled ?? status.updatedReplicas ?? 0;
}

/** Pods that exist, ready or not. */
export function existingReplicas({ status }: Workload): number {
  return status.currentNumberScheduled ?? status.replicas ?? 0;
}

/** Scaled to nothing: it has no pods because nobody asks for any. */
export function isScaledToZero(of: Workload): boolean {
  return wantedReplicas(of) === 0;
}

/** All the pods that are wanted are there and available. */
export function isWhole(of: Workload): boolean {
  return existingReplicas(of) >= wantedReplicas(of) && availableReplicas(of) >= wantedReplicas(of);
}

/** Whether the controller has seen the newest spec; true when it does not say. */
export function isObserved({ metadata: of, status }: Workload): boolean {
  return (
    of.generation === undefined || status.observedGeneration === undefined || status.observedGeneration >= of.generation
  );
}

/** The revision number a Deployment's controller gave it or its ReplicaSet; null without one. */
export function revisionOf({ metadata: of }: Workload): number | null {
  const number = Number(of.annotations?.['deployment.kubernetes.io/revision']);
  return Number.isInteger(number) ? number : null;
}
