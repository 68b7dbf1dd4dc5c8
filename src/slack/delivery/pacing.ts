import { ResponderError } from '../../errors.ts';
import type { Clock } from '../ports.ts';

/** What a call counts against. */
export interface Slot {
  readonly method: string;
  /** For methods Slack limits per channel. */
  readonly channel: string | null;
  /** `urgent`: a person's click, or sev1 and sev2: these may use what is held back from the others. */
  readonly priority: 'urgent' | 'normal';
}

export interface Pacing {
  /** Waits for the slot; rejects with `rate_limited` and when to come back, when the wait is longer than a job should sit. */
  take(slot: Slot, signal: AbortSignal): Promise<void>;
  /** A call that took its slot never reached Slack. */
  giveBack(slot: Slot): void;
  /** Slack said 429: nothing like it before `ms` have passed. */
  hold(slot: Slot, ms: number): void;
}

interface Quota {
  readonly perMinute: number;
  /** How many of them only urgent calls may use. */
  readonly reserved: number;
}

/**
 * Slack's tiers, a little below the documented numbers; chat.update keeps 20 for people's clicks and sev1/sev2 (RULES.md
 * "Storms"). https://docs.slack.dev/apis/web-api/rate-limits
 */
const QUOTAS: Readonly<Record<string, Quota>> = {
  'chat.update': { perMinute: 50, reserved: 20 },
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
/** One message a second per channel, three at once. https://docs.slack.dev/apis/web-api/rate-limits */
const CHANNEL = { everyMs: 1_000, burst: 3, reserved: 1 } as const;
const PATIENCE = { urgent: 6_000, normal: 3_000 } as const;

/**
 * Our own pacing per method and channel. The SDK's would pause every call of the client when one method is limited.
 * State is per process: what other replicas send shows as a 429, which is honoured.
 */
export function createPacing(clock: Clock): Pacing {
  const sentAt = new Map<string, number[]>();
  const channels = new Map<string, number>();
  const heldUntil = new Map<string, number>();

  const methodWait = (slot: Slot, now: number): number => {
    const quota = QUOTAS[slot.method] ?? OTHER;
    const recent = (sentAt.get(slot.method) ?? []).filter((at) => at > now - MINUTE);
    sentAt.set(slot.method, recent);
    const allowed = slot.priority === 'urgent' ? quota.perMinute : quota.perMinute - quota.reserved;
    if (recent.length < allowed) return 0;
    const frees = recent[recent.length - allowed] ?? now;
    return frees + MINUTE - now;
  };
  // The time up to which a channel's second-by-second budget is spent: a leaky bucket in one number.
  const channelWait = (slot: Slot, now: number): number => {
    if (slot.method !== 'chat.postMessage' || slot.channel === null) return 0;
    const spentUntil = channels.get(slot.channel) ?? 0;
    const burst = CHANNEL.burst - (slot.priority === 'urgent' ? 0 : CHANNEL.reserved);
    return spentUntil - (burst - 1) * CHANNEL.everyMs - now;
  };
  const holdWait = (slot: Slot, now: number): number => {
    const until = heldUntil.get(holdKey(slot)) ?? 0;
    return until - now;
  };
  const spend = (slot: Slot, now: number): void => {
    const stamps = sentAt.get(slot.method) ?? [];
    stamps.push(now);
    sentAt.set(slot.method, stamps);
    if (slot.method !== 'chat.postMessage' || slot.channel === null) return;
    if (channels.size > 5_000) forgetIdle(channels, now);
    channels.set(slot.channel, Math.max(now, channels.get(slot.channel) ?? 0) + CHANNEL.everyMs);
  };

  return {
    async take(slot, signal) {
      const started = clock.now();
      for (;;) {
        signal.throwIfAborted();
        const now = clock.now();
        const wait = Math.max(methodWait(slot, now), channelWait(slot, now), holdWait(slot, now));
        if (wait <= 0) {
          spend(slot, now);
          return;
        }
        if (now + wait - started > PATIENCE[slot.priority])
          throw new ResponderError('rate_limited', `Slack's limit for ${slot.method} is used up for now`, {
            retryAfterMs: wait,
          });
        await clock.sleep(wait, signal);
      }
    },
    giveBack(slot) {
      sentAt.get(slot.method)?.pop();
    },
    hold(slot, ms) {
      const until = clock.now() + ms;
      const key = holdKey(slot);
      heldUntil.set(key, Math.max(until, heldUntil.get(key) ?? 0));
    },
  };
}

function holdKey(slot: Slot): string {
  return slot.method === 'chat.postMessage' ? `${slot.method} ${slot.channel ?? ''}` : slot.method;
}

function forgetIdle(channels: Map<string, number>, now: number): void {
  for (const [channel, spentUntil] of channels) if (spentUntil < now) channels.delete(channel);
}
