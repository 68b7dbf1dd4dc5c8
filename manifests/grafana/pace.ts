import type { Names } from '../prometheus/names.ts';
import type { Row } from './dashboard.ts';

const graph = { type: 'timeseries', width: 8 } as const;

/** How often and how soon something is deployed, and what is about to be full or is held back. */
export function pace(n: Names): Row {
  const jobs = `namespace=~"${n.namespaces}", job_name=~"${n.buildJob}"`;
  const container = `namespace="${n.controlNamespace}", container=~"manager|builder"`;
  return {
    title: 'Pace and growth',
    panels: [
      {
        ...graph,
        title: 'Deployments a day',
        about: 'Builds that succeeded in the last 24 hours: each is a new revision of a function.',
        unit: 'none',
        queries: [
          {
            expr: `sum(increase(${n.builds}[1d])) - (sum(increase(${n.buildsFailed}[1d])) or vector(0))`,
            legend: 'deployed',
          },
        ],
      },
      {
        ...graph,
        title: 'From a build Job to its pod',
        about:
          'The longest wait between the making of a build Job and its start, of those still there. Long: quota, or no room on nodes.',
        unit: 's',
        queries: [
          {
            expr: `max(kube_job_status_start_time{${jobs}} - on (namespace, job_name) group_left () kube_job_created{${jobs}})`,
            legend: 'longest',
          },
        ],
      },
      {
        ...graph,
        title: 'Dead letters',
        about: 'Events that were given up, in an hour: what was promised and not delivered. 0 is good.',
        unit: 'none',
        queries: [
          {
            expr: 'sum by (queue) (clamp_min(delta(rabbitmq:queue_messages{queue=~".*(dlq|dead).*"}[1h]), 0))',
            legend: '{{queue}}',
          },
        ],
      },
      {
        ...graph,
        title: 'Memory of the control plane',
        about: 'Of its limit; an alert tells when it will be full within four hours.',
        unit: 'percentunit',
        limits: { warning: 0.7, critical: 0.85 },
        queries: [
          {
            expr: `max by (pod) (container_memory_working_set_bytes{${container}}) / max by (pod) (container_spec_memory_limit_bytes{${container}} > 0)`,
            legend: '{{pod}}',
          },
        ],
      },
      {
        ...graph,
        title: 'Goroutines of the control plane',
        about: 'Flat is good; a line that only rises is a leak.',
        unit: 'none',
        queries: [
          {
            expr: `max by (pod) (go_goroutines{namespace="${n.controlNamespace}", job="${n.controlDeployment}"})`,
            legend: '{{pod}}',
          },
        ],
      },
      {
        ...graph,
        title: 'CPU periods held back',
        about: 'Share of periods in which a container of the control plane wanted more than its limit.',
        unit: 'percentunit',
        limits: { warning: 0.1, critical: 0.25 },
        queries: [
          {
            expr: `max by (pod) (increase(container_cpu_cfs_throttled_periods_total{${container}}[10m]) / (increase(container_cpu_cfs_periods_total{${container}}[10m]) > 0))`,
            legend: '{{pod}}',
          },
        ],
      },
    ],
  };
}
