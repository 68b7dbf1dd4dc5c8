import { alertIdentity, identityOf } from '../../alerts/identity.ts';
import type { FollowUp, IncidentDraft } from '../decision.ts';
import { type IncidentAlert, type IncidentWithAlerts, RESPONDER } from '../incident.ts';
import type { Policy } from '../policy.ts';
import { cardOf, quietTimers, resolvesByItself } from '../schedule.ts';
import { change, draftOf, isChanged, isFiring, type Working, workOn, writeAlert } from './working.ts';

/** An alert as `GET /api/v2/alerts` of Alertmanager tells it. */
export interface PolledAlert {
  readonly fingerprint: string;
  readonly startsAt: number;
  readonly suppressed: boolean;
  /** When the silence that mutes it ends, epoch ms; null when it is not silenced (or only inhibited). */
  readonly silencedUntil: number | null;
}

export interface PollTimes {
  /** Absent from every good poll for so long means resolved; polls failing for so long means unreachable. */
  readonly absentMs: number;
  /** The sender's `repeat_interval`: an alert that fires is heard of at least so often. */
  readonly repeatIntervalMs: number;
}

/** Timeline entries one poll writes of a kind. */
const MAX_ENTRIES = 20;
const MAX_URLS = 100;

export const DEFAULT_POLL: PollTimes = { absentMs: 5 * 60_000, repeatIntervalMs: 4 * 60 * 60_000 };

/** What polling remembers from one poll to the next; losing it (a restart) only makes an absence count anew. */
export interface PollMemory {
  /** Alert identity -> the first good poll in which it was absent, epoch ms. */
  readonly absentSince: ReadonlyMap<string, number>;
  /** The last poll that brought an answer; null when there was none. */
  readonly lastGoodAt: number | null;
  readonly startedAt: number;
  /** External URLs, as deliveries name them and each with its tenant, of senders whose alerts the polled Alertmanager was seen to hold. */
  readonly urls: ReadonlySet<string>;
}

export interface PollInput {
  /** Unresolved incidents. */
  readonly known: readonly IncidentWithAlerts[];
  /** The answer of Alertmanager by fingerprint; `not_polled` when none is configured, which still finds what is stale. */
  readonly polled: ReadonlyMap<string, PolledAlert> | 'unreachable' | 'not_polled';
  /** Other Alertmanagers deliver here too: one that was never seen to hold a sender's alerts does not decide about them. */
  readonly shared: boolean;
  readonly memory: PollMemory;
  readonly policy: Policy;
  readonly times: PollTimes;
  readonly now: number;
}

export interface PollDecision {
  readonly drafts: readonly IncidentDraft[];
  readonly followUps: readonly FollowUp[];
  readonly memory: PollMemory;
}

/**
 * Decides what a poll of Alertmanager means, for it sends no resolution of a silenced alert. An alert that fires on our
 * record and was absent from every good poll for five minutes is resolved; one that is silenced says until when. An
 * Alertmanager that cannot be reached, or alerts not heard of for twice the repeat interval, make an incident stale,
 * which never resolves it. Alerts of our own (without a sender's address) are not Alertmanager's to know.
 * Rule: docs/rules.md#polling.
 */
export function decidePoll(input: PollInput): PollDecision {
  const { now } = input;
  const polled = typeof input.polled === 'string' ? null : input.polled;
  const absentSince = new Map<string, number>();
  const urls = new Set(
    [...input.memory.urls, ...(polled === null ? [] : urlsSeen(input.known, polled))].slice(0, MAX_URLS),
  );
  const drafts: IncidentDraft[] = [];
  const followUps: FollowUp[] = [];
  for (const known of input.known) {
    // An exercise is none of Alertmanager's.
    if (known.incident.status === 'resolved' || known.incident.drill) continue;
    const working = workOn({ ...known, alerts: new Map(known.alerts.map((alert) => [alertIdentity(alert), alert])) });
    const gone: IncidentAlert[] = [];
    for (const alert of known.alerts) {
      if (alert.status !== 'firing' || !covers(alert, urls, input)) continue;
      const identity = alertIdentity(alert);
      const since = absenceOf(identity, alert, input);
      if (since !== null) absentSince.set(identity, since);
      if (polled !== null) see(working, identity, alert, polled.get(alert.fingerprint) ?? null, since, gone, input);
    }
    writeGone(working, gone);
    settleStale(working, urls, input);
    followUps.push(...settlePolled(working, input));
    const draft = draftOf(working);
    if (draft) drafts.push(draft);
  }
  const lastGoodAt = polled === null ? input.memory.lastGoodAt : now;
  return { drafts, followUps, memory: { absentSince, lastGoodAt, startedAt: input.memory.startedAt, urls } };
}

/** Whose alerts the polled Alertmanager holds: the same alert of the same episode is no coincidence. */
function urlsSeen(known: PollInput['known'], polled: ReadonlyMap<string, PolledAlert>): readonly string[] {
  return known.flatMap(({ alerts }) =>
    alerts
      .filter((alert) => polled.get(alert.fingerprint)?.startsAt === alert.startsAt)
      .flatMap((alert) => senderOf(alert) ?? []),
  );
}

/** Whoever serves several tenants under one address answers a poll for one of them. */
function senderOf(alert: IncidentAlert): string | null {
  const { tenant } = identityOf(alert);
  return alert.externalUrl === null || tenant === '' ? alert.externalUrl : `${alert.externalUrl} ${tenant}`;
}

