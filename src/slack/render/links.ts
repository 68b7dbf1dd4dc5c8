import type { Labels } from '../../alerts/alert.ts';
import { isRedacted } from '../../alerts/redacted.ts';
import type { IncidentAlert, IncidentWithAlerts } from '../../incidents/incident.ts';
import { address, link } from './text.ts';

/**
 * Where to look further: the graph of the rule in Prometheus, a silence prepared in Alertmanager, the dashboard named
 * by the alert. Each is ready mrkdwn; addresses that cannot be used are left out.
 */
export function cardLinks(known: IncidentWithAlerts, publicUrl: string | null): readonly string[] {
  const newest = known.alerts.find((alert) => alert.status === 'firing') ?? known.alerts[0];
  const links: string[] = [];
  const add = (target: string | null, label: string): void => {
    const href = address(target, 1_500);
    if (href !== null && !isRedacted(href)) links.push(link(href, label, 1_500));
  };
  if (newest) {
    add(newest.generatorUrl, 'Graph');
    // What all of its alerts share is not known of one that has too many to read.
    if (known.unread === undefined) add(silenceUrl(known.alerts), 'Silence');
    add(dashboardUrl(newest), 'Dashboard');
  }
  if (publicUrl) add(`${publicUrl.replace(/\/+$/, '')}/incidents/${known.incident.number}`, `Incident page`);
  return links;
}

/**
 * Alertmanager's form for a new silence, filled with the labels all alerts of the incident share.
 * https://github.com/prometheus/alertmanager/blob/main/ui/app/src/Views/SilenceForm/Parsing.elm
 */
export function silenceUrl(alerts: readonly IncidentAlert[]): string | null {
  const base = alerts.find((alert) => alert.externalUrl !== null)?.externalUrl;
  if (!base || !URL.canParse(base)) return null;
  const shared = sharedLabels(alerts.map((alert) => alert.labels));
  if (shared.length === 0) return null;
  const full = silenceForm(base, shared);
  if (full.length <= 1_500) return full;
  const few = shared.filter(([name]) => name === 'alertname' || name === 'namespace' || name === 'cluster');
  const short = silenceForm(base, few);
  return few.length > 0 && short.length <= 1_500 ? short : null;
}

function silenceForm(base: string, labels: readonly (readonly [string, string])[]): string {
  const matchers = labels.map(([name, value]) => `${name}=${JSON.stringify(value.toWellFormed())}`).join(', ');
  return `${base.replace(/\/+$/, '')}/#/silences/new?filter=${encodeURIComponent(`{${matchers}}`)}`;
}

function sharedLabels(all: readonly Labels[]): readonly (readonly [string, string])[] {
  const [first, ...rest] = all;
  if (!first) return [];
  // What was redacted matches nothing: with fewer labels the form silences more, and shows what.
  return Object.entries(first).filter(
    ([name, value]) => !isRedacted(name) && !isRedacted(value) && rest.every((labels) => labels[name] === value),
  );
}

/** `dashboard_url`, or Grafana's own annotations, which its alerts carry. */
function dashboardUrl(alert: IncidentAlert): string | null {
  const { dashboard_url: direct, __dashboardUid__: uid, __panelId__: panel } = alert.annotations;
  if (direct) return direct;
  if (!uid || !alert.generatorUrl || !URL.canParse(alert.generatorUrl)) return null;
  const grafana = new URL(alert.generatorUrl);
  const prefix = grafana.pathname.split('/alerting/', 1)[0] ?? '';
  if (!grafana.pathname.includes('/alerting/')) return null;
  const view = panel ? `?viewPanel=${encodeURIComponent(panel)}` : '';
  return `${grafana.origin}${prefix}/d/${encodeURIComponent(uid)}${view}`;
}
