import type { ObjectName } from '../../incidents/evidence.ts';
import { listed } from '../../wording/counts.ts';
import { short } from '../../wording/cuts.ts';
import type { Facts } from '../facts/facts.ts';
import { KINDS, type Kind, kindOf } from '../subjects/kinds.ts';
import { isCordoned } from '../subjects/node.ts';
import { conditionOf, keyOf, matches, named, timeOf } from '../subjects/object.ts';
import { isOver, isReady } from '../subjects/pod.ts';
import type { Autoscaler, DisruptionBudget } from '../subjects/scaling.ts';
import { isScaledToZero, type Workload } from '../subjects/workload.ts';
import { type Case, found } from './case.ts';
import { podName, say, whoOf } from './words.ts';

/** Autoscalers that cannot scale and budgets that let nothing go. */
export function scalingCases(facts: Facts): readonly Case[] {
  return [
    ...facts.all('HorizontalPodAutoscaler').flatMap((one) => autoscalerCase(one, facts)),
    ...facts.all('PodDisruptionBudget').flatMap((one) => budgetCase(one, facts)),
  ];
}

function autoscalerCase(of: Autoscaler, facts: Facts): readonly Case[] {
  const subject = named('HorizontalPodAutoscaler', of.metadata);
  const ref = of.spec.scaleTargetRef;
  const target = named(kindOf(ref?.apiVersion, ref?.kind ?? '') ?? ref?.kind ?? '', {
    namespace: of.metadata.namespace,
    name: ref?.name ?? '',
  });
  const able = conditionOf(of, 'AbleToScale');
  const base: Scaling = { subject, parts: { hpa: of.metadata.name, who: say(target), detail: '' } };
  const kind = target.kind in KINDS ? (target.kind as Kind) : null;
  const workload = kind ? facts.get(kind, target.namespace, target.name) : null;
  const isMissing = kind !== null && workload === null && facts.coverage(kind, target.namespace) === 'whole';
  if ((able?.status === 'False' && /not found/i.test(able.message ?? '')) || isMissing) {
    const because =
      able?.status === 'False' ? [lineOf(able)] : [`scaleTargetRef: ${target.kind} ${target.name} is not there`];
    return [found('hpa-target-missing', { ...base, because })];
  }
  if (able?.status === 'False' && !/Backoff/.test(able.reason ?? '')) {
    const detail = short([able.reason, able.message].filter(Boolean).join(': ') || 'no reason is given', 140);
    return [found('hpa-not-able', { subject, parts: { ...base.parts, detail }, because: [lineOf(able)] })];
  }
  // Disabled by scaling the target to nothing: on purpose.
  const isOff = workload !== null && isScaledToZero(workload as Workload);
  return (isOff ? null : withoutMetrics(of, base)) ?? atMaximum(of, base) ?? [];
}

/** What the cases about one autoscaler share. */
interface Scaling {
  readonly subject: ObjectName;
  readonly parts: { readonly hpa: string; readonly who: string; readonly detail: string };
}

function lineOf({ type, status, reason, message }: NonNullable<ReturnType<typeof conditionOf>>): string {
  return `${type}=${status} ${reason ?? ''}: ${short(message ?? '', 240)}`;
}

/** It scales by numbers that it does not get; null when it does, or when its target is scaled to nothing. */
function withoutMetrics(of: Autoscaler, { subject, parts }: Scaling): readonly Case[] | null {
  const active = conditionOf(of, 'ScalingActive');
  if (active?.status !== 'False' || active.reason === 'ScalingDisabled') return null;
  const message = active.message ?? '';
  const detail = short(message.replace(/^the HPA was unable to compute the replica count: /, ''), 140);
  return [
    found(/missing request for/.test(message) ? 'hpa-no-request' : 'hpa-no-metrics', {
      subject,
      parts: { ...parts, detail },
      because: [lineOf(active)],
      at: timeOf(active.lastTransitionTime),
    }),
  ];
}

/** It wants more replicas than it may have; null when it does not, or when its size is fixed. */
function atMaximum(of: Autoscaler, { subject, parts }: Scaling): readonly Case[] | null {
  const limited = conditionOf(of, 'ScalingLimited');
  const { minReplicas = 1, maxReplicas } = of.spec;
  if (limited?.status !== 'True' || limited.reason !== 'TooManyReplicas') return null;
  if (maxReplicas === undefined || minReplicas >= maxReplicas) return null;
  return [
    found('hpa-at-maximum', {
      subject,
      parts: { ...parts, max: String(maxReplicas), detail: load(of) },
      because: [lineOf(limited)],
      at: timeOf(limited.lastTransitionTime),
    }),
  ];
}

/** `: cpu 180% of 70%`, where the autoscaler says it. */
function load(of: Autoscaler): string {
  const metric = of.status.currentMetrics?.find(
    ({ resource }) => resource?.current?.averageUtilization !== undefined,
  )?.resource;
  const wanted = of.spec.metrics?.find(({ resource }) => resource?.name === metric?.name)?.resource?.target
    ?.averageUtilization;
  return metric
    ? `: ${metric.name} ${metric.current?.averageUtilization}%${wanted === undefined ? '' : `, wanted ${wanted}%`}`
    : '';
}

function budgetCase(of: DisruptionBudget, facts: Facts): readonly Case[] {
  const { disruptionsAllowed, currentHealthy = 0, desiredHealthy = 0, expectedPods = 0 } = of.status;
  if (disruptionsAllowed !== 0 || expectedPods === 0) return [];
  const subject = named('PodDisruptionBudget', of.metadata);
  const pods = facts
    .within('Pod', of.metadata.namespace)
    .filter((pod) => matches(of.spec.selector ?? {}, pod.metadata.labels) && !isOver(pod));
  const draining = pods.filter((pod) => {
    const node = facts.get('Node', null, pod.spec.nodeName);
    return node !== null && isCordoned(node);
  });
  const refused = facts.warnings.some(({ message }) =>
    /Cannot evict pod as it would violate the pod's disruption budget/.test(message ?? ''),
  );
  const isNamed = facts.target.objects.some((one) => keyOf(one) === keyOf(subject));
  if (draining.length === 0 && !refused && !(isNamed && currentHealthy < desiredHealthy)) return [];
  const sick = pods.filter((pod) => !isReady(pod));
  const who = pods[0] ? whoOf(pods[0], facts) : 'its pods';
  const nodes = listed([...new Set(draining.map(({ spec }) => spec.nodeName ?? ''))]);
  const detail = `: ${currentHealthy} of ${expectedPods} healthy, ${desiredHealthy} must stay${sick.length > 0 ? `; ${listed(sick.map((pod) => podName(pod).name))} not ready` : ''}${nodes ? `; the drain of ${nodes} waits for it` : ''}`;
  return [
    found('pdb-blocks', {
      subject,
      parts: { pdb: of.metadata.name, who, detail },
      because: [
        `disruptionsAllowed 0, currentHealthy ${currentHealthy}, desiredHealthy ${desiredHealthy}, expectedPods ${expectedPods}`,
      ],
    }),
  ];
}
