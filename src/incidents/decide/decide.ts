import type { Alert } from '../../alerts/alert.ts';
import type { AlertOutcome, Decision, DecisionReason, FollowUp, IncidentDraft } from '../decision.ts';
import type { IncidentAlert } from '../incident.ts';
import type { Assessed, Assessment } from './assess.ts';
import {
  addIncident,
  closedHolder,
  correlate,
  hold,
  type IncidentIndex,
  indexIncidents,
  isWithin,
  reindex,
} from './incidentIndex.ts';
import { joinIncident, openIncident, reopenIncident } from './opening.ts';
import { settle } from './settle.ts';
import { change, draftOf, isUnresolved, type Working, workOnNew, writeAlert } from './working.ts';

/** Cycles kept of one alert: enough to see flapping, few enough to store. */
const MAX_CYCLES = 50;

interface Placed {
  readonly reason: DecisionReason;
  readonly working: Working | null;
}

/**
 * Decides what a delivery means: which incidents open, change, fall quiet or reopen, and exactly one named outcome for
 * every alert. Pure and deterministic; the order of the alerts in the delivery decides nothing, and near-linear in
 * their number. Deciding about the same delivery again changes nothing but `lastSeenAt`.
 *
 * Windows are measured from when the delivery was accepted (`group.receivedAt`), so that a backlog is decided as it
 * would have been in time; `now` says only which timers are already due. Rules: docs/rules.md.
 */
export function decide(input: Assessment): Decision {
  const index = indexIncidents(input);
  const outcomes: AlertOutcome[] = [];
  for (const assessed of input.alerts) {
    const { alert } = assessed;
    const { reason, working } = place(assessed, index, input);
    outcomes.push({
      fingerprint: alert.fingerprint,
      cluster: alert.cluster,
      alertName: alert.name,
      reason,
      incident: working?.key ?? null,
    });
  }
  const incidents: IncidentDraft[] = [];
  const followUps: FollowUp[] = [];
  // Alerts that could not be read are told with the first incident that has news of this delivery.
  const reporter = index.all.find((working) => working.added.length > 0);
  for (const working of index.all) {
    const rejected = working === reporter ? input.group.rejected : [];
    followUps.push(...settle(working, rejected, index, input));
    const draft = draftOf(working);
    if (draft) incidents.push(draft);
  }
  return { incidents, outcomes, followUps };
}

function place(assessed: Assessed, index: IncidentIndex, input: Assessment): Placed {
  if (assessed.alert.status === 'resolved') return placeResolved(assessed, index, input);
  if (assessed.suppression) return { reason: assessed.suppression, working: null };
  return placeFiring(assessed, index, input);
}

function placeFiring(assessed: Assessed, index: IncidentIndex, input: Assessment): Placed {
  const at = input.group.receivedAt;
  const match = correlate(assessed, index, input.policy, at);
  const record = match?.working.alerts.get(assessed.identity);
  if (match?.reason === 'joined_fingerprint' && record) return refresh(match.working, record, assessed, index, input);
  const closed = closedHolder(assessed, index);
  if (closed && isRepeatOfClosed(closed, assessed, input)) return touch(closed, assessed.identity, at);
  const working = match?.working ?? openNew(assessed, index, input);
  if (match?.reason === 'reopened') reopenIncident(working, assessed, input);
  else if (match) joinIncident(working, assessed, input);
  const known = working.alerts.get(assessed.identity);
  fire(working, assessed, known ?? null, index, input);
  activate(working, assessed, index, at);
  return { reason: match?.reason ?? 'opened', working };
}

function openNew(assessed: Assessed, index: IncidentIndex, input: Assessment): Working {
  const previous = index.closed.get(assessed.correlationKey)?.incident.number ?? null;
  const nth = index.all.length - index.numbered.size;
  const working = workOnNew(nth, openIncident(assessed, previous, input));
  addIncident(index, working);
  working.lookBecause = 'opened';
  return working;
}

/**
 * A firing alert of a resolved incident that its record shows firing in the same episode is no news: a person resolved
 * the incident while it fired, and Alertmanager repeats itself. For the reopen window that holds whoever resolved it;
 * for a dismissed one as long as the episode lasts.
 */
function isRepeatOfClosed(closed: Working, assessed: Assessed, input: Assessment): boolean {
  const record = closed.alerts.get(assessed.identity);
  if (!record) return false;
  const at = input.group.receivedAt;
  if (at < record.lastSeenAt) return assessed.alert.startsAt <= record.startsAt;
  if (isSameEpisode(assessed.alert, record, at)) return record.externalUrl !== input.group.externalUrl;
  if (record.status !== 'firing' || isNewEpisode(assessed.alert, record)) return false;
  const { resolution, resolvedAt } = closed.incident;
  return resolution === 'dismissed' || isWithin(resolvedAt, input.policy.correlation.reopenWindowMs, at);
}

/** An alert an unresolved incident holds: a repeat, a late delivery, or the alert fires again. */
function refresh(
  working: Working,
  record: IncidentAlert,
  assessed: Assessed,
  index: IncidentIndex,
  input: Assessment,
): Placed {
  const { alert } = assessed;
  const at = input.group.receivedAt;
  const isLate = at < record.lastSeenAt && alert.startsAt <= record.startsAt;
  const isRepeat = record.status === 'firing' && !isNewEpisode(alert, record);
  if (isLate || isRepeat) return touch(working, assessed.identity, at);
  if (isSameEpisode(alert, record, at)) return goOn(working, record, assessed, index, input);
  joinIncident(working, assessed, input);
  fire(working, assessed, record, index, input);
  activate(working, assessed, index, at);
  return { reason: 'joined_fingerprint', working };
}

