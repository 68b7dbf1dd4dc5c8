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

const LEVELS = ['critical', 'warning', 'notice', 'ok'];
const CONFIDENCES = ['confirmed', 'likely', 'unknown', 'excluded'];

/** The same cause of many objects becomes one finding with a count; the worst and most certain come first. */
export function rank(findings: readonly Finding[]): readonly Finding[] {
  const groups = new Map<string, Finding>();
  for (const one of findings) {
    const key = `${one.code}/${one.subject.namespace}/${one.confidence}`;
    const known = groups.get(key);
    groups.set(key, known ? { ...known, count: known.count + one.count } : one);
  }
  const order = (one: Finding) => LEVELS.indexOf(one.level) * 10 + CONFIDENCES.indexOf(one.confidence);
  return [...groups.values()].toSorted((a, b) => order(a) - order(b) || b.count - a.count);
}
