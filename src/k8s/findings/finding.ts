import type { Finding, ObjectName } from '../../incidents/evidence.ts';
import type { Metadata } from '../objects.ts';

/** The name of an object as findings carry it. */
export function nameOf(kind: string, of: Metadata): ObjectName {
  return { kind, namespace: of.namespace ?? null, name: of.name };
}

/** A finding about one object, confirmed unless said otherwise. */
export function finding(parts: Pick<Finding, 'code' | 'level' | 'subject' | 'conclusion'> & Partial<Finding>): Finding {
  return { confidence: 'confirmed', count: 1, because: [], nextStep: null, ...parts };
}

/** The look that follows, as it can be typed: `/lambda diag logs NAME -n NAMESPACE --previous`. */
export function look(
  diagnostic: string,
  of: { readonly name?: string | undefined; readonly namespace?: string | null | undefined },
  ...flags: readonly string[]
): string {
  return ['/lambda diag', diagnostic, of.name ?? '', of.namespace ? `-n ${of.namespace}` : '', ...flags]
    .filter((word) => word !== '')
    .join(' ');
}

const LEVELS = ['critical', 'warning', 'notice', 'ok'];
const CONFIDENCES = ['confirmed', 'likely', 'unknown', 'excluded'];
const MAX_BECAUSE = 6;
const NAMED = 4;

/**
 * What says less yields to what says more about the same object: that an image is not there explains that it cannot be
 * pulled. Its evidence goes over.
 */
const YIELDS: Readonly<Record<string, RegExp>> = {
  'image-pull': /^image-(?!pull$)/,
  'container-waiting': /^(mount-failed|sandbox-failed|image-|container-config)/,
  'container-killed': /^(pod-evicted|pod-disrupted|liveness-failed|oom-killed|build-oom-killed|memory-exhausted)$/,
  'container-failed':
    /^(build-|source-|storage-|bucket-|registry-|base-image|dockerfile-|dependency-|context-|disk-full|dns-|pod-evicted|pod-disrupted|memory-exhausted)/,
  'not-ready': /^(readiness|liveness|startup)-failed$/,
  'job-no-pods': /^(quota-exceeded|limit-range|pod-security|service-account-missing|webhook-|create-failed)/,
  'job-backoff': /^(?!rollout-|change-|no-change)/,
  'job-failed': /^(?!job-|rollout-|change-|no-change)/,
  evicted: /^pod-evicted$/,
};

/**
 * Findings as they are told: the same about one object once, the weaker explanation left out, the same cause of many
 * objects as one finding with a count and their names; the worst and most certain first.
 */
export function rank(findings: readonly Finding[]): readonly Finding[] {
  const groups = new Map<string, Finding[]>();
  for (const one of explained(distinct(findings))) {
    const key = [one.code, one.subject.namespace, one.confidence, one.level, cause(one)].join('/');
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  const order = (one: Finding) =>
    LEVELS.indexOf(one.level) * 100 + (SYMPTOM.test(one.code) ? 10 : 0) + CONFIDENCES.indexOf(one.confidence);
  return [...groups.values()].map(together).toSorted((a, b) => order(a) - order(b) || b.count - a.count);
}

/** One finding a code and object; several sources of it are several reasons. */
function distinct(findings: readonly Finding[]): readonly Finding[] {
  const known = new Map<string, Finding>();
  for (const one of findings) {
    const key = [one.code, one.subject.kind, one.subject.namespace, one.subject.name].join('/');
    const other = known.get(key);
    known.set(key, other ? stronger(other, one) : one);
  }
  return [...known.values()];
}

function stronger(a: Finding, b: Finding): Finding {
  const [first, second] = CONFIDENCES.indexOf(b.confidence) < CONFIDENCES.indexOf(a.confidence) ? [b, a] : [a, b];
  return { ...first, count: Math.max(a.count, b.count), because: reasons(first.because, second.because) };
}

function reasons(...lists: readonly (readonly string[])[]): readonly string[] {
  return [...new Set(lists.flat())].slice(0, MAX_BECAUSE);
}

function explained(findings: readonly Finding[]): readonly Finding[] {
  const better = new Map<Finding, Finding>();
  for (const weak of findings) {
    const by = YIELDS[weak.code];
    const strong = by && findings.find((one) => by.test(one.code) && concerns(one, weak));
    if (strong) better.set(weak, strong);
  }
  return findings
    .filter((one) => !better.has(one))
    .map((one) => {
      const weaker = findings.filter((weak) => better.get(weak) === one).flatMap(({ because }) => because);
      return weaker.length === 0 ? one : { ...one, because: reasons(one.because, weaker) };
    });
}

/** About the same object; a Job that failed is explained by its pods, whose names begin with its own. */
function concerns(strong: Finding, weak: Finding): boolean {
  const [a, b] = [strong.subject, weak.subject];
  if (strong === weak || a.namespace !== b.namespace) return false;
  if (a.kind === b.kind) return a.name === b.name;
  return b.kind === 'Job' && a.kind === 'Pod' && a.name.startsWith(`${b.name}-`);
}

/** What only says that something does not work; why stands above it. */
const SYMPTOM =
  /^(workload-(down|short)|function-(down|degraded|deploying|failed)|ready-but-failing|revision-not-ready|job-(failed|backoff|no-pods)|not-ready)$/;

/** The conclusion without what differs between objects of the same cause: the name, and what stands in brackets. */
function cause(one: Finding): string {
  return one.conclusion.replaceAll(one.subject.name, '').replaceAll(/\([^()]*\)/g, '');
}

function together(group: readonly Finding[]): Finding {
  const [first, ...others] = group;
  // A group is made with its first member.
  if (!first) throw new RangeError('a group of findings is empty');
  if (others.length === 0) return first;
  const names = others.slice(0, NAMED).map(({ subject }) => subject.name);
  const more = others.length > NAMED ? ` and ${others.length - NAMED} more` : '';
  return {
    ...first,
    count: group.reduce((sum, one) => sum + one.count, 0),
    because: [...first.because.slice(0, MAX_BECAUSE - 1), `also: ${names.join(', ')}${more}`],
  };
}
