import type { AlertRule } from './alert.ts';

const common = { area: 'knative-lambda', component: 'knative-lambda' } as const;

/** Alerts about build Jobs (domain fact sheet, section 3.2 A). */
export const BUILD_ALERTS: readonly AlertRule[] = [
  {
    ...common,
    name: 'KnativeLambdaBuildJobFailed',
    severity: 'warning',
    priority: 'P3',
    for: '0m',
    expr: (n) =>
      `max by (namespace, job_name, reason) (kube_job_status_failed{namespace=~"${n.namespaces}", job_name=~"${n.buildJob}"}) > 0`,
    summary: 'Build Job {{ $labels.job_name }} failed',
    description:
      'Build Job {{ $labels.job_name }} in {{ $labels.namespace }} failed with reason {{ $labels.reason }}. The cause is in its pod: read the log before the Job is cleaned up.',
  },
  {
    ...common,
    name: 'KnativeLambdaBuildOOMKilled',
    severity: 'warning',
    priority: 'P2',
    for: '0m',
    expr: (n) =>
      `max by (namespace, pod, container) (kube_pod_container_status_terminated_reason{namespace=~"${n.namespaces}", container="kaniko", reason="OOMKilled"}) == 1`,
    summary: 'Kaniko ran out of memory in {{ $labels.pod }}',
    description:
      'Container {{ $labels.container }} of build pod {{ $labels.pod }} in {{ $labels.namespace }} was killed for exceeding its memory limit. The image was not built; the running revision keeps serving.',
  },
];
