import { jobOfPod } from '../subjects/build.ts';
import { type Event, lastSeen } from '../subjects/event.ts';
import type { Lookup } from '../subjects/inventory.ts';
import { isFinished, phaseOf } from '../subjects/job.ts';
import { type Kind, kindOf, type ObjectOf } from '../subjects/kinds.ts';
import { type KnativeObject, readinessOf } from '../subjects/knative.ts';
import { healthOf, type Node } from '../subjects/node.ts';
import { conditionOf, timeOf } from '../subjects/object.ts';
import { isOver, isReady, isUnscheduled, type Pod } from '../subjects/pod.ts';
import { isBound } from '../subjects/volume.ts';
import { existingReplicas, isWhole, type Workload, wantedReplicas } from '../subjects/workload.ts';

/** Warnings about making pods: they are over when the pods are there. */
const CREATING = /^Failed(Create|Delete)$|^ReplicaSetCreateError$/;
/** Warnings about placing a pod: they are over when it has a node. */
const PLACING = /^(FailedScheduling|FailedPreemption|NotTriggerScaleUp)$/;
/** Probes and back-offs, which come and go while a container runs. */
const RUNNING =
  /^(Unhealthy|ProbeWarning|BackOff|Failed|FailedMount|FailedAttachVolume|FailedCreatePodSandBox|NetworkNotReady)/;

/** How an object shows that it has reached what a warning about it says it lacks; kinds that are not here never show it. */
const RECOVERED = {
  Pod: podRecovered,
  Deployment: (of, event, facts) => workloadRecovered(of, event, 'Deployment', facts),
  ReplicaSet: (of, event, facts) => workloadRecovered(of, event, 'ReplicaSet', facts),
  StatefulSet: (of, event, facts) => workloadRecovered(of, event, 'StatefulSet', facts),
  DaemonSet: (of, event, facts) => workloadRecovered(of, event, 'DaemonSet', facts),
  Job: (of, { reason = '' }) =>
    phaseOf(of) === 'complete' || (CREATING.test(reason) && (isFinished(of) || (of.status.active ?? 0) > 0)),
  PersistentVolumeClaim: isBound,
  Node: nodeRecovered,
  HorizontalPodAutoscaler: (of) =>
    ['ScalingActive', 'AbleToScale'].every((type) => conditionOf(of, type)?.status === 'True'),
  KnativeService: isTrue,
  Configuration: isTrue,
  Revision: isTrue,
  Route: isTrue,
  KnativeIngress: isTrue,
  Broker: isTrue,
  Trigger: isTrue,
  LambdaFunction: isTrue,
  Certificate: isTrue,
} as const satisfies { readonly [K in Kind]?: (object: ObjectOf<K>, event: Event, facts: Lookup) => boolean };

/** A kind whose objects show that a warning about them is over. */
export type Recovering = keyof typeof RECOVERED;
export const RECOVERING = Object.keys(RECOVERED) as readonly Recovering[]; // its own keys

/**
 * Whether the object of a warning has reached the state that the warning says it lacks. The present state outranks an
 * event, also one of the same second. An object that is gone, where the list is whole, has no troubles.
 */
export function hasRecovered(event: Event, facts: Lookup): boolean {
  const { apiVersion, kind = '', namespace, name } = event.involvedObject;
  const known = kindOf(apiVersion, kind);
  if (known === null || !name) return false;
  const object = facts.get(known, namespace, name);
  if (object === null) return isGone(known, namespace, facts, event);
  const recovering = RECOVERING.find((one) => one === known);
  // The object has the shape of the kind it was asked for by.
  const recovered = recovering && (RECOVERED[recovering] as (of: unknown, event: Event, facts: Lookup) => boolean);
  return recovered?.(object, event, facts) ?? false;
}

function isTrue(of: KnativeObject): boolean {
  return readinessOf(of) === 'true';
}

function nodeRecovered(of: Node, event: Event): boolean {
  const since = lastSeen(event);
  const ready = timeOf(conditionOf(of, 'Ready')?.lastTransitionTime);
  const isOfNode = /NotReady|NodeUnreachable|Rebooted/.test(event.reason ?? '');
  return healthOf(of) === 'ready' && isOfNode && since !== null && (ready ?? 0) >= since;
}

/**
 * Whether a pod that ended badly is history: its Job completed with another one, or its controller has every pod it wants.
 * Kubernetes leaves such pods behind until it collects them (https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-garbage-collection).
 */
export function isReplaced(pod: Pod, facts: Lookup): boolean {
  if (pod.status.phase !== 'Failed') return false;
  const { namespace, ownerReferences = [] } = pod.metadata;
  const job = facts.get('Job', namespace, jobOfPod(pod));
  if (job) return phaseOf(job) === 'complete';
  return ownerReferences.some(({ kind, name }) => {
    if (kind !== 'ReplicaSet' && kind !== 'StatefulSet' && kind !== 'DaemonSet') return false;
    const owner = facts.get(kind, namespace, name);
    return owner !== null && isWhole(owner);
  });
}

/**
 * Whether an object is gone. Events outlive their objects by an hour; only a list that was read to its end proves
 * absence. Where all unhealthy objects were read, an absent one is gone or healthy: a failing probe of a healthy object
 * shows only in its event.
 */
function isGone(kind: Kind, namespace: string | undefined, facts: Lookup, event: Event): boolean {
  if (kind !== 'Pod' && kind !== 'ReplicaSet' && kind !== 'Job') return false;
  const coverage = facts.coverage(kind, namespace);
  return coverage === 'whole' || (coverage === 'ill' && !isProbe(event));
}

function podRecovered(pod: Pod, event: Event): boolean {
  const since = lastSeen(event);
  const reason = event.reason ?? '';
  if (PLACING.test(reason)) return !isUnscheduled(pod);
  if (isOver(pod)) return pod.status.phase === 'Succeeded';
  if (!RUNNING.test(reason)) return isReady(pod);
  const readyAt = timeOf(conditionOf(pod, 'Ready')?.lastTransitionTime);
  return isReady(pod) && (since === null || readyAt === null || readyAt >= since || !isProbe(event));
}

/**
 * A readiness or liveness failure of a pod that has been ready throughout shows only in the event, so the event still
 * holds.
 */
function isProbe(event: Event): boolean {
  return event.reason === 'Unhealthy' && /^Liveness/.test(event.message ?? '');
}

function workloadRecovered(of: Workload, event: Event, kind: Kind, facts: Lookup): boolean {
  if (!CREATING.test(event.reason ?? '')) return isWhole(of);
  if (existingReplicas(of) >= wantedReplicas(of)) return true;
  // The status may lag behind what the controller has just done: a later SuccessfulCreate says that it goes on.
  const about = { kind, namespace: of.metadata.namespace ?? null, name: of.metadata.name };
  const at = lastSeen(event) ?? 0;
  return facts.eventsAbout(about).some((one) => one.reason === 'SuccessfulCreate' && (lastSeen(one) ?? 0) > at);
}
