import { type Incident, isGrave, type Severity } from '../incident.ts';

const MINUTE = 60_000;
/** The window of `perTenMinutes`, milliseconds. */
export const STORM_WINDOW_MS = 10 * MINUTE;

/** The numbers of docs/rules.md#storms. */
export interface StormPolicy {
  readonly perMinute: number;
  readonly perTenMinutes: number;
  readonly oldestUnsentMs: number;
  /** A storm is over when for `calmMs` no minute opened so many incidents. */
  readonly calmPerMinute: number;
  readonly calmMs: number;
  /** From one more than so many grave incidents of one alert name within `sameNameMs`, they share a card. */
  readonly sameName: number;
  readonly sameNameMs: number;
}

export const DEFAULT_STORM: StormPolicy = {
  perMinute: 10,
  perTenMinutes: 30,
  oldestUnsentMs: 15_000,
  calmPerMinute: 3,
  calmMs: 10 * MINUTE,
  sameName: 10,
  sameNameMs: 5 * MINUTE,
};

/** An incident that was opened, as far as storms are concerned. */
export interface Opening {
  readonly number: number;
  readonly at: number;
  readonly severity: Severity;
  /** Name of the alert that opened it. */
  readonly alertName: string;
}

export type StormReason = 'calm' | 'per_minute' | 'per_ten_minutes' | 'unsent_card' | 'not_calm_yet';

export interface StormState {
  /** Since when there is a storm; null when there is none. */
  readonly since: number | null;
  readonly reason: StormReason;
}

/**
 * Whether there is a storm on a cluster, from the incidents opened there within the last ten minutes (more do no harm)
 * and the age of the oldest card that waits to be sent (null: none waits). Only sev3 and sev4 make a storm.
 */
export function stormState(
  before: StormState,
  openings: readonly Opening[],
  oldestUnsentMs: number | null,
  now: number,
  policy: StormPolicy = DEFAULT_STORM,
): StormState {
  const times = openings.filter((each) => !isGrave(each.severity) && each.at <= now).map((each) => each.at);
  const raised = reasonFor(times, oldestUnsentMs, now, policy);
  if (raised !== null) return { since: before.since ?? now, reason: raised };
  if (before.since === null) return { since: null, reason: 'calm' };
  const isCalm =
    now - before.since >= policy.calmMs && busiestMinute(times, now - policy.calmMs) < policy.calmPerMinute;
  return isCalm ? { since: null, reason: 'calm' } : { since: before.since, reason: 'not_calm_yet' };
}

export const NO_STORM: StormState = { since: null, reason: 'calm' };

function reasonFor(
  times: readonly number[],
  oldestUnsentMs: number | null,
  now: number,
  policy: StormPolicy,
): Exclude<StormReason, 'calm' | 'not_calm_yet'> | null {
  const since = (ms: number) => times.filter((at) => at > now - ms).length;
  if (since(MINUTE) > policy.perMinute) return 'per_minute';
  if (since(STORM_WINDOW_MS) >= policy.perTenMinutes) return 'per_ten_minutes';
  return oldestUnsentMs !== null && oldestUnsentMs >= policy.oldestUnsentMs ? 'unsent_card' : null;
}

/** The most incidents opened within any one minute after `from`. */
function busiestMinute(times: readonly number[], from: number): number {
  const sorted = times.filter((at) => at > from).sort((a, b) => a - b);
  let most = 0;
  let start = 0;
  for (const [index, at] of sorted.entries()) {
    while (at - (sorted[start] ?? at) >= MINUTE) start += 1;
    most = Math.max(most, index - start + 1);
  }
  return most;
}

/** Which card an incident is shown on. */
export type CardPlace =
  | { readonly kind: 'own' }
  | { readonly kind: 'storm' }
  /** sev1 and sev2 of one alert name share a card from the eleventh within five minutes. */
  | { readonly kind: 'shared'; readonly alertName: string };

/**
 * Where a newly opened incident is shown: sev1 and sev2 always have a card of their own, unless there are too many of one
 * alert name; sev3 during a storm is counted on the storm's card.
 */
export function cardPlace(
  opening: Opening,
  openings: readonly Opening[],
  storm: StormState,
  policy: StormPolicy = DEFAULT_STORM,
): CardPlace {
  if (!isGrave(opening.severity)) return storm.since === null ? { kind: 'own' } : { kind: 'storm' };
  const before = openings.filter(
    (each) =>
      each.number < opening.number &&
      isGrave(each.severity) &&
      each.alertName === opening.alertName &&
      opening.at - each.at < policy.sameNameMs,
  );
  return before.length >= policy.sameName ? { kind: 'shared', alertName: opening.alertName } : { kind: 'own' };
}

/** A card that stands for several incidents, as it is shown. */
export interface CardGroup {
  readonly id: number;
  readonly kind: 'storm' | 'shared';
  readonly cluster: string;
  /** Of a shared card. */
  readonly alertName: string | null;
  /** Where a shared card belongs, as the route of its incidents says; null is the default channel. */
  readonly channel: string | null;
  /** The worst unresolved incident on it, of equals the oldest. */
  readonly worst: number | null;
  readonly since: number;
  /** When the storm was over; null while it goes on. */
  readonly endedAt: number | null;
  readonly total: number;
  readonly unresolved: number;
  /** By alert name, most unresolved first; `last` is the newest incident's number. */
  readonly top: readonly {
    readonly alertName: string;
    readonly total: number;
    readonly unresolved: number;
    readonly last: number;
  }[];
  /** Alert names beside those of `top`. */
  readonly otherNames: number;
}

/**
 * Whether an incident on a card of many gets one of its own: somebody works on it, a person said how grave it is (which an
 * edit of that card would tell nobody), or it is too grave for a storm's card.
 */
export function unfolds(incident: Incident, kind: CardGroup['kind']): boolean {
  return (
    incident.status === 'acknowledged' ||
    incident.status === 'mitigated' ||
    (kind === 'shared' && incident.severitySource === 'person') ||
    (kind === 'storm' && isGrave(incident.severity))
  );
}
