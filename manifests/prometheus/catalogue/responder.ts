import type { AlertRule } from './alert.ts';
import { counter, gauge, steady, vanishes } from './story.ts';

const common = { area: 'responder', component: 'lambda-responder' } as const;

const WEBHOOK = 'responder_http_requests_total{route="/webhooks/alertmanager"';
const CARDS = 'responder_webhook_to_card_seconds';

/**
 * Share of cards later than the promised second; `burn` multiplies the budget of 5%, which is an objective of 95%.
 * Prometheus 3 writes the bound of a bucket as 1.0.
 */
const lateCards = (window: string, burn: number) =>
  `1 - sum(rate(${CARDS}_bucket{le=~"1|1.0"}[${window}])) / sum(rate(${CARDS}_count[${window}])) > ${burn} * 0.05`;

const queueStuck = (seconds: number, grave: boolean): AlertRule => ({
  ...common,
  name: 'LambdaResponderQueueStuck',
  severity: grave ? 'critical' : 'warning',
  priority: grave ? 'P1' : 'P2',
  for: '2m',
  expr: () => `max by (lane) (responder_queue_oldest_seconds) > ${seconds}`,
  summary: 'lambda-responder is {{ $value | humanizeDuration }} behind ({{ $labels.lane }})',
  description: `The oldest job of lane {{ $labels.lane }} has been due for more than ${seconds} seconds.`,
  test: {
    series: () => ({ 'responder_queue_oldest_seconds{lane="incident", pod="p"}': gauge(0, seconds * 1.5) }),
    labels: () => [{ lane: 'incident' }],
  },
});

