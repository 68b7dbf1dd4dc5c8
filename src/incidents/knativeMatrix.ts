import type { Severity } from './incident.ts';
import { KNATIVE_ALERTS } from './knativeAlerts.ts';
import type { SeverityMatcher } from './matchers.ts';

/** Alerts that mean one condition: `several` subjects of them within a time, a `critical` one, or `always`. */
interface MatrixRow {
  readonly severity: Severity;
  readonly when: 'several' | 'critical' | 'always';
  readonly condition: string;
  readonly alerts: readonly string[];
}

const ROWS: readonly MatrixRow[] = KNATIVE_ALERTS;

const SEVERAL = { subjects: 3, withinMs: 30 * 60_000 } as const;

/**
 * The severity matrix of Knative Lambda, as its catalogue of alerts says. P0 (`sev1`): no function can be invoked or no
 * event is accepted. P1 (`sev2`): a capability of the platform is lost, running functions serve. P2 (`sev3`): one
 * function, or degraded. P3 (`sev4`): an early warning. The first that matches decides. Only names that belong to the
 * platform are listed: another team's `GatewayDown` keeps its own severity.
 */
export const KNATIVE_MATRIX: readonly SeverityMatcher[] = ROWS.map(({ severity, when, condition, alerts }) => ({
  name: condition,
  // One alert name, two thresholds: the critical one is a lost capability, the warning a degradation.
  match: { alertname: `/${alerts.join('|')}/`, ...(when === 'critical' ? { severity: '/critical|page/' } : {}) },
  severity,
  atLeast: when === 'several' ? SEVERAL : null,
}));
