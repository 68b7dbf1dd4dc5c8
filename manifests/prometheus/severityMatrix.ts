import { SEVERITY_WORDS } from '../../src/alerts/severityWords.ts';
import type { AlertRule } from './catalogue/alert.ts';
import { OTHERS_ALERTS } from './catalogue/others.ts';
import { ALERTS } from './catalogue.ts';

/** Where the responder reads how grave the alerts of the catalogue are; it runs without the catalogue. */
export const SEVERITY_FILE = 'src/incidents/knativeAlerts.ts';

type Severity = `sev${1 | 2 | 3 | 4}`;

/** A row of the matrix: the alerts of one condition, and when they mean it. */
interface MatrixRow {
  readonly condition: string;
  readonly severity: Severity;
  readonly when: 'several' | 'critical' | 'always';
  readonly alerts: readonly string[];
}

const PRIORITIES = ['P0', 'P1', 'P2', 'P3'] as const;

/** The severity that a priority means. */
export function severityOf(priority: (typeof PRIORITIES)[number]): Severity {
  return SEVERITY_WORDS[priority.toLowerCase() as Lowercase<typeof priority>];
}

function graver(priority: (typeof PRIORITIES)[number]): Severity {
  return severityOf(PRIORITIES[Math.max(0, PRIORITIES.indexOf(priority) - 1)] ?? priority);
}

/** The rows that one alert of the catalogue, under every name it has, contributes to. */
function rowsOf(rule: AlertRule): readonly MatrixRow[] {
  const { name, priority, condition, countsUp } = rule;
  if (priority === undefined) return [];
  const others = OTHERS_ALERTS.filter(({ runbook, gravity }) => runbook === name && gravity === 'same');
  const alerts = [name, ...others.map((one) => one.name)];
  const hasLesser = ALERTS.some((one) => one.name === name && one.severity !== 'critical');
  const when = rule.severity === 'critical' && hasLesser ? 'critical' : 'always';
  return [
    ...(countsUp ? [{ condition: countsUp, severity: graver(priority), when: 'several' as const, alerts }] : []),
    ...(condition ? [{ condition, severity: severityOf(priority), when, alerts } as const] : []),
  ];
}

function othersRows(): readonly MatrixRow[] {
  return OTHERS_ALERTS.flatMap(({ name, gravity }) =>
    gravity === null || gravity === 'same'
      ? []
      : [
          {
            condition: gravity.condition,
            severity: severityOf(gravity.priority),
            when: gravity.onlyCritical ? 'critical' : 'always',
            alerts: [name],
          } as const,
        ],
  );
}

/** The matrix: what must be looked at first stands first, then the gravest. */
function matrixRows(): readonly MatrixRow[] {
  const rows = [...ALERTS.flatMap(rowsOf), ...othersRows()];
  const joined = Object.groupBy(rows, ({ condition, when, severity }) => `${when} ${severity} ${condition}`);
  const WHEN = ['several', 'critical', 'always'];
  return Object.values(joined)
    .flatMap((same = []) => same.slice(0, 1).map((row) => ({ ...row, alerts: same.flatMap(({ alerts }) => alerts) })))
    .toSorted(
      (a, b) =>
        WHEN.indexOf(a.when) - WHEN.indexOf(b.when) || (a.severity < b.severity ? -1 : a.severity > b.severity ? 1 : 0),
    );
}

/** The text of `SEVERITY_FILE`, formatted as the source is. */
export function severityFile(): string {
  return `/** How grave the alerts of the catalogue are. Generated from manifests/prometheus/catalogue by \`npm run manifests\`; do not edit. */
export const KNATIVE_ALERTS = [
${matrixRows().map(rowText).join('')}] as const;
`;
}

function rowText({ condition, severity, when, alerts }: MatrixRow): string {
  const names = alerts.map((name) => `'${name}'`);
  const head = `severity: '${severity}', when: '${when}', condition: '${condition}'`;
  const line = `  { ${head}, alerts: [${names.join(', ')}] },\n`;
  if (line.length <= 121) return line;
  const flat = `    alerts: [${names.join(', ')}],\n`;
  const list = flat.length <= 121 ? flat : `    alerts: [\n${names.map((name) => `      ${name},\n`).join('')}    ],\n`;
  return `  {\n    severity: '${severity}',\n    when: '${when}',\n    condition: '${condition}',\n${list}  },\n`;
}
