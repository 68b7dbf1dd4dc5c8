import type { Dashboard, Panel, Row } from './dashboard.ts';

const graph = { type: 'timeseries', width: 8 } as const;
const stat = { type: 'stat', width: 4 } as const;
const RATE = '$__rate_interval';

const quantiles = (metric: string, by = ''): Panel['queries'] =>
  ['0.5', '0.95', '0.99'].map((quantile) => ({
    expr: `histogram_quantile(${quantile}, sum by (le${by && `, ${by}`}) (rate(${metric}_bucket[${RATE}])))`,
    legend: `${by && `{{${by}}} `}P${Number(quantile) * 100}`,
  }));

/** The responder's own dashboard: is anybody not told, and why. */
export const RESPONDER_DASHBOARD: Dashboard = {
  uid: 'lambda-responder',
  title: 'lambda-responder',
  about: 'From the webhook to the card: intake, decisions, queue, delivery, dependencies, and the process itself.',
  tags: ['lambda-responder'],
  variables: [],
  alerts: 'ALERTS{alertstate="firing", component="lambda-responder", alertname!="Watchdog"}',
  rows: [state(), intake(), work(), outside(), itself()],
};

function state(): Row {
  const one = (expr: string) => ({ queries: [{ expr, legend: '' }] });
  return {
    title: 'State',
    panels: [
      {
        ...stat,
        title: 'Replicas up',
        about: 'Scraped successfully.',
        unit: 'none',
        limits: { warning: 1, critical: 1, lowIsBad: true },
        ...one('sum(up{job="lambda-responder"})'),
      },
      {
        ...stat,
        title: 'Slack connected',
        about: '1 when any replica is.',
        unit: 'none',
        limits: { warning: 1, critical: 1, lowIsBad: true },
        ...one('max(responder_slack_connected)'),
      },
      {
        ...stat,
        title: 'Store writable',
        about: '0 when a replica cannot write it: nothing is accepted.',
        unit: 'none',
        limits: { warning: 1, critical: 1, lowIsBad: true },
        ...one('min(responder_store_up)'),
      },
      {
        ...stat,
        title: 'Cards within a second, 1 day',
        about: 'The objective is 95%.',
        unit: 'percentunit',
        decimals: 1,
        limits: { warning: 0.98, critical: 0.95, lowIsBad: true },
        ...one(
          'sum(increase(responder_webhook_to_card_seconds_bucket{le=~"1|1.0"}[1d])) / sum(increase(responder_webhook_to_card_seconds_count[1d]))',
        ),
      },
      {
        ...stat,
        title: 'Dead letters',
        about: 'Work given up for good: lambda-responder jobs list.',
        unit: 'none',
        limits: { warning: 1, critical: 5 },
        ...one('max(responder_dead_jobs)'),
      },
      {
        ...stat,
        title: 'Alerts not decided',
        about: 'Accepted, and deciding about them failed: nobody was told.',
        unit: 'none',
        limits: { warning: 1, critical: 1 },
        ...one('max(responder_alerts{state="dead"})'),
      },
    ],
  };
}

function intake(): Row {
  return {
    title: 'Intake',
    panels: [
      {
        ...graph,
        title: 'HTTP requests',
        about: 'By route and status code.',
        unit: 'reqps',
        queries: [
          { expr: `sum by (route, code) (rate(responder_http_requests_total[${RATE}]))`, legend: '{{route}} {{code}}' },
        ],
      },
      {
        ...graph,
        title: 'Time to accept a delivery',
        about: 'Committed before it is answered.',
        unit: 's',
        queries: [0.5, 0.95, 0.99].map((quantile) => ({
          expr: `histogram_quantile(${quantile}, sum by (le) (rate(responder_http_request_duration_seconds_bucket{route="/webhooks/alertmanager"}[${RATE}])))`,
          legend: `P${quantile * 100}`,
        })),
      },
      {
        ...graph,
        title: 'Alerts by what became of them',
        about: 'received = onIncident + pending + suppressed + rejected + dead, always.',
        unit: 'short',
        queries: [{ expr: 'max by (state) (responder_alerts)', legend: '{{state}}' }],
      },
    ],
  };
}

