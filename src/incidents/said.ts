import { isRedacted } from '../alerts/redacted.ts';
import type { IncidentAlert } from './incident.ts';
import { annotationOf, summaryOf } from './sentence.ts';

/** What the sender says of its alert: the team's own words and addresses, whether we have a runbook or not. */
export interface Said {
  /** In plain words; the first of summary, message and description; null when there is none. */
  readonly summary: string | null;
  /** What it says beside that; null when nothing. */
  readonly description: string | null;
  /** Grafana's values, `B=22, C=1`. */
  readonly values: string | null;
  readonly runbookUrl: string | null;
  readonly dashboardUrl: string | null;
}

/** The annotations by their usual names (kube-prometheus, Grafana, awesome-prometheus-alerts). */
export function saidBy(alert: IncidentAlert): Said {
  const of = (...names: readonly string[]) => annotationOf(alert, names);
  const summary = summaryOf(alert) ?? of('description');
  const description = of('description', 'message', 'details');
  return {
    summary,
    description: description === summary ? null : description,
    values: alert.values ?? null,
    runbookUrl: address(of('runbook_url', 'runbook_link', 'runbook')),
    dashboardUrl: address(of('dashboard_url', 'dashboard') ?? alert.links?.dashboard ?? grafanaDashboard(alert)),
  };
}

/** The alert that speaks for an incident: the first that fires. */
export function speaker(alerts: readonly IncidentAlert[]): IncidentAlert | null {
  return alerts.find((alert) => alert.status === 'firing') ?? alerts[0] ?? null;
}

/** Grafana's annotations name a dashboard beside the address of the rule. */
function grafanaDashboard({ annotations, generatorUrl }: IncidentAlert): string | null {
  const { __dashboardUid__: uid, __panelId__: panel } = annotations;
  const grafana = generatorUrl === null ? null : URL.parse(generatorUrl);
  if (!uid || !grafana?.pathname.includes('/alerting/')) return null;
  const prefix = grafana.pathname.split('/alerting/', 1)[0] ?? '';
  const view = panel ? `?viewPanel=${encodeURIComponent(panel)}` : '';
  return `${grafana.origin}${prefix}/d/${encodeURIComponent(uid)}${view}`;
}

/** An address that leads somewhere: http or https, nothing cut out of it, and no placeholder that nobody filled in. */
function address(text: string | null): string | null {
  const url = text === null ? null : URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || text === null || isRedacted(text)) return null;
  return isPlaceholderHost(url.hostname) ? null : text;
}

/** Names that documentation uses as placeholders (https://www.rfc-editor.org/rfc/rfc6761): nobody filled them in. */
export function isPlaceholderHost(hostname: string): boolean {
  return /\.invalid$|(?:^|\.)example\.(?:com|net|org)$/.test(hostname);
}
