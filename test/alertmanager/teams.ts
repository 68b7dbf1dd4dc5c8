/** A team's configuration without a routing tree. `sink` is where each receiver's webhook leads, its name appended. */
export function plainTeam(sink: string): string {
  return `
route:
  receiver: pager
  group_by: [alertname]
  group_wait: 1s
  group_interval: 1s
receivers:
  - { name: pager, webhook_configs: [{ url: '${sink}/pager' }] }
`;
}

/** A team's configuration with nested routes, two of them with \`continue: true\`, and every way to write a matcher. */
export function nestedTeam(sink: string): string {
  const names = ['pager', 'payments', 'payments-pager', 'checkout', 'audit', 'platform', 'blackhole'];
  return `
route:
  receiver: pager
  group_by: [alertname]
  group_wait: 1s
  group_interval: 1s
  routes:
    # Payments have people of their own.
    - matchers: ['team = "payments"']
      receiver: payments
      routes:
        - matchers: ['severity =~ "critical|page"']
          receiver: payments-pager
          continue: true
        - match_re: { service: '^(checkout|basket)-.*$' }
          receiver: checkout
    - matchers: [severity = critical]
      receiver: audit
      continue: true
    - match: { severity: critical }
      matchers: ['{alertname=~"Knative.+",namespace!=""}']
      receiver: platform
    - matchers: ['alertname = "Watchdog"']
      receiver: blackhole
receivers:
${names.map((name) => `  - { name: ${name}, webhook_configs: [{ url: '${sink}/${name}' }] }`).join('\n')}
`;
}

/** Alerts that reach every corner of both. */
export const TEAM_ALERTS: readonly Readonly<Record<string, string>>[] = [
  { alertname: 'DiskFull', severity: 'warning', namespace: 'shop' },
  { alertname: 'ApiDown', severity: 'critical', namespace: 'shop' },
  { alertname: 'KnativeLambdaOperatorDown', severity: 'critical', namespace: 'knative-lambda' },
  { alertname: 'KnativeClusterWide', severity: 'critical' },
  { alertname: 'PaymentsSlow', severity: 'warning', team: 'payments', service: 'ledger' },
  { alertname: 'PaymentsDown', severity: 'page', team: 'payments', service: 'ledger' },
  { alertname: 'CheckoutDown', severity: 'critical', team: 'payments', service: 'checkout-eu' },
  { alertname: 'BasketSlow', severity: 'warning', team: 'payments', service: 'basket-us' },
  { alertname: 'Watchdog', severity: 'none' },
];