/** A pair of Alertmanagers agrees within `--cluster.peer-timeout` and a `group_interval`, which is 5 min by default. */
const PEER_MS = 5 * 60_000;

/**
 * Fires although its end was told, and began before that end: a peer of the Alertmanager that told it (or the other
 * Prometheus of a pair) had not heard of it. A real refire begins after the end, or comes later than peers disagree.
 */
function isSameEpisode(alert: Alert, record: IncidentAlert, at: number): boolean {
  if (record.status !== 'resolved' || record.endsAt === null) return false;
  return alert.startsAt < record.endsAt && at - record.lastSeenAt <= PEER_MS;
}

/** The episode goes on, without the news of a refire and without counting as a cycle; its end will be told again. */
function goOn(
  working: Working,
  record: IncidentAlert,
  assessed: Assessed,
  index: IncidentIndex,
  input: Assessment,
): Placed {
  const at = input.group.receivedAt;
  writeAlert(working, assessed.identity, {
    ...record,
    status: 'firing',
    endsAt: null,
    lastSeenAt: Math.max(record.lastSeenAt, at),
  });
  activate(working, assessed, index, at);
  return { reason: 'joined_fingerprint', working };
}

/**
 * Started after it was last heard of, so its resolution was missed. A start that merely differs is none: replicas of
 * Prometheus disagree about it by seconds.
 */
function isNewEpisode(alert: Alert, record: IncidentAlert): boolean {
  return alert.startsAt > record.startsAt && alert.startsAt > record.lastSeenAt;
}

function placeResolved(assessed: Assessed, index: IncidentIndex, input: Assessment): Placed {
  const { alert, identity } = assessed;
  const at = input.group.receivedAt;
  const holders = (index.holders.get(identity) ?? []).filter((each) => each.incident.resolution !== 'merged');
  const first = holders.find((each) => isFiringIn(each, identity)) ?? holders.find(isUnresolved) ?? holders[0];
  if (!first) return { reason: assessed.suppression ?? 'resolved_unknown', working: null };
  let resolvedSome = false;
  for (const working of holders) {
    const record = working.alerts.get(identity);
    if (!record || record.status === 'resolved' || isOlderEpisode(alert, record, at)) continue;
    writeAlert(working, identity, {
      ...record,
      status: 'resolved',
      endsAt: alert.endsAt ?? at,
      externalUrl: input.group.externalUrl ?? record.externalUrl,
      lastSeenAt: Math.max(record.lastSeenAt, at),
      silencedUntil: null,
    });
    working.resolved.push(assessed);
    activate(working, assessed, index, at);
    resolvedSome = true;
  }
  return resolvedSome ? { reason: 'resolved', working: first } : touch(first, identity, at);
}

/** A resolution of an episode before the one on record, delivered late. */
function isOlderEpisode(alert: Alert, record: IncidentAlert, at: number): boolean {
  if (at < record.lastSeenAt) return true;
  return alert.startsAt < record.startsAt && (alert.endsAt ?? at) <= record.startsAt;
}

function isFiringIn(working: Working, identity: string): boolean {
  return working.alerts.get(identity)?.status === 'firing';
}

function touch(working: Working, identity: string, at: number): Placed {
  const record = working.alerts.get(identity);
  if (record && at > record.lastSeenAt)
    writeAlert(working, identity, { ...record, lastSeenAt: at, silencedUntil: null });
  return { reason: 'refreshed', working };
}

function fire(
  working: Working,
  assessed: Assessed,
  record: IncidentAlert | null,
  index: IncidentIndex,
  input: Assessment,
): void {
  const { alert, identity } = assessed;
  const at = input.group.receivedAt;
  const since = at - input.policy.flapping.windowMs;
  const cycles = (record?.cycles ?? []).filter((cycle) => cycle >= since);
  writeAlert(working, identity, {
    incidentNumber: working.incident.number,
    cluster: alert.cluster,
    fingerprint: alert.fingerprint,
    name: alert.name,
    status: 'firing',
    labels: alert.labels,
    annotations: alert.annotations,
    startsAt: alert.startsAt,
    endsAt: null,
    generatorUrl: alert.generatorUrl,
    ...(alert.links ? { links: alert.links } : {}),
    ...(alert.values ? { values: alert.values } : {}),
    externalUrl: input.group.externalUrl,
    firstSeenAt: record?.firstSeenAt ?? at,
    lastSeenAt: Math.max(at, record?.lastSeenAt ?? at),
    cycles: [...cycles, at].slice(-MAX_CYCLES),
    silencedUntil: null,
  });
  if (record) working.refired.push(assessed);
  else if (!isTwin(working, assessed, index)) working.added.push(assessed);
}

/** Whether the other replica of a Prometheus told the same already, which makes it no news. */
function isTwin(working: Working, { identity, condition }: Assessed, index: IncidentIndex): boolean {
  if (condition === null) return false;
  const conditions = working.conditions ?? new Set<string>();
  if (working.conditions === null) {
    for (const held of working.alerts.keys()) {
      const other = held === identity ? null : (index.traits.get(held)?.condition ?? null);
      if (other !== null) conditions.add(other);
    }
    working.conditions = conditions;
  }
  if (conditions.has(condition)) return true;
  conditions.add(condition);
  return false;
}

/** Notes that an alert of the incident fired or resolved: its last activity, its start, its place in the index. */
function activate(working: Working, { alert, identity }: Assessed, index: IncidentIndex, at: number): void {
  const { lastActivityAt, startedAt } = working.incident;
  change(working, {
    lastActivityAt: Math.max(lastActivityAt, at),
    startedAt: Math.min(startedAt, alert.startsAt),
  });
  const record = working.alerts.get(identity);
  if (record) hold(index, working, identity, record, at);
  if (isUnresolved(working)) reindex(index, working);
}
