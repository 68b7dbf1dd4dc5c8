import type { Finding } from '../../incidents/evidence.ts';
import type { Quota } from '../objects.ts';
import { quantity } from '../quantity.ts';
import { finding, look, nameOf } from './finding.ts';

export interface Limit {
  readonly resource: string;
  readonly used: string;
  readonly hard: string;
  /** Share used; null when one of them is no quantity. */
  readonly share: number | null;
}

const NEARLY = 0.9;

/** Each limit of a quota; a quota that no controller has looked at yet has used nothing that is known. */
export function limitsOf(of: Quota): readonly Limit[] {
  const hard = of.status.hard ?? of.spec.hard ?? {};
  return Object.entries(hard).map(([resource, most]) => {
    const used = of.status.used?.[resource] ?? '-';
    const [a, b] = [quantity(used), quantity(most)];
    return { resource, used, hard: most, share: a === null || b === null ? null : b === 0 ? (a > 0 ? 1 : 0) : a / b };
  });
}

/** Quotas that are used up or nearly so. A limit of nothing that nobody uses is a prohibition, not an accident. */
export function quotaFindings(quotas: readonly Quota[]): readonly Finding[] {
  return quotas.flatMap((of) => {
    const subject = nameOf('ResourceQuota', of.metadata);
    const level = (from: number, below: number) =>
      limitsOf(of).filter(({ share }) => share !== null && share >= from && share < below);
    const words = (limits: readonly Limit[]) =>
      limits.map(({ resource, used, hard }) => `${resource} ${used} of ${hard}`).join(', ');
    const tell = (code: string, limits: readonly Limit[], found: Pick<Finding, 'level' | 'conclusion'>) =>
      limits.length === 0
        ? []
        : [
            finding({
              code,
              subject,
              ...found,
              because: limits.map(({ resource, used, hard }) => `${resource}: used ${used}, hard ${hard}`),
              nextStep: `What uses it? ${look('pods', { namespace: subject.namespace })}`,
            }),
          ];
    const full = level(1, Number.POSITIVE_INFINITY);
    const nearly = level(NEARLY, 1);
    return [
      ...tell('quota-exhausted', full, {
        level: 'critical',
        conclusion: `ResourceQuota ${subject.name} is used up: ${words(full)}.`,
      }),
      ...tell('quota-nearly-exhausted', nearly, {
        level: 'warning',
        conclusion: `ResourceQuota ${subject.name} is nearly used up: ${words(nearly)}.`,
      }),
    ];
  });
}
