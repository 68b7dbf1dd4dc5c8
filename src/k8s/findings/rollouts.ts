import { z } from 'zod';
import type { Finding } from '../../incidents/evidence.ts';
import { conditionOf } from '../conditions.ts';
import { conditions, count, metadata } from '../objects.ts';
import { finding, look } from './finding.ts';

/** How far a Deployment, StatefulSet or DaemonSet is, whichever of their fields it has. */
export const progress = z.object({
  metadata: metadata.extend({ generation: count }),
  spec: z.object({ replicas: count, paused: z.boolean().optional().catch(undefined) }).catch({}),
  status: z
    .object({
      observedGeneration: count,
      readyReplicas: count,
      updatedReplicas: count,
      availableReplicas: count,
      desiredNumberScheduled: count,
      numberReady: count,
      updatedNumberScheduled: count,
      numberAvailable: count,
      conditions,
    })
    .catch({}),
});
export type Progress = z.output<typeof progress>;

export interface Standing {
  readonly desired: number;
  readonly ready: number;
  readonly updated: number;
}

/** Pods wanted, ready, and of the newest template. */
export function standing(kind: string, of: Progress): Standing {
  const { status, spec } = of;
  if (kind === 'DaemonSet')
    return {
      desired: status.desiredNumberScheduled ?? 0,
      ready: status.numberReady ?? 0,
      updated: status.updatedNumberScheduled ?? 0,
    };
  return { desired: spec.replicas ?? 1, ready: status.readyReplicas ?? 0, updated: status.updatedReplicas ?? 0 };
}

function countsOf(kind: string, of: Progress): string {
  const { desired, ready, updated } = standing(kind, of);
  return `${ready} of ${desired} ready, ${updated} of the newest template`;
}

/** A rollout that is stuck, a workload that is short of pods or has none. */
export function rolloutFindings(kind: string, of: Progress): readonly Finding[] {
  const { name, namespace = null } = of.metadata;
  const subject = { kind, namespace, name };
  const { desired, ready } = standing(kind, of);
  const counts = countsOf(kind, of);
  const logs = look('logs', { name: `${WORDS[kind] ?? 'deploy'}/${name}`, namespace });
  const failure = conditionOf(of, 'ReplicaFailure');
  if (failure?.status === 'True')
    return [
      finding({
        code: 'replica-failure',
        level: 'critical',
        subject,
        conclusion: `${kind} ${name} cannot create its pods (${failure.reason ?? 'ReplicaFailure'}).`,
        because: [failure.message ?? 'ReplicaFailure=True', counts],
        nextStep: `Is the quota used up? ${look('quota', { namespace })}`,
      }),
    ];
  const progressing = conditionOf(of, 'Progressing');
  if (progressing?.status === 'False')
    return [
      finding({
        code: 'rollout-stuck',
        level: ready === 0 && desired > 0 ? 'critical' : 'warning',
        subject,
        conclusion: `The rollout of ${kind} ${name} does not get on (${progressing.reason ?? 'Progressing=False'})${ready > 0 ? '; pods of the version before still run' : ''}.`,
        because: [progressing.message ?? 'Progressing=False', counts],
        nextStep: `What do the new pods say? ${logs}`,
      }),
    ];
  return shortage(kind, of, logs);
}

/** A workload that has fewer pods than it wants, or is held. */
function shortage(kind: string, of: Progress, logs: string): readonly Finding[] {
  const { name, namespace = null } = of.metadata;
  const subject = { kind, namespace, name };
  const { desired, ready, updated } = standing(kind, of);
  const counts = countsOf(kind, of);
  if (desired > 0 && ready === 0)
    return [
      finding({
        code: 'workload-down',
        level: 'critical',
        subject,
        conclusion: `${kind} ${name} has no ready pod (${desired} wanted).`,
        because: [counts],
        nextStep: `What do its pods say? ${logs}`,
      }),
    ];
  if (ready < desired)
    return [
      finding({
        code: updated < desired ? 'rollout-in-progress' : 'workload-short',
        level: updated < desired ? 'notice' : 'warning',
        subject,
        conclusion:
          updated < desired
            ? `${kind} ${name} is being rolled out (${counts}).`
            : `${kind} ${name} is short of pods (${ready} of ${desired} ready).`,
        because: [counts],
        nextStep: `What do the others wait for? ${look('pods', { namespace }, `--filter ${name}`)}`,
      }),
    ];
  if (!of.spec.paused) return [];
  return [
    finding({
      code: 'rollout-paused',
      level: 'notice',
      subject,
      conclusion: `${kind} ${name} is paused: edits are not rolled out.`,
      because: ['spec.paused: true'],
      nextStep: `Who paused it? ${look('changes', { namespace })}`,
    }),
  ];
}

/** The newest revision of a function when it is not ready, whatever still serves. */
export function revisionFindings(
  newest: readonly {
    readonly name: string;
    readonly namespace: string | null;
    readonly owner: string | null;
    readonly ready: string;
    readonly message: string;
  }[],
): readonly Finding[] {
  return newest
    .filter(({ ready }) => ready !== 'True')
    .map(({ name, namespace, owner, ready, message }) =>
      finding({
        code: 'revision-not-ready',
        level: 'warning',
        subject: { kind: 'Revision', namespace, name },
        conclusion: `The newest revision of ${owner ?? 'a function'}, ${name}, is not ready (${ready}).`,
        because: [`${name} Ready: ${ready}${message ? `: ${message}` : ''}`],
        nextStep: `Does the one before still serve? ${owner ? look('function', { name: owner, namespace }) : look('pods', { namespace })}`,
      }),
    );
}

const WORDS: Readonly<Record<string, string>> = { Deployment: 'deploy', StatefulSet: 'sts', DaemonSet: 'ds' };
