import { alertIdentity } from '../../alerts/identity.ts';
import { RESPONDER } from '../incident.ts';
import type { Policy } from '../policy.ts';
import { change, type Working } from './working.ts';

/**
 * Marks an incident whose alert went through three fire/resolve cycles within an hour, and counts on while it does. A
 * cycle is complete when the alert resolves. Rule: docs/rules.md#flapping.
 */
export function settleFlapping(working: Working, policy: Policy, at: number): void {
  if (working.resolved.length === 0) return;
  const { incident } = working;
  if (incident.flappingSince !== null) {
    change(working, { flapCount: incident.flapCount + 1 });
    return;
  }
  const since = at - policy.flapping.windowMs;
  let cycles = 0;
  for (const alert of working.resolved) {
    const record = working.alerts.get(alertIdentity(alert));
    const recent = record?.cycles.filter((cycle) => cycle >= since).length ?? 0;
    cycles = Math.max(cycles, recent);
  }
  if (cycles < policy.flapping.cycles) return;
  change(working, { flappingSince: at, flapCount: cycles });
  working.entries.push({
    kind: 'flapping',
    at,
    actor: RESPONDER,
    text: `Flapping: fired and resolved ${cycles} times within ${Math.round(policy.flapping.windowMs / 60_000)} min`,
    detail: { cycles },
  });
}
