import type { RejectedAlert } from '../../alerts/alert.ts';
import type { DecideInput, FollowUp } from '../decision.ts';
import { RESPONDER } from '../incident.ts';
import { cardOf, quietTimers, timer, wantsCard } from '../schedule.ts';
import { retold } from '../sentence.ts';
import { compareSeverity, isGrave } from '../severity.ts';
import type { Book } from './book.ts';
import { writeAlertEntries } from './entries.ts';
import { settleFlapping } from './flapping.ts';
import { newsOf } from './news.ts';
import { findRelated } from './related.ts';
import { change, isChanged, isFiring, isUnresolved, type Working } from './working.ts';

/**
 * Draws the conclusions for one incident once all alerts of a delivery are placed: truncated, heard again, quiet or
 * firing again, flapping, related; writes the timeline and returns what follows. An incident that was only repeated
 * stays as it is.
 */
export function settle(
  working: Working,
  rejected: readonly RejectedAlert[],
  book: Book,
  input: DecideInput,
): readonly FollowUp[] {
  if (working.written.size === 0 && !isChanged(working)) return [];
  const at = input.group.receivedAt;
  writeAlertEntries(working, rejected, input.group);
  if (!isUnresolved(working)) return [];
  settleTruncated(working, input);
  settleStale(working, at);
  settleQuiet(working, at);
  settleFlapping(working, input.policy, at);
  findRelated(working, book, input.policy, at);
  if (isChanged(working))
    change(working, { sentence: retold(working.incident, working.alerts, working.unread !== null) });
  if (!isChanged(working)) return [];
  return followUpsOf(working, rejected, input);
}

/** Alerts that Alertmanager left out may still fire: such an incident never resolves by itself. */
function settleTruncated(working: Working, input: DecideInput): void {
  const { truncatedAlerts } = input.group;
  if (truncatedAlerts <= working.incident.truncatedAlerts) return;
  change(working, { truncatedAlerts });
  working.entries.push({
    kind: 'truncated',
    at: input.group.receivedAt,
    actor: RESPONDER,
    text: `${truncatedAlerts} more alerts were not sent by Alertmanager (max_alerts)`,
    detail: { truncatedAlerts },
  });
}

function settleStale(working: Working, at: number): void {
  if (working.incident.staleSince === null) return;
  change(working, { staleSince: null });
  working.entries.push({ kind: 'stale', at, actor: RESPONDER, text: 'Heard of again', detail: { stale: false } });
}

const CONTINUES = 'Fires still: the same episode was told again after its end, by a peer that had not heard of it';

function settleQuiet(working: Working, at: number): void {
  const fires = isFiring(working);
  if (fires && working.incident.quietSince !== null) {
    change(working, { quietSince: null });
    const names = [...new Set([...working.refired, ...working.added].map((alert) => alert.name))];
    working.entries.push({
      kind: 'refired',
      at,
      actor: RESPONDER,
      text: names.length > 0 ? `Fires again: ${names.slice(0, 3).join(', ')}` : CONTINUES,
      detail: { alerts: names.slice(0, 20) },
    });
  }
  if (!fires && working.incident.quietSince === null && working.alerts.size > 0) {
    change(working, { quietSince: at });
    working.entries.push({ kind: 'quiet', at, actor: RESPONDER, text: 'All its alerts are resolved', detail: {} });
  }
}

function followUpsOf(working: Working, rejected: readonly RejectedAlert[], input: DecideInput): readonly FollowUp[] {
  const { key, incident, before } = working;
  const at = input.group.receivedAt;
  const isNew = before === null;
  const isRaised = before !== null && compareSeverity(incident.severity, before.severity) < 0;
  const isUrgent = isNew || isRaised || working.reopened || isGrave(incident.severity);
  const followUps: FollowUp[] = [];
  // A new sev4 gets no card; one that was sev4 and has none is for the delivery to see.
  if (!isNew || wantsCard(incident)) followUps.push(cardOf(key, incident, isUrgent, input.policy));
  if (wantsCard(incident)) {
    for (const news of newsOf(working, rejected, input.group)) followUps.push({ kind: 'news', incident: key, news });
    const because = working.lookBecause ?? (isRaised && before.severity === 'sev4' ? 'raised from sev4' : null);
    if (because !== null) followUps.push({ kind: 'firstLook', incident: key, because });
  }
  followUps.push(...ownChannel(working, input));
  if (before?.quietSince !== incident.quietSince) followUps.push(...quietTimers(key, incident, input.policy));
  if (incident.flappingSince !== null && working.resolved.length + working.refired.length > 0) {
    followUps.push(timer(key, 'flapping_ends', at + input.policy.flapping.calmMs));
  }
  return followUps;
}

/** sev1 gets a channel of its own at once, sev2 when it still fires after a while. Rule: docs/rules.md#own-channel. */
function ownChannel(working: Working, input: DecideInput): readonly FollowUp[] {
  const { key, incident, before } = working;
  if (before?.severity === incident.severity) return [];
  if (incident.severity === 'sev1') {
    return [
      { kind: 'ownChannel', incident: key, because: before ? 'raised to SEV1' : 'opened as SEV1', automatic: true },
    ];
  }
  if (incident.severity !== 'sev2') return [];
  return [timer(key, 'own_channel', input.group.receivedAt + input.policy.ownChannel.sev2AfterMs)];
}