function covers(alert: IncidentAlert, urls: ReadonlySet<string>, input: PollInput): boolean {
  const sender = senderOf(alert);
  if (sender === null) return false;
  return urls.has(sender) || (!input.shared && sender === alert.externalUrl);
}

/** Since when an alert is absent from good polls; null while it is there. A failed poll says nothing either way. */
function absenceOf(identity: string, alert: IncidentAlert, input: PollInput): number | null {
  const since = input.memory.absentSince.get(identity) ?? null;
  // Heard of by a delivery in the meantime: the absence is over, whatever the polls before it said.
  const isCurrent = since !== null && alert.lastSeenAt <= since;
  if (typeof input.polled === 'string') return isCurrent ? since : null;
  if (input.polled.has(alert.fingerprint)) return null;
  return isCurrent ? since : input.now;
}

function see(
  working: Working,
  identity: string,
  alert: IncidentAlert,
  polled: PolledAlert | null,
  absentSince: number | null,
  gone: IncidentAlert[],
  input: PollInput,
): void {
  if (polled) {
    const silencedUntil = polled.suppressed ? polled.silencedUntil : null;
    if (silencedUntil !== alert.silencedUntil) writeAlert(working, identity, { ...alert, silencedUntil });
    return;
  }
  if (absentSince === null || input.now - absentSince < input.times.absentMs) return;
  const resolved = { ...alert, status: 'resolved', endsAt: absentSince, silencedUntil: null } as const;
  writeAlert(working, identity, resolved);
  gone.push(resolved);
}

/** Writes the alerts that are gone to the timeline: the first by name, the rest counted. */
function writeGone(working: Working, gone: readonly IncidentAlert[]): void {
  for (const alert of gone.slice(0, MAX_ENTRIES)) {
    working.entries.push({
      kind: 'alert_resolved',
      at: alert.endsAt ?? alert.lastSeenAt,
      actor: RESPONDER,
      text: `${alert.name} is no longer in Alertmanager (source: poll)`.slice(0, 300),
      detail: { fingerprint: alert.fingerprint, alert: alert.name, source: 'poll' },
    });
  }
  const rest = gone.slice(MAX_ENTRIES);
  const [first] = rest;
  if (!first) return;
  working.entries.push({
    kind: 'alert_resolved',
    at: first.endsAt ?? first.lastSeenAt,
    actor: RESPONDER,
    text: `${rest.length} more alerts are no longer in Alertmanager (source: poll)`,
    detail: { count: rest.length, source: 'poll' },
  });
}

/** Stale says: we do not know whether it still fires. Only something that fires on our record can be. */
function settleStale(working: Working, urls: ReadonlySet<string>, input: PollInput): void {
  const why = staleReason(working, urls, input);
  const { staleSince } = working.incident;
  if ((why === null) === (staleSince === null)) return;
  change(working, { staleSince: why === null ? null : input.now });
  const text = why === null ? 'Heard of again' : `Stale: ${why}`;
  working.entries.push({ kind: 'stale', at: input.now, actor: RESPONDER, text, detail: { stale: why !== null } });
}

function staleReason(working: Working, urls: ReadonlySet<string>, input: PollInput): string | null {
  const { times, memory, now, polled } = input;
  // Some of those that fire were read, which stand for the others: they were heard of together.
  const firing = [...working.alerts.values()].filter(
    (alert) => alert.status === 'firing' && alert.externalUrl !== null,
  );
  if (firing.length === 0) return null;
  const isPolled = firing.some((alert) => covers(alert, urls, input));
  if (isPolled && typeof polled !== 'string') return null;
  const polledAt = isPolled ? (memory.lastGoodAt ?? 0) : 0;
  const heard = firing.reduce((latest, alert) => Math.max(latest, alert.lastSeenAt), polledAt);
  if (now - heard > 2 * times.repeatIntervalMs) return 'not heard of for twice the repeat interval';
  const isSilent = isPolled && polled === 'unreachable' && now - Math.max(heard, memory.startedAt) > times.absentMs;
  return isSilent ? 'Alertmanager cannot be reached' : null;
}

function settlePolled(working: Working, input: PollInput): readonly FollowUp[] {
  const { key } = working;
  const resolvedSome = working.entries.some((entry) => entry.kind === 'alert_resolved');
  if (resolvedSome && !isFiring(working)) {
    change(working, { quietSince: input.now, lastActivityAt: input.now });
    const text = 'All its alerts are resolved (source: poll)';
    working.entries.push({ kind: 'quiet', at: input.now, actor: RESPONDER, text, detail: { source: 'poll' } });
    if (resolvesByItself(working.incident)) resolveByPoll(working, input.now);
  }
  // A silence is shown on the card, though it leaves no entry.
  if (!isChanged(working) && working.written.size === 0) return [];
  const { incident, before } = working;
  const isNewlyQuiet = before?.quietSince !== incident.quietSince || before?.staleSince !== incident.staleSince;
  return [
    cardOf(key, incident, false, input.policy),
    ...(isNewlyQuiet ? quietTimers(key, incident, input.policy) : []),
  ];
}

/** Absent for five minutes is as sure as a resolution followed by quiet: what may resolve by itself does so now. */
function resolveByPoll(working: Working, now: number): void {
  change(working, { status: 'resolved', resolution: 'poll', resolvedAt: now, resolvedBy: RESPONDER });
  working.entries.push({
    kind: 'resolved',
    at: now,
    actor: RESPONDER,
    text: 'Resolved: Alertmanager no longer knows its alerts (source: poll)',
    detail: { source: 'poll' },
  });
}
