/** What is wrong with a body that is no webhook of Alertmanager, and what its sender can do about it. */
export interface Foreign {
  readonly problem: string;
  readonly hint: string;
}

/**
 * Recognises what other senders post by mistake: a Prometheus (vmalert, Thanos Ruler) that takes us for an Alertmanager,
 * Grafana's legacy alerting, a contact point with a payload of its own. Null for everything else.
 */
export function foreignBody(json: unknown): Foreign | null {
  if (Array.isArray(json)) return isListOfAlerts(json) ? BARE_PROMETHEUS : null;
  if (!isObject(json) || Array.isArray(json.alerts)) return null;
  if ('ruleName' in json || 'evalMatches' in json || 'ruleId' in json) return LEGACY_GRAFANA;
  if ('orgId' in json || ('alert_uid' in json && 'link_to_upstream_details' in json)) return OTHER_GRAFANA;
  return null;
}

const BARE_PROMETHEUS: Foreign = {
  problem: 'this is what Prometheus sends to an Alertmanager: a list of alerts, without their groups',
  hint: 'Put an Alertmanager between: Prometheus (vmalert, Thanos Ruler) under alerting.alertmanagers to the Alertmanager, and the Alertmanager to us as webhook receiver. It groups, repeats, silences and says what has resolved.',
};

const LEGACY_GRAFANA: Foreign = {
  problem: 'this is the payload of Grafana’s legacy alerting (ruleName, evalMatches), which has no labels',
  hint: 'In Grafana turn unified alerting on ([unified_alerting] enabled = true; the only one from version 11 on), then Alerting, Contact points, New contact point, integration Webhook: this address, HTTP method POST, authorization header scheme Bearer with the webhook token, and send the default payload.',
};

const OTHER_GRAFANA: Foreign = {
  problem: 'this is a payload of Grafana without its list of alerts',
  hint: 'In Grafana, Alerting, Contact points: choose the integration Webhook and leave its payload (Custom payload, title, message) as it is by default.',
};

function isListOfAlerts(list: readonly unknown[]): boolean {
  return list.length > 0 && list.every((one) => isObject(one) && isObject(one.labels));
}

/** A JSON object, which a list is not. */
export function isObject(json: unknown): json is Readonly<Record<string, unknown>> {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}
