import type { AlertRule } from './catalogue/alert.ts';

/** Where links of alerts lead. A link that leads nowhere helps nobody: without an address there is none. */
export interface LinkBases {
  /** Where the folder `runbooks/` is readable, without a trailing slash; null when nowhere. The responder needs none: it knows a runbook by the alert's name. */
  readonly runbooks: string | null;
  /** Where Grafana shows a dashboard by its uid, such as `https://grafana.company.net/d`; null when nowhere. */
  readonly dashboards: string | null;
}

/** As shipped: set your own with `RUNBOOK_BASE_URL` and `DASHBOARD_BASE_URL` when generating the manifests. */
export const NO_LINKS: LinkBases = { runbooks: null, dashboards: null };

/** The labels a rule adds to its alerts. */
export function alertLabels(rule: AlertRule): Record<string, string> {
  return {
    alertname: rule.name,
    severity: rule.severity,
    ...(rule.priority && !rule.countsUp ? { incident_severity: rule.priority } : {}),
    component: rule.component,
    team: 'platform',
  };
}

/** The annotations of a rule, unexpanded. */
export function alertAnnotations(rule: AlertRule, links: LinkBases = NO_LINKS): Record<string, string> {
  const dashboard = rule.area === 'responder' ? 'lambda-responder' : 'knative-lambda';
  return {
    summary: rule.summary,
    description: rule.description,
    ...(links.runbooks === null ? {} : { runbook_url: `${links.runbooks}/${rule.area}/${rule.name}.md` }),
    ...(links.dashboards === null ? {} : { dashboard_url: `${links.dashboards}/${dashboard}` }),
  };
}
