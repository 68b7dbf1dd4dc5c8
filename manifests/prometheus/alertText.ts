import type { AlertRule } from './catalogue/alert.ts';

export interface LinkBases {
  /** Where the folder `runbooks/` is readable, without a trailing slash. */
  readonly runbooks: string;
  readonly dashboards: string;
}

/** Placeholders: set your own with `RUNBOOK_BASE_URL` and `DASHBOARD_BASE_URL` when generating the manifests. */
export const PLACEHOLDER_LINKS: LinkBases = {
  runbooks: 'https://runbooks.example.com',
  dashboards: 'https://grafana.example.com/d',
};

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
export function alertAnnotations(rule: AlertRule, links: LinkBases = PLACEHOLDER_LINKS): Record<string, string> {
  const dashboard = rule.area === 'responder' ? 'lambda-responder' : 'knative-lambda';
  return {
    summary: rule.summary,
    description: rule.description,
    runbook_url: `${links.runbooks}/${rule.area}/${rule.name}.md`,
    dashboard_url: `${links.dashboards}/${dashboard}`,
  };
}
