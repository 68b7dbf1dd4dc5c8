import type { AlertRule } from './alert.ts';
import { counter, gauge, steady, vanishes } from './story.ts';

const common = { area: 'responder', component: 'lambda-responder' } as const;

/** The responder's own alerts, and the heartbeat that shows the whole path from Prometheus to it is alive. */
export const RESPONDER_ALERTS: readonly AlertRule[] = [
  {
    ...common,
    name: 'Watchdog',
    severity: 'info',
    for: '0m',
    expr: () => 'vector(1)',
    summary: 'The alerting path works',
    description:
      'This alert always fires. The responder opens an incident when it has not been heard of for 15 minutes: then Prometheus, Alertmanager or the way between them is broken.',
    test: { series: () => ({ up: gauge(1, 1) }), quietAt: null, resolvedAt: null, labels: () => [{}] },
  },
  {
    ...common,
    name: 'LambdaResponderDown',
    severity: 'critical',
    priority: 'P1',
    for: '3m',
    expr: () => 'absent(up{job="lambda-responder"} == 1)',
    summary: 'lambda-responder is down',
    description:
      'Nobody is told of alerts in Slack. Alertmanager keeps them and delivers when it is back; keep the pager.',
    test: { series: () => ({ 'up{job="lambda-responder"}': vanishes(1) }), labels: () => [{}] },
  },
  {
    ...common,
    name: 'LambdaResponderSlackDisconnected',
    severity: 'critical',
    priority: 'P1',
    for: '2m',
    expr: () => 'max(responder_slack_connected) == 0',
    summary: 'lambda-responder cannot reach Slack',
    description: 'Alerts are accepted and kept; cards are posted when Slack is back.',
    test: { series: () => ({ 'responder_slack_connected{pod="p"}': gauge(1, 0) }), labels: () => [{}] },
  },
  {
    ...common,
    name: 'LambdaResponderQueueBehind',
    severity: 'warning',
    priority: 'P2',
    for: '2m',
    expr: () => 'max by (lane) (responder_queue_oldest_seconds) > 60',
    summary: 'lambda-responder is {{ $value | humanizeDuration }} behind ({{ $labels.lane }})',
    description: 'The oldest job of lane {{ $labels.lane }} has waited for more than a minute.',
    test: {
      series: () => ({ 'responder_queue_oldest_seconds{lane="incident", pod="p"}': gauge(0, 90) }),
      labels: () => [{ lane: 'incident' }],
    },
  },
  {
    ...common,
    name: 'LambdaResponderJobsDead',
    severity: 'warning',
    priority: 'P2',
    for: '0m',
    expr: () => 'sum by (kind) (increase(responder_jobs_total{outcome="dead"}[15m])) > 0',
    summary: 'lambda-responder gave up on a job ({{ $labels.kind }})',
    description:
      'A job of kind {{ $labels.kind }} failed for good. Its record says why; retry it when the cause is gone.',
    test: {
      series: () => ({ 'responder_jobs_total{kind="deliverCard", outcome="dead"}': counter(1) }),
      labels: () => [{ kind: 'deliverCard' }],
    },
  },
  {
    ...common,
    name: 'LambdaResponderIntakeRefused',
    severity: 'critical',
    priority: 'P1',
    for: '5m',
    expr: () => 'sum(rate(responder_http_requests_total{route="/webhooks/alertmanager", code=~"5.."}[5m])) > 0',
    summary: 'lambda-responder cannot store what Alertmanager sends',
    description:
      'The webhook answers 5xx, so Alertmanager retries. Look at the store: disk full, read-only, or its server down.',
    test: {
      series: () => ({ 'responder_http_requests_total{route="/webhooks/alertmanager", code="503"}': counter(5) }),
      labels: () => [{}],
    },
  },
  {
    ...common,
    name: 'LambdaResponderCardsSlow',
    severity: 'warning',
    priority: 'P3',
    for: '10m',
    expr: () => 'histogram_quantile(0.95, sum by (le) (rate(responder_webhook_to_card_seconds_bucket[10m]))) > 5',
    summary: 'Cards appear {{ $value | humanizeDuration }} after the alert (P95)',
    description: 'The promise is one second. Slack is slow or limits the rate, or the machine is overloaded.',
    test: {
      series: () => ({
        'responder_webhook_to_card_seconds_bucket{le="1"}': '0+6x9 60+0x29 66+6x39',
        'responder_webhook_to_card_seconds_bucket{le="10"}': steady(6),
        'responder_webhook_to_card_seconds_bucket{le="+Inf"}': steady(6),
      }),
      labels: () => [{}],
    },
  },
  {
    ...common,
    name: 'LambdaResponderClusterUnreachable',
    severity: 'warning',
    priority: 'P2',
    for: '5m',
    expr: () =>
      'sum(rate(responder_dependency_calls_total{dependency="kubernetes", outcome!="ok"}[5m])) / sum(rate(responder_dependency_calls_total{dependency="kubernetes"}[5m])) > 0.5 and sum(increase(responder_dependency_calls_total{dependency="kubernetes", outcome!="ok"}[5m])) >= 5',
    summary: 'lambda-responder cannot read the cluster',
    description: 'More than half of its calls to the Kubernetes API fail; diagnostics are incomplete.',
    test: {
      series: () => ({
        'responder_dependency_calls_total{dependency="kubernetes", outcome="ok"}': steady(2),
        'responder_dependency_calls_total{dependency="kubernetes", outcome="timeout"}': counter(10),
      }),
      labels: () => [{}],
    },
  },
];
