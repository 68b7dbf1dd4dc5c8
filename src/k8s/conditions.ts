import type { Condition } from './objects.ts';

/** Whatever has conditions: pods and Jobs as well as Knative's objects. */
interface HasConditions {
  readonly status: { readonly conditions?: readonly Condition[] | undefined };
}

/** The condition of a type; null when there is no object, or it has none of it. */
export function conditionOf(of: HasConditions | null, type: string): Condition | null {
  return of?.status.conditions?.find((one) => one.type === type) ?? null;
}

export function isTrue(of: HasConditions | null, type: string): boolean {
  return conditionOf(of, type)?.status === 'True';
}

/** A condition as one line: `DeploymentsAvailable=False/NotReady: Waiting on deployments: webhook`. */
export function conditionLine(one: Condition): string {
  return `${one.type}=${one.status}${one.reason ? `/${one.reason}` : ''}${one.message ? `: ${one.message}` : ''}`;
}

/** The same of the condition of a type; null when there is none. */
export function conditionText(of: HasConditions | null, type: string): string | null {
  const one = conditionOf(of, type);
  return one && conditionLine(one);
}
