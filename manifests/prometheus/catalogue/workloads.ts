import type { Names } from '../names.ts';
import type { AlertRule } from './alert.ts';
import { always, counter, gauge } from './story.ts';

type Frame = Omit<AlertRule, 'expr' | 'test'>;

/** The rule "this Deployment has no available replica and is meant to have one", from kube-state-metrics. */
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
    expr: (n) => noReplica('deployment', `namespace=~"${where.namespace(n)}", deployment=~"${where.deployment(n)}"`),
    test: {
      series: () => replicaSeries(namespace, deployment, gauge(1, 0), 1),
      labels: () => [{ namespace, deployment }],
      odd: replicaOddities(namespace, deployment),
    },
  };
}

/** No replica where at least one is wanted; how many are wanted decides only where it is known. */
export function noReplica(kind: 'deployment' | 'statefulset', matchers: string): string {
  const [has, wants] =
    kind === 'deployment'
      ? ['kube_deployment_status_replicas_available', 'kube_deployment_spec_replicas']
      : ['kube_statefulset_status_replicas_ready', 'kube_statefulset_replicas'];
  return `max by (namespace, ${kind}) (${has}{${matchers}}) == 0 unless on (namespace, ${kind}) max by (namespace, ${kind}) (${wants}{${matchers}}) == 0`;
}

export function replicaSeries(
  namespace: string,
  deployment: string,
  available: string,
  wanted: number,
): Record<string, string> {
  const of = `{namespace="${namespace}", deployment="${deployment}"}`;
  return {
    [`kube_deployment_status_replicas_available${of}`]: available,
    [`kube_deployment_spec_replicas${of}`]: always(wanted),
  };
}

/** A Deployment that is well and looks odd. */
export function replicaOddities(namespace: string, deployment: string) {
  return {
    'scaled to 0 on purpose': () => replicaSeries(namespace, deployment, always(0), 0),
    'a rolling update that leaves none for a minute': () =>
      replicaSeries(namespace, deployment, '1x19 0 1x19 0 1x38', 1),
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
