import { coerceError, ResponderError } from '../../errors.ts';
import { FIXED_RULES } from '../../incidents/policy.ts';
import type { Logger } from '../../logger.ts';
import { within } from '../deadline.ts';
import type { Clock, Meter, Meters } from '../ports.ts';

/** What a call counts against. */
export interface Slot {
  readonly method: string;
  /** For methods Slack limits per channel. */
  readonly channel: string | null;
  /**
   * `person`: what somebody waits for; `urgent`: sev1 and sev2. These may use what is held back from the others.
   * `incident`: the card of any other incident, and the first look of those; `normal`: what explains a card, and all else.
   */
  readonly priority: 'person' | 'urgent' | 'incident' | 'normal';
}

export interface Pacing {
  /** Waits for the slot; rejects with `rate_limited` and when to come back, when the wait is longer than a job should sit. */
  take(slot: Slot, signal: AbortSignal): Promise<void>;
  /** A call that took its slot never reached Slack. */
  giveBack(slot: Slot): Promise<void>;
  /** Slack said 429: nothing like it before `ms` have passed. */
  hold(slot: Slot, ms: number): Promise<void>;
}

export interface PacingOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** What the replicas share; null when there is one process. */
  readonly shared: Meters | null;
}

interface Quota {
  readonly perMinute: number;
  /** How many of them only people's and urgent calls may use. */
  readonly reserved: number;
}

/**
 * Slack's tiers, a little below the documented numbers; chat.update keeps 20 for people's clicks and sev1/sev2
 * (docs/rules.md#slack-budget). https://docs.slack.dev/apis/web-api/rate-limits
 */
const QUOTAS: Readonly<Record<string, Quota>> = {
  'chat.update': { perMinute: FIXED_RULES.storms.updatesPerMinute, reserved: FIXED_RULES.storms.updatesReserved },
  'chat.postMessage': { perMinute: 240, reserved: 40 },
  'chat.postEphemeral': { perMinute: 95, reserved: 0 },
  'chat.delete': { perMinute: 48, reserved: 0 },
  'chat.getPermalink': { perMinute: 240, reserved: 0 },
  'conversations.history': { perMinute: 48, reserved: 10 },
  'conversations.replies': { perMinute: 48, reserved: 10 },
  'conversations.info': { perMinute: 48, reserved: 0 },
  'conversations.join': { perMinute: 48, reserved: 0 },
  'conversations.invite': { perMinute: 48, reserved: 0 },
  'conversations.list': { perMinute: 18, reserved: 0 },
  'conversations.create': { perMinute: 18, reserved: 0 },
  'conversations.setTopic': { perMinute: 18, reserved: 0 },
  'usergroups.list': { perMinute: 18, reserved: 0 },
  'users.info': { perMinute: 95, reserved: 0 },
  'views.publish': { perMinute: 95, reserved: 0 },
  'files.upload': { perMinute: 95, reserved: 0 },
};
const OTHER: Quota = { perMinute: 48, reserved: 0 };
const MINUTE = 60_000;
/** One message a second per channel, and so many at once: who may have more of them goes first. https://docs.slack.dev/apis/web-api/rate-limits */
const CHANNEL = { everyMs: 1_000, burst: { person: 4, urgent: 3, incident: 3, normal: 1 } } as const;
/**
 * The longest wait for a slot, in milliseconds. What would wait longer goes back to the queue: fifty cards that wait for a
 * channel must not occupy the workers that a click needs. A reserved slot of a channel is taken, also from something more
 * urgent that comes a moment later; therefore the wait of less urgent messages is shorter.
 */
const PATIENCE = { person: 6_000, urgent: 2_000, incident: 2_000, normal: 2_000 } as const;
const CHANNEL_PATIENCE = { ...PATIENCE, incident: 500, normal: 1_000 } as const;
/** A timer may fire a little before its time by the clock. */
const TIMER_MS = 20;
/** A store that takes longer than this to say what is left is not waited for: the call matters more. */
const SHARED_MS = 1_000;
/** Channels one process keeps in mind at the most. */
const CHANNELS = 5_000;
const UNUSED: Meter = { sentAt: [], spentUntil: 0, heldUntil: 0 };

/**
 * Our own pacing per method and channel. The SDK's would pause every call of the client when one method is limited.
 * Replicas keep to one budget through the meters they share; while those cannot be reached, each keeps to its own, and a
 * 429 says what the others spent.
 */