const cardBurn = (fast: boolean): AlertRule => {
  const [long, short, burn, least] = fast ? (['1h', '5m', 14.4, 5] as const) : (['6h', '30m', 6, 10] as const);
  return {
    ...common,
    name: 'LambdaResponderCardSLOBurn',
    severity: fast ? 'critical' : 'warning',
    priority: fast ? 'P2' : 'P3',
    for: '2m',
    expr: () =>
      `${lateCards(long, burn)} and ${lateCards(short, burn)} and sum(increase(${CARDS}_count[${long}])) >= ${least}`,
    summary: '{{ $value | humanizePercentage }} of the cards come later than promised',
    description: `The objective is that 95% of the cards are in Slack a second after the alert was accepted. Over ${long} the budget is used ${burn} times as fast as allowed.`,
    test: {
      series: () => ({
        [`${CARDS}_bucket{le="1"}`]: '0+6x9 54+0x29 54+6x39',
        [`${CARDS}_count`]: steady(6),
      }),
      labels: () => [{}],
    },
  };
};

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
    test: {
      series: () => ({ 'up{job="lambda-responder"}': vanishes(1) }),
      labels: () => [{}],
      firesWithoutData: true,
    },
  },
  {
    ...common,
    name: 'LambdaResponderSlackDisconnected',
    severity: 'critical',
    priority: 'P1',
    for: '2m',
    // With several replicas one connection is enough.
    expr: () => 'max(responder_slack_connected) == 0',
    summary: 'lambda-responder cannot reach Slack',
    description: 'Alerts are accepted and kept; cards are posted when Slack is back.',
    test: { series: () => ({ 'responder_slack_connected{pod="p"}': gauge(1, 0) }), labels: () => [{}] },
  },
  {
    ...common,
    name: 'LambdaResponderAlertmanagerSilent',
    severity: 'critical',
    priority: 'P1',
    for: '2m',
    // The heartbeat fires here, the responder runs long enough to have heard it, and did not.
    expr: () =>
      '(sum(increase(responder_decisions_total{reason="suppressed_watchdog"}[15m])) or vector(0)) == 0 and on () count(ALERTS{alertname="Watchdog", alertstate="firing"}) > 0 and on () max(time() - process_start_time_seconds{job="lambda-responder"}) > 900',
    summary: 'lambda-responder hears nothing of Alertmanager',
    description:
      'Watchdog fires, but its heartbeat has not arrived for 15 minutes: the way from Alertmanager is broken. Whoever else Alertmanager notifies still hears.',
    test: {
      series: () => ({
        'responder_decisions_total{reason="suppressed_watchdog"}': '0+1x9 9x29 9+1x39',
        'ALERTS{alertname="Watchdog", alertstate="firing"}': gauge(1, 1),
        'process_start_time_seconds{job="lambda-responder"}': '-3600x79',
      }),
      labels: () => [{}],
    },
  },
  queueStuck(300, true),
  queueStuck(60, false),
  {
    ...common,
    name: 'LambdaResponderDeadLetters',
    severity: 'critical',
    priority: 'P2',
    for: '0m',
    expr: () => 'max(responder_alerts{state="dead"}) > 0',
    summary: '{{ $value | humanize }} alerts were never decided',
    description:
      'Their delivery was accepted and deciding about it failed for good: nobody was told of them. Look at Alertmanager, then retry the job.',
    test: { series: () => ({ 'responder_alerts{state="dead", pod="p"}': gauge(0, 3) }), labels: () => [{}] },
  },
  {
    ...common,
    name: 'LambdaResponderDeadLetters',
    severity: 'warning',
    priority: 'P3',
    for: '5m',
    expr: () => 'max(responder_dead_jobs) > 0',
    summary: 'lambda-responder gave up on {{ $value | humanize }} jobs',
    description:
      'Something was not done: a card not posted, a timer not run. Each record says why; retry it when the cause is gone.',
    test: { series: () => ({ 'responder_dead_jobs{pod="p"}': gauge(0, 1) }), labels: () => [{}] },
  },
  {
    ...common,
    name: 'LambdaResponderWebhookErrors',
    severity: 'critical',
    priority: 'P1',
    for: '2m',
    expr: () => `sum(rate(${WEBHOOK}, code=~"5.."}[5m])) > 0`,
    summary: 'lambda-responder cannot store what Alertmanager sends',
    description:
      'The webhook answers 5xx, so Alertmanager retries. Look at the store: disk full, read-only, or its server down.',
    test: { series: () => ({ [`${WEBHOOK}, code="503"}`]: counter(5) }), labels: () => [{}] },
  },
  {
    ...common,
    name: 'LambdaResponderStoreErrors',
    severity: 'critical',
    priority: 'P1',
    for: '2m',
    expr: () => 'min(responder_store_up) == 0',
    summary: 'lambda-responder cannot write its store',
    description:
      'A test write fails or does not end within 3 seconds: no delivery is accepted and no incident changes.',
    test: { series: () => ({ 'responder_store_up{pod="p"}': gauge(1, 0) }), labels: () => [{}] },
  },
  {
    ...common,
    name: 'LambdaResponderRejectedAlerts',
    severity: 'warning',
    priority: 'P3',
    for: '0m',
    // The last part sees the first refusal of all: a counter born with its event shows no increase.
    expr: () =>
      `max(responder_alerts{state="rejected"}) - max(responder_alerts{state="rejected"} offset 15m) > 0 or sum(increase(${WEBHOOK}, code=~"400|413"}[15m])) > 0 or sum(${WEBHOOK}, code=~"400|413"} unless ${WEBHOOK}, code=~"400|413"} offset 15m) > 0`,
    summary: 'A sender talks nonsense to lambda-responder',
    description:
      'Deliveries or single alerts were refused for good: these alerts reached nobody. A record with the reason and the sender is kept.',
    test: {
      series: () => ({
        [`${WEBHOOK}, code="400"}`]: '_x10 1x69',
        'responder_alerts{state="rejected", pod="p"}': '0x79',
      }),
      firesAt: '15m',
      labels: () => [{}],
    },
  },
  {
    ...common,
    name: 'LambdaResponderDeliverySlow',
    severity: 'warning',
    priority: 'P3',
    for: '10m',
    expr: () =>
      `histogram_quantile(0.95, sum by (le) (rate(${CARDS}_bucket[10m]))) > 5 and on () sum(increase(${CARDS}_count[10m])) >= 3`,
    summary: 'Cards appear {{ $value | humanizeDuration }} after the alert (P95)',
    description: 'The promise is one second. Slack is slow or limits the rate, or the machine is overloaded.',
    test: {
      series: () => ({
        [`${CARDS}_bucket{le="1"}`]: '0+6x9 60+0x29 66+6x39',
        [`${CARDS}_bucket{le="10"}`]: steady(6),
        [`${CARDS}_bucket{le="+Inf"}`]: steady(6),
        [`${CARDS}_count`]: steady(6),
      }),
      labels: () => [{}],
    },
  },
  cardBurn(true),
  cardBurn(false),
  {
    ...common,
    name: 'LambdaResponderDependencyFailing',
    severity: 'warning',
    priority: 'P2',
    for: '5m',
    expr: () =>
      'sum by (dependency) (rate(responder_dependency_calls_total{outcome!="ok"}[5m])) / sum by (dependency) (rate(responder_dependency_calls_total[5m])) > 0.5 and sum by (dependency) (increase(responder_dependency_calls_total{outcome!="ok"}[5m])) >= 5',
    summary: '{{ $value | humanizePercentage }} of the calls of lambda-responder to {{ $labels.dependency }} fail',
    description:
      'More than half of its calls to {{ $labels.dependency }} fail; what depends on it says that it is incomplete.',
    test: {
      series: () => ({
        'responder_dependency_calls_total{dependency="kubernetes", outcome="ok"}': steady(2),
        'responder_dependency_calls_total{dependency="kubernetes", outcome="timeout"}': counter(10),
        'responder_dependency_calls_total{dependency="slack", outcome="ok"}': steady(20),
      }),
      labels: () => [{ dependency: 'kubernetes' }],
    },
  },
  {
    ...common,
    // What is not asked counts as no call: one method of Slack that fails is no half of all calls.
    name: 'LambdaResponderDependencyFailing',
    severity: 'warning',
    priority: 'P2',
    for: '5m',
    expr: () => 'max by (dependency, target) (avg_over_time(responder_breaker_open[10m])) > 0.5',
    summary: 'lambda-responder leaves {{ $labels.dependency }} ({{ $labels.target }}) alone after failures',
    description:
      'Most of the last ten minutes {{ $labels.dependency }} was not asked, because call after call had failed; what depends on it is late or incomplete.',
    test: {
      series: () => ({
        'responder_breaker_open{dependency="slack", target="slack", pod="p"}': gauge(0, 1),
        'responder_breaker_open{dependency="kubernetes", target="default", pod="p"}': gauge(0, 0),
      }),
      labels: () => [{ dependency: 'slack', target: 'slack' }],
    },
  },
  {
    ...common,
    name: 'LambdaResponderEventLoopBlocked',
    severity: 'warning',
    priority: 'P3',
    for: '5m',
    expr: () => 'max by (instance) (nodejs_eventloop_lag_p99_seconds{job="lambda-responder"}) > 0.5',
    summary: 'lambda-responder is blocked for {{ $value | humanizeDuration }} at a time',
    description:
      'One thread does everything and is kept busy: acknowledgements to Slack come late. It lacks CPU, or something is too large.',
    test: {
      series: () => ({
        'nodejs_eventloop_lag_p99_seconds{job="lambda-responder", instance="10.0.0.1:8080"}': gauge(0.02, 1.2),
      }),
      labels: () => [{ instance: '10.0.0.1:8080' }],
    },
  },
];
