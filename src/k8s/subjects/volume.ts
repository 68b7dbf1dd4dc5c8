import { z } from 'zod';
import { conditions, labelSelector, listOf, metadata, quantities, text } from './object.ts';

/** A PersistentVolumeClaim. */
export const claim = z.object({
  metadata,
  spec: z
    .object({
      volumeName: text,
      storageClassName: text,
      accessModes: listOf(z.string()),
      volumeMode: text,
      selector: labelSelector,
      resources: z.object({ requests: quantities }).optional().catch(undefined),
    })
    .catch({}),
  status: z.object({ phase: text, capacity: quantities, conditions }).catch({}),
});
export type Claim = z.output<typeof claim>;

/** A PersistentVolume. */
export const volume = z.object({
  metadata,
  spec: z
    .object({
      capacity: quantities,
      accessModes: listOf(z.string()),
      storageClassName: text,
      volumeMode: text,
      persistentVolumeReclaimPolicy: text,
      claimRef: z.object({ namespace: text, name: text, uid: text }).optional().catch(undefined),
      nodeAffinity: z.unknown().optional(),
    })
    .catch({}),
  status: z.object({ phase: text, reason: text, message: text }).catch({}),
});
export type Volume = z.output<typeof volume>;

export const storageClass = z.object({
  metadata,
  provisioner: text,
  volumeBindingMode: text,
  reclaimPolicy: text,
});
export type StorageClass = z.output<typeof storageClass>;

export function isBound(of: Claim): boolean {
  return of.status.phase === 'Bound';
}

/** The class used where a claim names none. */
export function isDefaultClass(of: StorageClass): boolean {
  return of.metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true';
}

/** Volumes of a class that binds on first use are bound when a pod is placed: until then a Pending claim waits rightly. */
export function bindsOnFirstUse(of: StorageClass): boolean {
  return of.volumeBindingMode === 'WaitForFirstConsumer';
}