function work(): Row {
  return {
    title: 'Work',
    panels: [
      {
        ...graph,
        title: 'From webhook to card',
        about: 'The promise is a second.',
        unit: 's',
        limits: { warning: 1, critical: 5 },
        queries: quantiles('responder_webhook_to_card_seconds'),
      },
      {
        ...graph,
        title: 'Oldest work that is due',
        about: 'By lane: what a person waits for, new incidents, edits, evidence.',
        unit: 's',
        limits: { warning: 60, critical: 300 },
        queries: [{ expr: 'max by (lane) (responder_queue_oldest_seconds)', legend: '{{lane}}' }],
      },
      {
        ...graph,
        title: 'Work waiting',
        about: 'Jobs that are due, by lane.',
        unit: 'short',
        queries: [{ expr: 'max by (lane) (responder_queue_jobs)', legend: '{{lane}}' }],
      },
      {
        ...graph,
        title: 'Jobs',
        about: 'A second, by kind and outcome.',
        unit: 'ops',
        queries: [
          { expr: `sum by (kind, outcome) (rate(responder_jobs_total[${RATE}]))`, legend: '{{kind}} {{outcome}}' },
        ],
      },
      {
        ...graph,
        title: 'Time of a job, P95',
        about: 'By kind.',
        unit: 's',
        queries: [
          {
            expr: `histogram_quantile(0.95, sum by (le, kind) (rate(responder_job_duration_seconds_bucket[${RATE}])))`,
            legend: '{{kind}}',
          },
        ],
      },
      {
        ...graph,
        title: 'Decisions',
        about: 'About alerts, by named reason.',
        unit: 'ops',
        queries: [{ expr: `sum by (reason) (rate(responder_decisions_total[${RATE}]))`, legend: '{{reason}}' }],
      },
      {
        ...graph,
        width: 12,
        title: 'Store',
        about: 'Reads and transactions, by outcome.',
        unit: 'ops',
        queries: [
          {
            expr: `sum by (operation, outcome) (rate(responder_store_operation_duration_seconds_count[${RATE}]))`,
            legend: '{{operation}} {{outcome}}',
          },
        ],
      },
      {
        ...graph,
        width: 12,
        title: 'Time of a read or a transaction, P95',
        about: 'With the wait for a connection.',
        unit: 's',
        queries: quantiles('responder_store_operation_duration_seconds', 'operation').slice(1, 2),
      },
    ],
  };
}

function outside(): Row {
  return {
    title: 'People and dependencies',
    panels: [
      {
        ...graph,
        title: 'Calls',
        about: 'To Slack, Kubernetes, Prometheus and Alertmanager, by outcome.',
        unit: 'reqps',
        queries: [
          {
            expr: `sum by (dependency, outcome) (rate(responder_dependency_calls_total[${RATE}]))`,
            legend: '{{dependency}} {{outcome}}',
          },
        ],
      },
      {
        ...graph,
        title: 'Time of a call',
        about: 'Without the wait for our own pacing.',
        unit: 's',
        queries: quantiles('responder_dependency_call_duration_seconds', 'dependency').slice(1, 2),
      },
      {
        ...graph,
        title: 'Left alone after failures',
        about: 'Open circuit breakers.',
        unit: 'none',
        queries: [
          { expr: 'max by (dependency, target) (responder_breaker_open)', legend: '{{dependency}} {{target}}' },
        ],
      },
      {
        ...graph,
        width: 12,
        title: 'Commands',
        about: 'By door and outcome.',
        unit: 'ops',
        queries: [
          { expr: `sum by (door, outcome) (rate(responder_commands_total[${RATE}]))`, legend: '{{door}} {{outcome}}' },
        ],
      },
      {
        ...graph,
        width: 12,
        title: 'Time to answer a command, P95',
        about: 'By door.',
        unit: 's',
        queries: quantiles('responder_command_duration_seconds', 'door').slice(1, 2),
      },
    ],
  };
}

function itself(): Row {
  const mine = '{job="lambda-responder"}';
  return {
    title: 'The process',
    panels: [
      {
        ...graph,
        title: 'Event loop',
        about: 'P99 of how late it comes round; half a second is an alert.',
        unit: 's',
        limits: { warning: 0.1, critical: 0.5 },
        queries: [{ expr: `max by (instance) (nodejs_eventloop_lag_p99_seconds${mine})`, legend: '{{instance}}' }],
      },
      {
        ...graph,
        title: 'Memory',
        about: 'Resident.',
        unit: 'bytes',
        queries: [{ expr: `max by (instance) (process_resident_memory_bytes${mine})`, legend: '{{instance}}' }],
      },
      {
        ...graph,
        title: 'CPU and what was redacted',
        about: 'Cores used; secrets removed from what was read.',
        unit: 'none',
        queries: [
          {
            expr: `sum by (instance) (rate(process_cpu_seconds_total${mine}[${RATE}]))`,
            legend: '{{instance}} cores',
          },
          { expr: `sum(increase(responder_redactions_total[${RATE}]))`, legend: 'redactions' },
        ],
      },
    ],
  };
}
