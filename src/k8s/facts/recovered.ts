import { jobOfPod } from '../subjects/build.ts';
import { type Event, lastSeen } from '../subjects/event.ts';
import type { Lookup } from '../subjects/inventory.ts';
import { isFinished, phaseOf } from '../subjects/job.ts';
import { type Kind, kindOf } from '../subjects/kinds.ts';
import { readinessOf } from '../subjects/knative.ts';
import { healthOf } from '../subjects/node.ts';
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
  const since = lastSeen(event);
  switch (known) {
    case 'Pod':
      return podRecovered(object as Pod, event, since);
    case 'Deployment':
    case 'ReplicaSet':
    case 'StatefulSet':
    case 'DaemonSet':
      return workloadRecovered(object as Workload, event, known, facts);
    case 'Job': {
      // The shape belongs to the kind that was asked for.
      const job = object as Parameters<typeof phaseOf>[0];
      return (
        phaseOf(job) === 'complete' ||
        (CREATING.test(event.reason ?? '') && (isFinished(job) || (job.status.active ?? 0) > 0))
      );
    }
    case 'PersistentVolumeClaim':
      return isBound(object as Parameters<typeof isBound>[0]);
    case 'Node': {
      const node = object as Parameters<typeof healthOf>[0];
      const ready = timeOf(conditionOf(node, 'Ready')?.lastTransitionTime);
      return (
        healthOf(node) === 'ready' &&
        /NotReady|NodeUnreachable|Rebooted/.test(event.reason ?? '') &&
        since !== null &&
        (ready ?? 0) >= since
      );
    }
    case 'HorizontalPodAutoscaler':
      return ['ScalingActive', 'AbleToScale'].every((type) => conditionOf(object as never, type)?.status === 'True');
    case 'KnativeService':
    case 'Configuration':
    case 'Revision':
    case 'Route':
    case 'KnativeIngress':
    case 'Broker':
    case 'Trigger':
    case 'LambdaFunction':
    case 'Certificate':
      return readinessOf(object as Parameters<typeof readinessOf>[0]) === 'true';
    default:
      return false;
  }
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

function podRecovered(pod: Pod, event: Event, since: number | null): boolean {
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
