import type { Span } from './clock.ts';
import type { WholePod } from './kinds.ts';
import type { Named, World } from './world.ts';

/** Alerts as kube-prometheus-stack's rules send them, with the labels of kube-state-metrics' scrape. */

const SCRAPE = {
  job: 'kube-state-metrics',
  service: 'kube-prometheus-stack-kube-state-metrics',
  instance: '10.244.2.4:8080',
  endpoint: 'http',
  container: 'kube-state-metrics',
};

function of(object: Named): Record<string, string> {
  const { namespace, name } = object.metadata;
  // `job` is the scrape's; a Job's name stands in `job_name`.
  const label = object.kind === 'Job' ? 'job_name' : object.kind.toLowerCase();
  return { ...(namespace === undefined ? {} : { namespace }), [label]: name };
}

export function alertOn(
  world: World,
  alertname: string,
  object: Named,
  told: { since?: Span; severity?: string; summary?: string; labels?: Record<string, string> } = {},
): void {
  const { container, ...scrape } = SCRAPE;
  world.alert(
    alertname,
    { ...scrape, container, ...of(object), severity: told.severity ?? 'warning', ...told.labels },
    told.since ?? '2m',
    told.summary === undefined ? {} : { summary: told.summary },
  );
}

export function replicasMismatch(world: World, deployment: Named, since: Span = '3m'): void {
  alertOn(world, 'KubeDeploymentReplicasMismatch', deployment, {
    since,
    summary: 'Deployment has not matched the expected number of replicas.',
  });
}

export function podNotReady(world: World, pod: Named, since: Span = '3m'): void {
  alertOn(world, 'KubePodNotReady', pod, {
    since,
    summary: 'Pod has been in a non-ready state for more than 15 minutes.',
  });
}

export function crashLooping(world: World, pod: WholePod, since: Span = '3m', container?: string): void {
  alertOn(world, 'KubePodCrashLooping', pod, {
    since,
    summary: 'Pod is crash looping.',
    labels: {
      container: container ?? pod.spec.containers[0]?.name ?? '',
      reason: 'CrashLoopBackOff',
      uid: pod.metadata.uid,
    },
  });
}

export function containerWaiting(world: World, pod: WholePod, reason: string, since: Span = '3m'): void {
  alertOn(world, 'KubeContainerWaiting', pod, {
    since,
    summary: 'Pod container waiting longer than 1 hour',
    labels: { container: pod.spec.containers[0]?.name ?? '', reason },
  });
}

/** An alert on what users see: it names no object but the namespace. */
export function usersSee(
  world: World,
  alertname: string,
  summary: string,
  since: Span = '3m',
  labels: Record<string, string> = {},
): void {
  world.alert(alertname, { namespace: world.namespace, severity: 'critical', ...labels }, since, { summary });
}
