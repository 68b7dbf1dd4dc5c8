import { short } from '../../wording/cuts.ts';
import { spoken } from '../../wording/lengths.ts';
import type { Facts } from '../facts/facts.ts';
import { conditionOf, createdAt, named, timeOf } from '../subjects/object.ts';
import { isReady, isSick, STUCK_MS } from '../subjects/pod.ts';
import {
  availableReplicas,
  existingReplicas,
  isObserved,
  isScaledToZero,
  updatedReplicas,
  type Workload,
  wantedReplicas,
} from '../subjects/workload.ts';
import { admissionCases } from './admission.ts';
import { type Case, found } from './case.ts';
import { isTarget } from './targeted.ts';
import { say } from './words.ts';

/** Milliseconds of inactivity after which a controller is considered broken; a working one acts within seconds. */
const IDLE_MS = 2 * 60_000;

const WORKLOADS = ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet'] as const;
type WorkloadKind = (typeof WORKLOADS)[number];

/** Pods that a controller may not create, replicas that are missing, rollouts that are stuck. */
export function workloadCases(facts: Facts): readonly Case[] {
  return [
    ...admissionCases(facts),
    ...WORKLOADS.flatMap((kind) => facts.all(kind).flatMap((of) => shortCases(kind, of, facts))),
  ];
}

function shortCases(kind: WorkloadKind, of: Workload, facts: Facts): readonly Case[] {
  if (isScaledToZero(of)) return [];
  const subject = named(kind, of.metadata);
  const who = say(subject);
  const cases: Case[] = [];
  const age = facts.now - (createdAt(of) ?? 0);
  const [wanted, available] = [wantedReplicas(of), availableReplicas(of)];
  const progressing = conditionOf(of, 'Progressing');
  if (progressing?.status === 'False' && progressing.reason === 'ProgressDeadlineExceeded')
    cases.push(
      found('rollout-stuck', {
        subject,
        parts: { who, detail: '' },
        because: [`Progressing=False: ${short(progressing.message ?? progressing.reason ?? '')}`],
        at: timeOf(progressing.lastTransitionTime),
      }),
    );
  // For a stalled rollout that is the target, being paused is the answer; the controller reports nothing else.
  if (
    of.spec.paused === true &&
    (updatedReplicas(of) < wanted || (progressing?.reason === 'DeploymentPaused' && isTarget(subject, facts)))
  )
    cases.push(found('paused', { subject, parts: { who }, because: ['spec.paused is true'] }));
  cases.push(...idleController(kind, of, facts));
  if (kind === 'ReplicaSet' || available >= wanted) return cases;
  const since = unavailableSince(of);
  const isLate = since === null ? age > STUCK_MS : facts.now - since > STUCK_MS;
  const isRolling =
    kind === 'Deployment' &&
    progressing?.status === 'True' &&
    progressing.reason !== 'NewReplicaSetAvailable' &&
    available >= wanted - 1;
  if (isRolling && updatedReplicas(of) < wanted) {
    const parts = { who, ready: String(available), wanted: String(wanted), updated: String(updatedReplicas(of)) };
    const because = [`Progressing=True ${progressing.reason ?? ''}`];
    return [...cases, found('rollout-in-progress', { subject, confidence: 'unknown', parts, because })];
  }
  cases.push(
    found('replicas-short', {
      subject,
      confidence: isLate && !isRolling ? 'confirmed' : 'unknown',
      level: !isLate || isRolling ? 'notice' : available === 0 ? 'critical' : 'warning',
      parts: {
        who,
        ready: String(available),
        wanted: String(wanted),
        since: since === null ? '' : ` for ${spoken(facts.now - since)}`,
      },
      because: [`${available} of ${wanted} replicas available`],
      at: since,
    }),
  );
  return [...cases, ...orderedStart(kind, of, facts)];
}

function unavailableSince(of: Workload): number | null {
  const available = conditionOf(of, 'Available');
  return available?.status === 'False' ? timeOf(available.lastTransitionTime) : null;
}

/** A StatefulSet that waits for one pod before it makes the next. */
function orderedStart(kind: WorkloadKind, of: Workload, facts: Facts): readonly Case[] {
  if (kind !== 'StatefulSet' || existingReplicas(of) >= wantedReplicas(of)) return [];
  const own = facts
    .within('Pod', of.metadata.namespace)
    .filter(({ metadata }) =>
      metadata.ownerReferences?.some(({ name, kind: owner }) => owner === kind && name === of.metadata.name),
    );
  const blocking = own.find((pod) => !isReady(pod) && isSick(pod, facts.now));
  if (!blocking) return [];
  const subject = named(kind, of.metadata);
  return [
    found('ordered-start-blocked', {
      subject,
      parts: { who: say(subject), pod: blocking.metadata.name },
      because: [`${existingReplicas(of)} of ${wantedReplicas(of)} pods exist, ${blocking.metadata.name} is not ready`],
    }),
  ];
}

/** A controller that does nothing: neither pods nor a refusal, or a spec it has not observed. */
function idleController(kind: WorkloadKind, of: Workload, facts: Facts): readonly Case[] {
  const subject = named(kind, of.metadata);
  const changed = (of.metadata.managedFields ?? []).map(({ time, subresource }) =>
    subresource ? 0 : (timeOf(time) ?? 0),
  );
  const since = Math.max(createdAt(of) ?? 0, ...changed);
  if (since === 0 || facts.now - since < IDLE_MS) return [];
  const isIdle = !isObserved(of);
  const makesNone =
    kind === 'ReplicaSet' &&
    existingReplicas(of) === 0 &&
    wantedReplicas(of) > 0 &&
    conditionOf(of, 'ReplicaFailure') === null &&
    facts.coverage('Event', of.metadata.namespace) !== 'unread' &&
    facts.coverage('Pod', of.metadata.namespace) === 'whole' &&
    facts.eventsAbout(subject).length === 0 &&
    of.status.observedGeneration === undefined;
  if (!isIdle && !makesNone) return [];
  return [
    found('controller-manager-down', {
      subject,
      confidence: 'likely',
      parts: {
        who: say(subject),
        detail: isIdle
          ? `has a spec (generation ${of.metadata.generation}) that its controller has not looked at`
          : 'wants pods and nobody has tried to make one',
      },
      because: [
        isIdle
          ? `generation ${of.metadata.generation}, observedGeneration ${of.status.observedGeneration}`
          : '0 pods, no event, no condition ReplicaFailure',
      ],
      at: since,
    }),
  ];
}