export function createPacing({ clock, log, shared }: PacingOptions): Pacing {
  const own = createOwnMeters(clock);
  const change: Meters['change'] = async (names, step) => {
    if (!shared) return own.change(names, step);
    try {
      const changed = await within(
        shared.change(names, step).then((result) => ({ result })),
        SHARED_MS,
        clock,
      );
      if (changed !== 'late') return changed.result;
    } catch (thrown) {
      log.debug(
        { err: coerceError(thrown) },
        'what is left of the limits of Slack is not known: this process counts alone',
      );
    }
    return own.change(names, step);
  };
  return {
    async take(slot, signal) {
      signal.throwIfAborted();
      const wait = await change(metersOf(slot), (meters) => reserve(slot, meters, clock.now()));
      // Back as soon as a slot can be booked: later, whoever comes new would have it.
      if (wait > patience(slot)) throw usedUp(slot, wait - patience(slot));
      if (wait <= 0) return;
      await clock.sleep(wait, signal);
      // Slack may have asked to keep still meanwhile.
      const held = await change([budgetOf(slot)], ([meter]) => ({
        meters: [],
        result: (meter?.heldUntil ?? 0) - clock.now(),
      }));
      if (held > TIMER_MS) throw usedUp(slot, held);
      if (held > 0) await clock.sleep(held, signal);
    },
    giveBack: (slot) =>
      change([slot.method], ([meter = null]) => ({
        meters: [{ ...(meter ?? UNUSED), sentAt: (meter?.sentAt ?? []).slice(0, -1) }],
        result: undefined,
      })),
    hold(slot, ms) {
      const until = clock.now() + ms;
      return change([budgetOf(slot)], ([meter = null]) => ({
        meters: [{ ...(meter ?? UNUSED), heldUntil: Math.max(until, meter?.heldUntil ?? 0) }],
        result: undefined,
      }));
    },
  };
}

/** The method's meter and, for what is a message in a channel, the channel's: files that are shared are one too. */
function metersOf({ method, channel }: Slot): readonly string[] {
  const isMessage = method === 'chat.postMessage' || method === 'files.upload';
  return isMessage && channel !== null ? [method, `chat.postMessage ${channel}`] : [method];
}

/** What a 429 to such a call holds: the method, or the method in one channel. */
export function budgetOf(slot: Slot): string {
  // Uploading is limited for the whole workspace.
  return (slot.method === 'files.upload' ? null : metersOf(slot).at(-1)) ?? slot.method;
}

function patience({ channel, priority }: Slot): number {
  return (channel === null ? PATIENCE : CHANNEL_PATIENCE)[priority];
}

function usedUp({ method }: Slot, waitMs: number): ResponderError {
  return new ResponderError('rate_limited', `Slack's limit for ${method} is used up for now`, { retryAfterMs: waitMs });
}

/** Takes the next slot, unless that is too far away; the result is how long to wait for it, in milliseconds. */
function reserve(
  slot: Slot,
  known: readonly (Meter | null)[],
  now: number,
): { readonly meters: readonly Meter[]; readonly result: number } {
  const [method = UNUSED, channel] = known.map((meter) => meter ?? UNUSED);
  const recent = method.sentAt.filter((at) => at > now - MINUTE);
  const wait = Math.max(
    0,
    methodWait(slot, recent, now),
    channel ? channelWait(slot, channel, now) : 0,
    method.heldUntil - now,
    (channel?.heldUntil ?? 0) - now,
  );
  if (wait > patience(slot)) return { meters: [], result: wait };
  const spent = { ...method, sentAt: [...recent, now + wait].toSorted((a, b) => a - b) };
  if (!channel) return { meters: [spent], result: wait };
  const spentUntil = Math.max(now + wait, channel.spentUntil) + CHANNEL.everyMs;
  return { meters: [spent, { ...channel, spentUntil }], result: wait };
}

function methodWait(slot: Slot, recent: readonly number[], now: number): number {
  const quota = QUOTAS[slot.method] ?? OTHER;
  const mayUseAll = slot.priority === 'person' || slot.priority === 'urgent';
  const allowed = mayUseAll ? quota.perMinute : quota.perMinute - quota.reserved;
  if (recent.length < allowed) return 0;
  const frees = recent[recent.length - allowed] ?? now;
  return frees + MINUTE - now;
}

/** `spentUntil` is the time up to which a channel's budget is spent: a leaky bucket in one number. */
function channelWait(slot: Slot, channel: Meter, now: number): number {
  return channel.spentUntil - (CHANNEL.burst[slot.priority] - 1) * CHANNEL.everyMs - now;
}

function createOwnMeters(clock: Clock): Meters {
  const known = new Map<string, Meter>();
  return {
    async change(names, step) {
      const { meters, result } = step(names.map((name) => known.get(name) ?? null));
      if (known.size > CHANNELS) forgetIdle(known, clock.now());
      for (const [index, meter] of meters.entries()) known.set(names[index] ?? '', meter);
      return result;
    },
  };
}

function forgetIdle(known: Map<string, Meter>, now: number): void {
  for (const [name, meter] of known)
    if (meter.sentAt.length === 0 && meter.spentUntil < now && meter.heldUntil < now) known.delete(name);
}
