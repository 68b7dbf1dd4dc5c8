import { z } from 'zod';
import type { Finding } from '../../incidents/evidence.ts';
import { conditionOf, conditionText } from '../conditions.ts';
import { conditions, count, metadata, text } from '../objects.ts';
import { finding, look, nameOf } from './finding.ts';

export const hpa = z.object({
  metadata,
  spec: z
    .object({
      minReplicas: count,
      maxReplicas: count,
      scaleTargetRef: z.object({ kind: text, name: text }).catch({}),
    })
    .catch({ scaleTargetRef: {} }),
  status: z.object({ currentReplicas: count, desiredReplicas: count, conditions }).catch({}),
});
export type Hpa = z.output<typeof hpa>;

/**
 * Autoscalers that stand at their maximum, cannot scale, or cannot read their metrics. At its minimum an autoscaler is
 * also "limited", and well.
 */
export function hpaFindings(of: Hpa): readonly Finding[] {
  return [...atMaximum(of), ...notActive(of), ...notAble(of)];
}

function lineOf(of: Hpa, type: string): readonly string[] {
  return [conditionText(of, type) ?? []].flat();
}

function about(of: Hpa, parts: Pick<Finding, 'code' | 'level' | 'conclusion'> & Partial<Finding>): readonly Finding[] {
  return [finding({ subject: nameOf('HorizontalPodAutoscaler', of.metadata), ...parts })];
}

function atMaximum(of: Hpa): readonly Finding[] {
  const { currentReplicas = 0, desiredReplicas = 0 } = of.status;
  const { maxReplicas = 0, minReplicas = 1, scaleTargetRef } = of.spec;
  const limited = conditionOf(of, 'ScalingLimited');
  const capped = limited?.status === 'True' && limited.reason === 'TooManyReplicas';
  if (maxReplicas === 0 || !(capped || (currentReplicas >= maxReplicas && maxReplicas > minReplicas))) return [];
  const target = `${scaleTargetRef.kind ?? 'Workload'} ${scaleTargetRef.name ?? of.metadata.name}`;
  return about(of, {
    code: 'hpa-at-maximum',
    level: 'warning',
    confidence: capped ? 'confirmed' : 'likely',
    conclusion: `${target} runs as many pods as its autoscaler allows (${maxReplicas})${capped ? ' and would need more' : ''}.`,
    because: [
      `current ${currentReplicas}, desired ${desiredReplicas}, max ${maxReplicas}`,
      ...lineOf(of, 'ScalingLimited'),
    ],
    nextStep: `Is it load, or pods that do no work? ${look('top pods', { namespace: of.metadata.namespace })}`,
  });
}

function notActive(of: Hpa): readonly Finding[] {
  const active = conditionOf(of, 'ScalingActive');
  const { name, namespace } = of.metadata;
  if (active?.status !== 'False') return [];
  const because = lineOf(of, 'ScalingActive');
  if (active.reason === 'ScalingDisabled')
    return about(of, {
      code: 'hpa-disabled',
      level: 'notice',
      conclusion: `${name} does not scale: its target has 0 replicas.`,
      because,
      nextStep: `Who scaled it to 0? ${look('changes', { namespace })}`,
    });
  return about(of, {
    code: 'hpa-no-metrics',
    level: 'critical',
    conclusion: `${name} cannot scale: it cannot read its metrics (${active.reason ?? 'no reason given'}).`,
    because,
    nextStep: `Do metrics answer, and do the pods have requests? ${look('top pods', { namespace })}`,
  });
}

function notAble(of: Hpa): readonly Finding[] {
  const able = conditionOf(of, 'AbleToScale');
  if (able?.status !== 'False') return [];
  return about(of, {
    code: 'hpa-not-able',
    level: 'critical',
    conclusion: `${of.metadata.name} cannot scale its target (${able.reason ?? 'no reason given'}).`,
    because: lineOf(of, 'AbleToScale'),
    nextStep: `Does its target exist? ${look('rollouts', { namespace: of.metadata.namespace })}`,
  });
}
