import type { ObjectName } from '../../incidents/evidence.ts';
import type { Facts } from '../facts/facts.ts';
import { keyOf } from '../subjects/object.ts';

/** Whether an object, or the workload it belongs to, is what was asked about by name. */
export function isTarget(of: ObjectName, { target, graph }: Facts): boolean {
  const wanted = new Set(target.objects.map(keyOf));
  return wanted.size > 0 && [...graph.reach(of, ['family']).keys()].some((key) => wanted.has(key));
}
