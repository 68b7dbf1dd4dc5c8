import { counted } from '../../wording/counts.ts';
import { spoken } from '../../wording/lengths.ts';

/** `2 alerts still fire`: of an incident that is resolved, or about to be. */
export function stillFiring(firing: number): string {
  return `${counted(firing, 'alert')} still ${firing === 1 ? 'fires' : 'fire'}`;
}

/** What becomes of alerts that fire on after their incident was resolved by a person. Rule: docs/rules.md#reopen. */
export function whatRepeatsDo(firing: number, reopenWindowMs: number): string {
  const window = spoken(reopenWindowMs);
  const it = firing === 1 ? 'it' : 'they';
  return `for ${window} that is no news, and what still fires after that is a new incident. Should ${it} end and fire again within ${window}, this one opens again.`;
}
