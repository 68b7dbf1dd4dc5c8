import type { RejectedAlert } from '../../alerts/alert.ts';
import type { FollowUp } from '../decision.ts';
import { compareSeverity, isGrave, RESPONDER } from '../incident.ts';
import type { Policy } from '../policy.ts';
import { cardOf, quietTimers, timer, wantsCard } from '../schedule.ts';
import { retold } from '../sentence.ts';
import type { Assessment } from './assess.ts';
import { type IncidentIndex, nodeKey } from './incidentIndex.ts';
import { newsOf, writeAlertEntries } from './told.ts';
import { change, isChanged, isFiring, isUnresolved, type Working } from './working.ts';

/**
 * Draws the conclusions for one incident once all alerts of a delivery are placed: truncated, heard again, quiet or
 * firing again, flapping, related; writes the timeline and returns what follows. An incident that was only repeated
 * stays as it is.
 */
export function settle(
  working: Working,
  rejected: readonly RejectedAlert[],
  index: IncidentIndex,
  input: Assessment,
): readonly FollowUp[] {
  if (working.written.size === 0 && !isChanged(working)) return [];
  const at = input.group.receivedAt;
  writeAlertEntries(working, rejected, input.group);
  if (!isUnresolved(working)) return [];
  settleTruncated(working, input);
  settleStale(working, at);
  settleQuiet(working, at);
  settleFlapping(working, input.policy, at);
  findRelated(working, index, input.policy, at);
  if (isChanged(working))
    change(working, { sentence: retold(working.incident, working.alerts, working.unread !== null) });
  if (!isChanged(working)) return [];
  return followUpsOf(working, rejected, input);
}

/** Alerts that Alertmanager left out may still fire: such an incident never resolves by itself. */
function settleTruncated(working: Working, input: Assessment): void {
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

const CONTINUES = 'Still firing: an Alertmanager peer that missed the resolution sent the same episode again';

function settleQuiet(working: Working, at: number): void {
  const fires = isFiring(working);
  if (fires && working.incident.quietSince !== null) {
    change(working, { quietSince: null });
    const names = [...new Set([...working.refired, ...working.added].map(({ alert }) => alert.name))];
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

/**
 * Marks an incident whose alert went through three fire/resolve cycles within an hour, and counts on while it does. A
 * cycle is complete when the alert resolves. Rule: docs/rules.md#flapping.
 */
function settleFlapping(working: Working, policy: Policy, at: number): void {
  if (working.resolved.length === 0) return;
  const { incident } = working;
  if (incident.flappingSince !== null) {
    change(working, { flapCount: incident.flapCount + 1 });
    return;
  }
  const since = at - policy.flapping.windowMs;
  let cycles = 0;
  for (const { identity } of working.resolved) {
    const record = working.alerts.get(identity);
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

const MAX_RELATED = 10;

/**
 * Notes unresolved incidents that may have the same cause but are never joined by themselves: on the same node, or the
 * same subject in another namespace. Only incidents that already have a number can be named.
 */
function findRelated(working: Working, index: IncidentIndex, policy: Policy, at: number): void {
  if (working.added.length === 0) return;
  const found = new Map<number, string>();
  const nodes = new Map<string, string>();
  for (const { alert, node } of working.added) if (node !== null) nodes.set(nodeKey(alert.cluster, node), node);
  for (const [key, node] of nodes) {
    for (const other of index.onNode.get(key) ?? []) {
      if (typeof other.key === 'number' && isRelated(working, other)) found.set(other.key, `same node ${node}`);
    }
  }
  for (const other of index.numbered.values()) {
    const isRecent = at - other.incident.lastActivityAt <= policy.correlation.subjectWindowMs;
    if (isRecent && isRelated(working, other) && hasSameSubject(working, other) && !found.has(other.incident.number)) {
      found.set(other.incident.number, `same ${other.incident.subject.kind} ${other.incident.subject.name}`);
    }
  }
  addRelated(working, found, at);
}

function isRelated(working: Working, other: Working): boolean {
  return other !== working && isUnresolved(other) && other.incident.drill === working.incident.drill;
}

function hasSameSubject(working: Working, other: Working): boolean {
  const { subject, cluster } = working.incident;
  const theirs = other.incident.subject;
  return cluster === other.incident.cluster && subject.kind === theirs.kind && subject.name === theirs.name;
}

function addRelated(working: Working, found: ReadonlyMap<number, string>, at: number): void {
  const known = new Set(working.incident.related.map((each) => each.number));
  const fresh = [...found]
    .filter(([number]) => !known.has(number))
    .slice(0, Math.max(0, MAX_RELATED - known.size))
    .map(([number, why]) => ({ number, why }));
  if (fresh.length === 0) return;
  change(working, { related: [...working.incident.related, ...fresh] });
  for (const { number, why } of fresh) {
    working.entries.push({
      kind: 'related',
      at,
      actor: RESPONDER,
      text: `Possibly related: #${number} (${why})`,
      detail: { number, why },
    });
  }
}

function followUpsOf(working: Working, rejected: readonly RejectedAlert[], input: Assessment): readonly FollowUp[] {
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
function ownChannel(working: Working, input: Assessment): readonly FollowUp[] {
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
