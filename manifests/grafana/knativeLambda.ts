import type { Names } from '../prometheus/names.ts';
import type { Dashboard, Panel, Row } from './dashboard.ts';
import { pace } from './pace.ts';

const WHERE = 'namespace=~"$namespace", function=~"$function"';
const graph = { type: 'timeseries', width: 8 } as const;

/** Golden signals, objectives and error budget of one generation of Knative Lambda; it reads the shipped recordings. */
export function knativeLambdaDashboard(names: Names): Dashboard {
  return {
    uid: 'knative-lambda',
    title: 'Knative Lambda',
    about:
      'Objectives and error budget, golden signals of functions and builds, and what they run on. It needs the recording rules that come with lambda-responder.',
    tags: ['knative', 'lambda-responder'],
    variables: [
      { name: 'namespace', query: 'label_values(function:requests:rate5m{cluster=~"$cluster"}, namespace)' },
      {
        name: 'function',
        query: 'label_values(function:requests:rate5m{cluster=~"$cluster", namespace=~"$namespace"}, function)',
      },
    ],
    alerts: 'ALERTS{alertstate="firing", component=~"knative-.*|platform|storage"}',
    rows: [objectives(), functions(), builds(names), platform(names), queues(), pace(names)],
  };
}

function objectives(): Row {
  const stat = { type: 'stat', width: 4 } as const;
  const one = (expr: string, legend: string) => ({ queries: [{ expr, legend }] });
  return {
    title: 'Objectives',
    panels: [
      {
        ...stat,
        title: 'Availability, 3 days',
        about: 'Share of requests not answered with 5xx. The objective is 99.9%.',
        unit: 'percentunit',
        decimals: 3,
        limits: { warning: 0.9995, critical: 0.999, lowIsBad: true },
        ...one('1 - knative_lambda:request_errors:ratio_rate3d', 'availability'),
      },
      {
        ...stat,
        title: 'Error budget left, 30 days',
        about:
          'Of the 0.1% that may fail: failed requests by all requests, as far back as this Prometheus keeps data; below 0 the objective is missed.',
        unit: 'percentunit',
        decimals: 0,
        limits: { warning: 0.5, critical: 0.1, lowIsBad: true },
        ...one(
          '1 - sum_over_time(knative_lambda:request_errors:rate5m[30d]) / (sum_over_time(knative_lambda:requests:rate5m[30d]) > 0) / 0.001',
          'left',
        ),
      },
      {
        ...stat,
        title: 'Burn rate, 1 hour',
        about: 'How many times too fast the budget is used. 1 lasts exactly 30 days; 14.4 pages.',
        unit: 'none',
        decimals: 1,
        limits: { warning: 3, critical: 14.4 },
        ...one('knative_lambda:request_errors:ratio_rate1h / 0.001', 'burn rate'),
      },
      {
        ...stat,
        title: 'Build time P95, 30 min',
        about: 'The objective is 5 minutes from event to service.',
        unit: 's',
        limits: { warning: 120, critical: 300 },
        ...one('knative_lambda:build_seconds:p95_30m', 'P95'),
      },
      {
        ...stat,
        title: 'Builds that succeed, 30 min',
        about: 'The objective is 95%.',
        unit: 'percentunit',
        decimals: 0,
        limits: { warning: 0.98, critical: 0.95, lowIsBad: true },
        ...one('1 - knative_lambda:builds_failed:increase30m / (knative_lambda:builds:increase30m > 0)', 'succeeded'),
      },
      {
        ...stat,
        title: 'Alerts firing',
        about: 'Of Knative Lambda and what it runs on.',
        unit: 'none',
        limits: { warning: 1, critical: 5 },
        ...one('count(ALERTS{alertstate="firing", component=~"knative-.*|platform|storage"}) or vector(0)', 'firing'),
      },
      {
        type: 'timeseries',
        width: 24,
        title: 'Burn rate of the error budget',
        about: 'Fast burn pages when 1 h and 5 min are both above 14.4; medium when 6 h and 30 min are above 6.',
        unit: 'none',
        limits: { warning: 6, critical: 14.4 },
        queries: ['5m', '1h', '6h', '3d'].map((window) => ({
          expr: `knative_lambda:request_errors:ratio_rate${window} / 0.001`,
          legend: window,
        })),
      },
    ],
  };
}

