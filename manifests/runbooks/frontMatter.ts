import type { AlertRule } from '../prometheus/catalogue/alert.ts';
import { OTHERS_ALERTS } from '../prometheus/catalogue/others.ts';
import { ALERTS } from '../prometheus/catalogue.ts';
import { severityOf } from '../prometheus/severityMatrix.ts';

/** The runbook of each alert of the catalogue, as a path from the repository's root. */
export const RUNBOOK_OF: ReadonlyMap<string, string> = new Map(
  ALERTS.map(({ area, name }) => [name, `runbooks/${area}/${name}.md`]),
);

/**
 * The Markdown of an alert's runbook with what the catalogue knows of it in its front matter: the alerts it serves, and
 * how grave they are where an alert says nothing. Of two stages of one symptom that is the lesser.
 */
export function withFrontMatter(alert: string, markdown: string): string {
  const rules = ALERTS.filter(({ name }) => name === alert);
  const others = OTHERS_ALERTS.filter(({ runbook }) => runbook === alert).map(({ name }) => name);
  const severity = rules.map(hintOf).toSorted().at(-1) ?? 'sev3';
  return markdown
    .replace(/^alerts: \[.*\]$/m, `alerts: [${[alert, ...others].join(', ')}]`)
    .replace(/^severity: \w+$/m, `severity: ${severity}`);
}

/** What is no incident, such as the heartbeat, has no priority: of all the least. */
function hintOf({ priority }: AlertRule): string {
  return severityOf(priority ?? 'P3');
}
