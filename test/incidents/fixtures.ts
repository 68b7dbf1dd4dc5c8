import type { Alert, AlertGroup } from '../../src/alerts/alert.ts';
import { assess } from '../../src/incidents/decide/assess.ts';
import { decide } from '../../src/incidents/decide/decide.ts';
import type { DecideInput, Decision, IncidentDraft } from '../../src/incidents/decision.ts';
import type { Actor, IncidentWithAlerts } from '../../src/incidents/incident.ts';
import { DEFAULT_POLICY } from '../../src/incidents/policy.ts';
import { group, T0 } from '../builders/alerts.ts';

export const ANA: Actor = { type: 'slack', id: 'U123', name: 'Ana' };
export const BEN: Actor = { type: 'slack', id: 'U456', name: null };

/** Keeps incidents in memory as the store would: numbers new ones, replaces alerts, and decides about what it holds. */
export class Ledger {
  readonly incidents = new Map<number, IncidentWithAlerts>();
  readonly overrides: Partial<DecideInput>;

  constructor(overrides: Partial<DecideInput> = {}) {
    this.overrides = overrides;
  }

  deliver(alerts: readonly Alert[], at = T0, over: Partial<AlertGroup> = {}): Decision {
    const decision = decide(assess(this.input(alerts, at, over)));
    for (const draft of decision.incidents) this.save(draft);
    return decision;
  }

  input(alerts: readonly Alert[], at = T0, over: Partial<AlertGroup> = {}): DecideInput {
    const known = [...this.incidents.values()];
    return {
      group: group(alerts, at, over),
      known,
      recent: known.flatMap((each) => each.alerts.filter((alert) => alert.status === 'firing')),
      policy: DEFAULT_POLICY,
      matchPlaybook: () => null,
      routeChannel: () => null,
      now: at,
      ...this.overrides,
    };
  }

  save(draft: IncidentDraft): IncidentWithAlerts {
    const number = typeof draft.key === 'number' ? draft.key : this.incidents.size + 1;
    const alerts = new Map(this.incidents.get(number)?.alerts.map((alert) => [alert.fingerprint, alert]));
    for (const alert of draft.alerts) alerts.set(alert.fingerprint, { ...alert, incidentNumber: number });
    const saved = { incident: { ...draft.incident, number }, alerts: [...alerts.values()] };
    this.incidents.set(number, saved);
    return saved;
  }

  find(number: number): IncidentWithAlerts {
    const found = this.incidents.get(number);
    if (!found) throw new Error(`there is no incident ${number}`);
    return found;
  }
}

export function reasons(decision: Decision): readonly string[] {
  return decision.outcomes.map((outcome) => outcome.reason);
}

export function news(decision: Pick<Decision, 'followUps'>): readonly string[] {
  return decision.followUps.flatMap((each) => (each.kind === 'news' ? [each.news.kind] : []));
}

export function timers(decision: Pick<Decision, 'followUps'>): Readonly<Record<string, number>> {
  const found = decision.followUps.flatMap((each) =>
    each.kind === 'timer' ? [[each.timer, each.runAt] as const] : [],
  );
  return Object.fromEntries(found);
}

export function kinds(decision: Pick<Decision, 'followUps'>): readonly string[] {
  return decision.followUps.map((each) => each.kind);
}
