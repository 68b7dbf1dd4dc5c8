import type { Finding, ObjectName } from '../../incidents/evidence.ts';
import { finding } from '../findings/finding.ts';
import type { Facts } from './facts.ts';
import type { Topic } from './target.ts';

/** How near the root a cause lies: what lies deeper explains what it touches. */
export const DEPTH = { symptom: 1, workload: 2, control: 3, platform: 4, node: 5 } as const;

/** One cause as the facts show it: a finding, with what it accounts for. */
export interface Case extends Finding {
  /** Names of objects this accounts for: pods, Jobs, functions, nodes. */
  readonly touches: readonly string[];
  readonly areas: readonly Topic[];
  readonly depth: number;
  /** Lines that speak against it. */
  readonly against: readonly string[];
  /** Set when this shows that there is no incident, in words. */
  readonly noIncident?: string;
}

/** How a hypothesis ends. */
export interface Verdict {
  readonly outcome: 'confirmed' | 'excluded' | 'unknown';
  /** The lines of output that decided it, or what was missing to decide. */
  readonly because: readonly string[];
  readonly cases: readonly Case[];
}

/** A way this platform fails (domain fact sheet, section 4.2), judged by facts alone. */
export interface Hypothesis {
  readonly id: string;
  readonly title: string;
  /** What kind of alerts it may explain; it is told as ruled out only for those. */
  readonly areas: readonly Topic[];
  readonly judge: (facts: Facts) => Verdict;
}

type CaseParts = Pick<Case, 'code' | 'subject' | 'conclusion' | 'because' | 'touches' | 'areas'> & Partial<Case>;

/** A confirmed critical cause of one workload, unless said otherwise. */
export function cause(parts: CaseParts): Case {
  return {
    depth: DEPTH.workload,
    against: [],
    ...finding({ level: 'critical', ...parts }),
    ...withoutUndefined(parts),
  };
}

function withoutUndefined(parts: CaseParts): Pick<Case, 'touches' | 'areas'> & Partial<Case> {
  const { touches, areas, depth, against, noIncident } = parts;
  return {
    touches,
    areas,
    ...(depth === undefined ? {} : { depth }),
    ...(against === undefined ? {} : { against }),
    ...(noIncident === undefined ? {} : { noIncident }),
  };
}

/** Confirmed by its cases; a hypothesis that has only likely ones stays unknown. */
export function found(cases: readonly Case[]): Verdict {
  const decided = cases.some(({ confidence }) => confidence === 'confirmed');
  return {
    outcome: decided ? 'confirmed' : 'unknown',
    because: cases.flatMap(({ because }) => because.slice(0, 2)).slice(0, 4),
    cases,
  };
}

export function excluded(...because: readonly string[]): Verdict {
  return { outcome: 'excluded', because, cases: [] };
}

export function undecided(...because: readonly string[]): Verdict {
  return { outcome: 'unknown', because, cases: [] };
}

export function object(kind: string, namespace: string | null | undefined, name: string): ObjectName {
  return { kind, namespace: namespace ?? null, name };
}

/** `a, b and 3 more`. */
export function several(names: readonly string[], most = 3): string {
  const all = [...new Set(names)];
  if (all.length <= most) return all.length > 1 ? `${all.slice(0, -1).join(', ')} and ${all.at(-1)}` : (all[0] ?? '');
  return `${all.slice(0, most).join(', ')} and ${all.length - most} more`;
}