function functions(): Row {
  const seconds: Panel = {
    ...graph,
    title: 'Latency',
    about: 'Of requests in the function’s container; the P95 alert is at 1 s.',
    unit: 's',
    limits: { warning: 1, critical: 5 },
    queries: ['p50', 'p95', 'p99'].map((quantile) => ({
      expr: `max by (function) (function:request_seconds:${quantile}_5m{${WHERE}})`,
      legend: `{{function}} ${quantile.toUpperCase()}`,
    })),
  };
  return {
    title: 'Functions',
    panels: [
      {
        ...graph,
        title: 'Traffic',
        about: 'Requests a second that reach the function’s container.',
        unit: 'reqps',
        queries: [{ expr: `sum by (function) (function:requests:rate5m{${WHERE}})`, legend: '{{function}}' }],
      },
      {
        ...graph,
        title: 'Errors',
        about: 'Share of 5xx.',
        unit: 'percentunit',
        limits: { warning: 0.001, critical: 0.01 },
        queries: [
          {
            expr: `(sum by (function) (function:request_errors:rate5m{${WHERE}}) or 0 * sum by (function) (function:requests:rate5m{${WHERE}})) / sum by (function) (function:requests:rate5m{${WHERE}} > 0)`,
            legend: '{{function}}',
          },
        ],
      },
      seconds,
      {
        ...graph,
        title: 'Saturation: pods',
        about: 'What the autoscaler wants and what is there. Wanted and not there for 5 minutes is an alert.',
        unit: 'none',
        queries: [
          { expr: `sum by (function) (revision:pods_requested{${WHERE}})`, legend: '{{function}} wanted' },
          { expr: `sum by (function) (revision:pods_actual{${WHERE}})`, legend: '{{function}} there' },
        ],
      },
      {
        ...graph,
        title: 'Cold starts',
        about: 'P95 of what passes the activator, which is what waits for a pod. The objective is 5 s.',
        unit: 's',
        limits: { warning: 3, critical: 5 },
        queries: [{ expr: 'max by (function) (function:cold_request_seconds:p95_10m)', legend: '{{function}}' }],
      },
      {
        ...graph,
        title: 'Containers that wait or restart',
        about: 'Crash loops and images that cannot be pulled.',
        unit: 'none',
        queries: [
          {
            expr: 'sum by (namespace, reason) (kube_pod_container_status_waiting_reason{namespace=~"knative-lambda.*", reason=~"CrashLoopBackOff|ImagePullBackOff|ErrImagePull|CreateContainerConfigError"})',
            legend: '{{namespace}} {{reason}}',
          },
          {
            expr: 'sum by (namespace) (increase(kube_pod_container_status_restarts_total{namespace=~"knative-lambda.*"}[15m]))',
            legend: '{{namespace}} restarts in 15 min',
          },
        ],
      },
    ],
  };
}

function builds(n: Names): Row {
  const jobs = `namespace=~"${n.namespaces}", job_name=~"${n.buildJob}"`;
  return {
    title: 'Builds',
    panels: [
      {
        ...graph,
        title: 'Builds in 30 min',
        about: 'Finished builds and those that failed.',
        unit: 'none',
        queries: [
          { expr: 'knative_lambda:builds:increase30m', legend: 'finished' },
          { expr: 'knative_lambda:builds_failed:increase30m', legend: 'failed' },
        ],
      },
      {
        ...graph,
        title: 'Build time',
        about: 'Of builds that succeed; the objective is a P95 of 5 minutes.',
        unit: 's',
        limits: { warning: 120, critical: 300 },
        queries: [0.5, 0.95, 0.99].map((quantile) => ({
          expr: `histogram_quantile(${quantile}, sum by (le) (rate(${n.buildSeconds()}[30m])))`,
          legend: `P${quantile * 100}`,
        })),
      },
      {
        ...graph,
        title: 'Build Jobs',
        about: `Running at once (${n.concurrencyLimit} are allowed), failed and still there, killed for memory.`,
        unit: 'none',
        queries: [
          { expr: `sum(kube_job_status_active{${jobs}}) or vector(0)`, legend: 'running' },
          { expr: `sum(kube_job_status_failed{${jobs}}) or vector(0)`, legend: 'failed' },
          {
            expr: `sum(kube_pod_container_status_terminated_reason{namespace=~"${n.namespaces}", container="kaniko", reason="OOMKilled"}) or vector(0)`,
            legend: 'out of memory',
          },
        ],
      },
    ],
  };
}

function platform(n: Names): Row {
  return {
    title: 'Control plane and platform',
    panels: [
      {
        ...graph,
        title: 'Available replicas',
        about: 'Of the control plane, Knative and the event system. 0 pages.',
        unit: 'none',
        queries: [
          {
            expr: `min by (namespace, deployment) (kube_deployment_status_replicas_available{namespace=~"${n.controlNamespace}|knative-serving|knative-eventing|kourier-system", deployment!~".+-[0-9]{5}-deployment"})`,
            legend: '{{namespace}}/{{deployment}}',
          },
        ],
      },
      {
        ...graph,
        title: 'Quota used',
        about: 'Builds that do not fit get no pod.',
        unit: 'percentunit',
        limits: { warning: 0.9, critical: 1 },
        queries: [
          {
            expr: `max by (namespace, resource) (kube_resourcequota{namespace=~"${n.namespaces}", type="used"}) / max by (namespace, resource) (kube_resourcequota{namespace=~"${n.namespaces}", type="hard"} > 0)`,
            legend: '{{namespace}} {{resource}}',
          },
        ],
      },
      {
        ...graph,
        title: 'Nodes under pressure',
        about: 'Memory, disk or process ids run out: pods are evicted.',
        unit: 'none',
        queries: [
          {
            expr: 'sum by (condition) (kube_node_status_condition{condition=~"MemoryPressure|DiskPressure|PIDPressure", status="true"})',
            legend: '{{condition}}',
          },
        ],
      },
    ],
  };
}

function queues(): Row {
  return {
    title: 'Events',
    panels: [
      {
        ...graph,
        width: 12,
        title: 'Messages waiting',
        about: 'Steady below 100; 500 warns and 1,000 pages.',
        unit: 'short',
        limits: { warning: 500, critical: 1000 },
        queries: [
          {
            expr: 'max by (namespace, queue) (rabbitmq_queue_messages{queue!="", queue!~".*dlq.*"})',
            legend: '{{queue}}',
          },
        ],
      },
      {
        ...graph,
        width: 12,
        title: 'Dead letters',
        about: 'Events that were given up after all tries.',
        unit: 'short',
        limits: { warning: 10, critical: 100 },
        queries: [
          { expr: 'sum by (namespace, queue) (rabbitmq_queue_messages{queue=~".*dlq.*"})', legend: '{{queue}}' },
        ],
      },
    ],
  };
}
