/**
 * Values in promtool's notation, one a minute, for the same story each time: ten good minutes, thirty bad ones, forty
 * good ones. A rule is asked at minute 5, 35 and 75.
 */
export const TIMES = { quietAt: '5m', firesAt: '35m', resolvedAt: '75m' } as const;

/** A gauge that is `good`, then `bad`, then `good` again. */
export function gauge(good: number, bad: number): string {
  return `${good}x9 ${bad}x29 ${good}x39`;
}

/** A counter that stands still, grows by so much a minute, and stands still again. */
export function counter(perMinute: number): string {
  return `0x9 ${perMinute}+${perMinute}x29 ${30 * perMinute}x39`;
}

/** A counter that grows all the time at the same pace. */
export function steady(perMinute: number): string {
  return `0+${perMinute}x79`;
}

/** The same value all the time. */
export function always(value: number): string {
  return `${value}x79`;
}

/** A series that exists in the bad minutes only. */
export function appears(value: number): string {
  return `_x10 ${value}x29 stale _x39`;
}

/** A series that is missing in the bad minutes. */
export function vanishes(value: number): string {
  return `${value}x9 stale _x29 ${value}x39`;
}
