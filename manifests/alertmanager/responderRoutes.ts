/** A route as Alertmanager's configuration writes it. */
export interface RouteText {
  readonly receiver: string;
  readonly matchers: readonly string[];
  readonly continue: boolean;
  readonly group_by: readonly string[];
  readonly group_wait: string;
  readonly group_interval: string;
  readonly repeat_interval: string;
}

export const RESPONDER_RECEIVER = 'lambda-responder';

/** The path at which the responder hears Alertmanager. */
export const RESPONDER_PATH = '/webhooks/alertmanager';

/** The routes that bring the responder a copy of everything; they stand before all others. */
export const RESPONDER_ROUTES: readonly RouteText[] = [
  {
    receiver: RESPONDER_RECEIVER,
    matchers: ['alertname = "Watchdog"'],
    continue: true,
    group_by: ['alertname', 'cluster'],
    group_wait: '0s',
    group_interval: '1m',
    repeat_interval: '5m',
  },
  {
    receiver: RESPONDER_RECEIVER,
    matchers: ['alertname != "Watchdog"'],
    continue: true,
    group_by: ['alertname', 'cluster', 'namespace'],
    group_wait: '10s',
    group_interval: '1m',
    repeat_interval: '4h',
  },
];

/** The receiver of those routes. */
export const RESPONDER_RECEIVER_TEXT = {
  name: RESPONDER_RECEIVER,
  webhook_configs: [
    {
      url: `http://lambda-responder.lambda-responder${RESPONDER_PATH}`,
      send_resolved: true,
      max_alerts: 1000,
      http_config: {
        authorization: { type: 'Bearer', credentials_file: '/etc/alertmanager/secrets/lambda-responder/WEBHOOK_TOKEN' },
      },
    },
  ],
};
