import type { Names } from '../names.ts';
import type { AlertRule } from './alert.ts';
import { counter, gauge } from './story.ts';

type Frame = Omit<AlertRule, 'expr' | 'test'>;

/** The rule "this Deployment has no available replica", from kube-state-metrics and so the same in every era. */
export function deploymentDown(
  rule: Frame,
  where: {
    namespace: (names: Names) => string;
    deployment: (names: Names) => string;
    example: readonly [string, string];
  },
): AlertRule {
  const [namespace, deployment] = where.example;
  return {
    ...rule,
    expr: (n) =>
      `max by (namespace, deployment) (kube_deployment_status_replicas_available{namespace=~"${where.namespace(n)}", deployment=~"${where.deployment(n)}"}) == 0`,
    test: {
      series: () => ({
        [`kube_deployment_status_replicas_available{namespace="${namespace}", deployment="${deployment}"}`]: gauge(
          1,
          0,
        ),
      }),
      labels: () => [{ namespace, deployment }],
    },
  };
}

/** The rule "a container restarted three times in 15 minutes". */
export function crashLooping(
  rule: Frame,
  matchers: (names: Names) => string,
  example: { namespace: string; pod: string; container: string },
): AlertRule {
  const labels = Object.entries(example).map(([name, value]) => `${name}="${value}"`);
  return {
    ...rule,
    expr: (n) =>
      `max by (namespace, pod, container) (increase(kube_pod_container_status_restarts_total{${matchers(n)}}[15m])) >= 3`,
    test: {
      series: () => ({ [`kube_pod_container_status_restarts_total{${labels.join(', ')}}`]: counter(1) }),
      labels: () => [example],
    },
  };
}
