import type { HorizontalPodAutoscaler } from 'kubernetes-types/autoscaling/v2.js';
import type { LimitRangeItem } from 'kubernetes-types/core/v1.js';
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.js';
import type { Span } from './clock.ts';
import type { Whole, WholePod } from './kinds.ts';
import { isActive, isReady } from './settle.ts';
import { LONG_AGO, type World } from './world.ts';

export type WholeHpa = Whole<HorizontalPodAutoscaler>;
export type WholeBudget = Whole<PodDisruptionBudget>;

export function limitRange(world: World, name: string, limits: LimitRangeItem[]): void {
  world.add({
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: world.metadata('LimitRange', name),
    spec: { limits },
  });
}

export interface HpaPlan {
  readonly min?: number;
  readonly max: number;
  readonly current: number;
  readonly desired: number;
  /** Average utilization of cpu: wanted and seen; seen is missing where no metrics came. */
  readonly target?: number;
  readonly seen?: number;
  readonly conditions?: readonly {
    type: string;
    status: 'True' | 'False';
    reason: string;
    message: string;
    since?: Span;
  }[];
  readonly scales?: { kind: string; name: string };
}

/** A HorizontalPodAutoscaler on cpu utilization with its three conditions; the story overrides those that differ. */
export function hpa(world: World, name: string, plan: HpaPlan): WholeHpa {
  const row = (type: string, status: 'True' | 'False', reason: string, message: string) => ({
    type,
    status,
    reason,
    message,
  });
  const usual = [
    row('AbleToScale', 'True', 'ReadyForNewScale', 'recommended size matches current size'),
    row(
      'ScalingActive',
      'True',
      'ValidMetricFound',
      'the HPA was able to successfully calculate a replica count from cpu resource utilization (percentage of request)',
    ),
    row('ScalingLimited', 'False', 'DesiredWithinRange', 'the desired count is within the acceptable range'),
  ];
  const told = plan.conditions ?? [];
  const merged = [...usual.filter(({ type }) => !told.some((one) => one.type === type)), ...told];
  return world.add<WholeHpa>({
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: world.metadata('HorizontalPodAutoscaler', name),
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name, ...plan.scales },
      minReplicas: plan.min ?? 2,
      maxReplicas: plan.max,
      metrics: [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: plan.target ?? 70 } },
        },
      ],
    },
    status: {
      currentReplicas: plan.current,
      desiredReplicas: plan.desired,
      ...(plan.seen === undefined
        ? {}
        : {
            currentMetrics: [
              {
                type: 'Resource',
                resource: { name: 'cpu', current: { averageUtilization: plan.seen, averageValue: `${plan.seen}m` } },
              },
            ],
          }),
      conditions: merged.map(({ type, status, reason, message, ...rest }) => ({
        type,
        status,
        reason,
        message,
        lastTransitionTime: world.ago((rest as { since?: Span }).since ?? LONG_AGO),
      })),
    },
  });
}

/** A PodDisruptionBudget; its counts follow from the pods when the world settles. */
export function budget(
  world: World,
  name: string,
  spec: { minAvailable?: number | string; maxUnavailable?: number | string; selector: Record<string, string> },
): WholeBudget {
  const { selector, ...rest } = spec;
  const built = world.add<WholeBudget>({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: world.metadata('PodDisruptionBudget', name, { generation: 1 }),
    spec: { ...rest, selector: { matchLabels: selector } },
    status: { currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 },
  });
  world.settling(() => {
    const pods = world
      .all<WholePod>('Pod')
      .filter((pod) => isActive(pod) && pod.metadata.namespace === built.metadata.namespace)
      .filter((pod) => Object.entries(selector).every(([key, value]) => pod.metadata.labels?.[key] === value));
    const healthy = pods.filter(isReady).length;
    const share = (value: number | string) =>
      typeof value === 'number' ? value : Math.ceil((Number.parseInt(value, 10) * pods.length) / 100);
    const desired =
      rest.minAvailable === undefined ? pods.length - share(rest.maxUnavailable ?? 1) : share(rest.minAvailable);
    const allowed = Math.max(0, healthy - desired);
    built.status = {
      observedGeneration: 1,
      currentHealthy: healthy,
      desiredHealthy: desired,
      disruptionsAllowed: allowed,
      expectedPods: pods.length,
      conditions: [
        {
          type: 'DisruptionAllowed',
          status: allowed > 0 ? 'True' : 'False',
          reason: allowed > 0 ? 'SufficientPods' : 'InsufficientPods',
          message: '',
          lastTransitionTime: built.metadata.creationTimestamp,
          observedGeneration: 1,
        },
      ],
    };
  });
  return built;
}
