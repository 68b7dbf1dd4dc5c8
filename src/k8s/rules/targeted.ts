import type { ObjectName } from '../../incidents/evidence.ts';
import type { Facts } from '../facts/facts.ts';
import { keyOf } from '../subjects/object.ts';

/** Whether an object, or the workload it belongs to, is named by the target. */
export function isTarget(of: ObjectName, { target, graph }: Facts): boolean {
  if (target.objects.length === 0) return false;
  const family = graph.reach(of, ['family']);
  return target.objects.some((wanted) => family.has(keyOf(wanted)));
}
