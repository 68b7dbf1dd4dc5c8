import type { Finding } from '../../incidents/evidence.ts';
import { compact } from '../../wording/lengths.ts';
import type { Change } from '../rules/changeList.ts';
import { diag } from '../rules/words.ts';

const MINUTE = 60_000;
/** Milliseconds before the start within which a rollout is a likely cause; an earlier one is only listed. */
const CLOSE = 20 * MINUTE;
const TOLD = 3;

/**
 * Changes ordered by distance to the start; one before the start ranks ahead of one after it, which may be a reaction.
 */
export function byCloseness(changes: readonly Change[], start: number): readonly Change[] {
  const after = (one: Change) => (one.at > start ? 1 : 0);
  return changes.toSorted(
    (a, b) =>
      after(a) - after(b) ||
      Math.abs(start - a.at) - Math.abs(start - b.at) ||
      Number(b.rollout) - Number(a.rollout) ||
      b.name.localeCompare(a.name),
  );
}

/** Changes before an incident began; that there were none is a finding too. */
export function changeFindings(
  changes: readonly Change[],
  start: number,
  window: { readonly since: number; readonly namespace: string | null; readonly complete: boolean },
): readonly Finding[] {
  const before = byCloseness(changes, start).filter(({ at }) => at <= start);
  if (before.length === 0 && window.complete)
    return [
      {
        code: 'no-change',
        level: 'ok',
        confidence: 'excluded',
        subject: { kind: 'Namespace', namespace: null, name: window.namespace ?? 'all namespaces' },
        conclusion: `No workload, Revision, Knative Service or quota was rolled out or edited ${window.namespace ? `in ${window.namespace} ` : ''}in the ${compact(start - window.since)} before the start.`,
        because: ['none of them has a date in that time; ConfigMaps and Secrets are not read'],
        count: 1,
        nextStep: null,
      },
    ];
  return before.slice(0, TOLD).map((one) => {
    const close = start - one.at <= CLOSE && one.rollout;
    const subject = { kind: one.kind, namespace: one.namespace, name: one.name };
    return {
      code: one.rollout ? 'rollout-before-start' : 'change-before-start',
      level: 'notice',
      confidence: close ? 'likely' : 'unknown',
      subject,
      conclusion: `${one.kind} ${one.name} was ${one.rollout ? 'rolled out' : 'changed'} ${compact(start - one.at)} before the start: ${one.detail}.`,
      because: [`${new Date(one.at).toISOString()} ${one.detail}${one.by ? `, by ${one.by}` : ''}`],
      nextStep: `Did it go well? ${one.kind === 'Deployment' ? diag('rollouts', subject) : `/lambda diag rollouts${one.namespace ? ` -n ${one.namespace}` : ''}`}`,
      count: 1,
    };
  });
}
