import { z } from 'zod';
import type { Finding } from '../../incidents/evidence.ts';
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
  const subject = nameOf('HorizontalPodAutoscaler', of.metadata);
  const { currentReplicas = 0, desiredReplicas = 0 } = of.status;
  const { maxReplicas = 0, minReplicas = 1, scaleTargetRef } = of.spec;
  const condition = (type: string) => of.status.conditions?.find((one) => one.type === type);
  const line = (type: string) => {
    const one = condition(type);
    return one ? `${type}=${one.status}/${one.reason ?? ''}${one.message ? `: ${one.message}` : ''}` : '';
  };
  const at = { namespace: subject.namespace };
  const found: Finding[] = [];
  const limited = condition('ScalingLimited');
  const capped = limited?.status === 'True' && limited.reason === 'TooManyReplicas';
  if (maxReplicas > 0 && (capped || (currentReplicas >= maxReplicas && maxReplicas > minReplicas)))
    found.push(
      finding({
        code: 'hpa-at-maximum',
        level: 'warning',
        confidence: capped ? 'confirmed' : 'likely',
        subject,
        conclusion: `${scaleTargetRef.kind ?? 'Workload'} ${scaleTargetRef.name ?? subject.name} runs as many pods as its autoscaler allows (${maxReplicas})${capped ? ' and would need more' : ''}.`,
        because: [
          `current ${currentReplicas}, desired ${desiredReplicas}, max ${maxReplicas}`,
          line('ScalingLimited'),
        ].filter(Boolean),
        nextStep: `Is it load, or pods that do no work? ${look('top pods', at)}`,
      }),
    );
  const active = condition('ScalingActive');
  if (active?.status === 'False')
    found.push(
      active.reason === 'ScalingDisabled'
        ? finding({
            code: 'hpa-disabled',
            level: 'notice',
            subject,
            conclusion: `${subject.name} does not scale: its target has 0 replicas.`,
            because: [line('ScalingActive')],
            nextStep: `Who scaled it to 0? ${look('changes', at)}`,
          })
        : finding({
            code: 'hpa-no-metrics',
            level: 'critical',
            subject,
            conclusion: `${subject.name} cannot scale: it cannot read its metrics (${active.reason ?? 'no reason given'}).`,
            because: [line('ScalingActive')],
            nextStep: `Do metrics answer, and do the pods have requests? ${look('top pods', at)}`,
          }),
    );
  if (condition('AbleToScale')?.status === 'False')
    found.push(
      finding({
        code: 'hpa-not-able',
        level: 'critical',
        subject,
        conclusion: `${subject.name} cannot scale its target (${condition('AbleToScale')?.reason ?? 'no reason given'}).`,
        because: [line('AbleToScale')],
        nextStep: `Does its target exist? ${look('rollouts', at)}`,
      }),
    );
  return found;
}
