/** What is known of one cluster's Watchdog. */
export interface Heartbeats {
  /** Heard for the last time, epoch ms. */
  readonly lastAt: number;
  readonly beats: number;
}

export interface WatchdogPolicy {
  /** Silence longer than this is an alert of our own. */
  readonly fireAfterMs: number;
  /** Beats until the switch is armed: a single one may have been somebody trying it out. */
  readonly armedBy: number;
}

export const DEFAULT_WATCHDOG: WatchdogPolicy = { fireAfterMs: 15 * 60_000, armedBy: 2 };

export type WatchdogStep = 'fire' | 'resolve' | 'stay';

/**
 * What the dead man's switch of a cluster does now. It is armed by two beats and fires after 15 min without one; while
 * the responder itself was down it could not hear, so the silence counts from `startedAt` at the earliest. It resolves
 * with the first beat after the last one it had heard when it fired. Rule: docs/rules.md#dead-mans-switch.
 */
export function watchdogStep(
  heard: Heartbeats,
  /** `lastAt` when it fired; null when it is not firing. */
  silentSince: number | null,
  startedAt: number,
  now: number,
  policy: WatchdogPolicy = DEFAULT_WATCHDOG,
): WatchdogStep {
  if (silentSince !== null) return heard.lastAt > silentSince ? 'resolve' : 'stay';
  if (heard.beats < policy.armedBy) return 'stay';
  return now - Math.max(heard.lastAt, startedAt) > policy.fireAfterMs ? 'fire' : 'stay';
}
