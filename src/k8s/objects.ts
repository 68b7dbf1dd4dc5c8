import { z } from 'zod';

/**
 * What we read of Kubernetes objects. Everything else is tolerated and dropped; a field that has another type than
 * documented is read as missing rather than failing the whole answer.
 */
export const text = z.string().optional().catch(undefined);
export const count = z.number().optional().catch(undefined);
export const texts = z.record(z.string(), z.string()).optional().catch(undefined);

/** Who set which fields, and when: the only date an edit has (https://kubernetes.io/docs/reference/using-api/server-side-apply/). */
const managedField = z.object({
  manager: text,
  operation: text,
  subresource: text,
  time: text,
  fieldsV1: z.record(z.string(), z.unknown()).optional().catch(undefined),
});
export type ManagedField = z.output<typeof managedField>;

export const metadata = z.object({
  name: z.string().catch(''),
  namespace: text,
  uid: text,
  labels: texts,
  annotations: texts,
  creationTimestamp: text,
  deletionTimestamp: text,
  ownerReferences: z
    .array(z.object({ kind: z.string(), name: z.string() }))
    .optional()
    .catch(undefined),
  managedFields: z.array(managedField).optional().catch(undefined),
});
export type Metadata = z.output<typeof metadata>;

const terminated = z
  .object({ exitCode: count, signal: count, reason: text, message: text, startedAt: text, finishedAt: text })
  .optional()
  .catch(undefined);
const state = z
  .object({
    waiting: z.object({ reason: text, message: text }).optional().catch(undefined),
    running: z.object({ startedAt: text }).optional().catch(undefined),
    terminated,
  })
  .optional()
  .catch(undefined);
const containerStatus = z.object({
  name: z.string().catch(''),
  ready: z.boolean().optional().catch(undefined),
  started: z.boolean().optional().catch(undefined),
  restartCount: count,
  image: text,
  state,
  lastState: state,
});
export type ContainerStatus = z.output<typeof containerStatus>;

const condition = z.object({
  type: z.string().catch(''),
  status: z.string().catch(''),
  reason: text,
  message: text,
  lastTransitionTime: text,
});
export type Condition = z.output<typeof condition>;
export const conditions = z.array(condition).optional().catch(undefined);
export const container = z.object({
  name: z.string().catch(''),
  image: text,
  args: z.array(z.string()).optional().catch(undefined),
  resources: z.object({ limits: texts, requests: texts }).optional().catch(undefined),
});

const podTemplate = z
  .object({
    metadata: z.object({ annotations: texts }).catch({}),
    spec: z.object({ containers: z.array(container).optional().catch(undefined) }).catch({}),
  })
  .optional()
  .catch(undefined);

export const pod = z.object({
  metadata,
  spec: z
    .object({
      nodeName: text,
      containers: z.array(container).catch([]),
      initContainers: z.array(container).optional().catch(undefined),
      volumes: z
        .array(z.object({ persistentVolumeClaim: z.object({ claimName: text }).optional().catch(undefined) }))
        .optional()
        .catch(undefined),
    })
    .catch({ containers: [] }),
  status: z
    .object({
      phase: text,
      reason: text,
      message: text,
      startTime: text,
      conditions,
      containerStatuses: z.array(containerStatus).optional().catch(undefined),
      initContainerStatuses: z.array(containerStatus).optional().catch(undefined),
    })
    .catch({}),
});
export type Pod = z.output<typeof pod>;

export const job = z.object({
  metadata,
  spec: z
    .object({
      backoffLimit: count,
      activeDeadlineSeconds: count,
      completions: count,
      suspend: z.boolean().optional().catch(undefined),
      template: podTemplate,
    })
    .catch({}),
  status: z
    .object({ active: count, succeeded: count, failed: count, startTime: text, completionTime: text, conditions })
    .catch({}),
});
export type Job = z.output<typeof job>;

/** A Deployment, StatefulSet, DaemonSet or ReplicaSet. */
export const workload = z.object({
  metadata,
  spec: z.object({ replicas: count, template: podTemplate }).catch({}),
  status: z.object({ replicas: count, readyReplicas: count, availableReplicas: count, conditions }).catch({}),
});
export type Workload = z.output<typeof workload>;

export const event = z.object({
  metadata,
  type: text,
  reason: text,
  message: text,
  count,
  firstTimestamp: z.string().nullish().catch(undefined),
  lastTimestamp: z.string().nullish().catch(undefined),
  eventTime: z.string().nullish().catch(undefined),
  series: z.object({ lastObservedTime: text, count }).nullish().catch(undefined),
  involvedObject: z.object({ kind: text, namespace: text, name: text, fieldPath: text }).catch({}),
});
export type Event = z.output<typeof event>;

/** Epoch ms of when an event was last seen: newer clusters fill `series` or only `eventTime`. Null when it does not say. */
export function lastSeen(one: Event): number | null {
  const when =
    one.series?.lastObservedTime ??
    one.lastTimestamp ??
    one.eventTime ??
    one.firstTimestamp ??
    one.metadata.creationTimestamp;
  const at = when ? Date.parse(when) : Number.NaN;
  return Number.isNaN(at) ? null : at;
}

export const node = z.object({
  metadata,
  spec: z
    .object({
      unschedulable: z.boolean().optional().catch(undefined),
      taints: z
        .array(z.object({ key: z.string(), effect: text, value: text }))
        .optional()
        .catch(undefined),
    })
    .catch({}),
  status: z.object({ allocatable: texts, capacity: texts, conditions }).catch({}),
});
export type Node = z.output<typeof node>;

export const claim = z.object({
  metadata,
  spec: z.object({ volumeName: text, storageClassName: text }).catch({}),
  status: z.object({ phase: text, capacity: texts }).catch({}),
});
export type Claim = z.output<typeof claim>;

export const quota = z.object({
  metadata,
  spec: z.object({ hard: texts }).catch({}),
  status: z.object({ hard: texts, used: texts }).catch({}),
});
export type Quota = z.output<typeof quota>;

export const endpoints = z.object({
  metadata,
  subsets: z
    .array(z.object({ addresses: z.array(z.unknown()).optional().catch(undefined) }))
    .optional()
    .catch(undefined),
});
export type Endpoints = z.output<typeof endpoints>;

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

export const podMetrics = z.object({
  metadata,
  containers: z.array(z.object({ name: z.string(), usage: texts })).catch([]),
});
export const nodeMetrics = z.object({ metadata, usage: texts });
