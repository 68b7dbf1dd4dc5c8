import { counted } from '../../../wording/counts.ts';
import { short } from '../../../wording/cuts.ts';
import type { Facts } from '../../facts/facts.ts';
import { createdAt } from '../../subjects/object.ts';
import type { Pod } from '../../subjects/pod.ts';
import { type Case, type Code, found } from '../case.ts';
import { podName } from '../words.ts';

/** One reason in the scheduler's message. */
export interface Reason {
  /** Number of nodes it applies to; null where the scheduler gives none. */
  readonly nodes: number | null;
  readonly text: string;
}

/** The input of a conclusion about one unscheduled pod. */
export interface Placing {
  readonly pod: Pod;
  readonly facts: Facts;
  readonly reasons: readonly Reason[];
  readonly base: { readonly who: string; readonly detail: string; readonly need: string; readonly look: string };
  readonly because: readonly string[];
}

export const CONTROL_PLANE = /node-role\.kubernetes\.io\/(?:control-plane|master)/;

/** A case about the pod, with what it needs and what else keeps it from a place. */
export function make(
  code: Extract<Code, `unschedulable${string}`>,
  { pod, base, because }: Placing,
  need: string,
  detail = '',
  more: readonly string[] = [],
): Case {
  return found(code, {
    subject: podName(pod),
    parts: { ...base, need, detail },
    because: [...because, ...more],
    at: createdAt(pod),
  });
}

/** The reason that excludes the other nodes, in few words. */
export function others(reasons: readonly Reason[], told: RegExp): string {
  const rest = reasons.filter(({ text }) => !told.test(text) && !CONTROL_PLANE.test(text));
  return rest.length === 0
    ? ''
    : `; besides: ${rest.map(({ nodes, text }) => `${nodes === null ? '' : `${counted(nodes, 'node')} `}${short(text.replace(/^node\(s\) /, ''), 70)}`).join(', ')}`;
}
