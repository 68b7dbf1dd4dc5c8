/** The recent response times of an API server. */
export interface Pace {
  /**
   * Records a call: epoch ms of its end, and its duration in milliseconds; a call that was given up counts with its
   * deadline.
   */
  add(at: number, ms: number): void;
  /** The 95th percentile of the last minute in milliseconds; null with fewer than five calls. */
  p95(now: number): number | null;
}

const WINDOW_MS = 60_000;
const KEPT = 200;

export function createPace(): Pace {
  const calls: { readonly at: number; readonly ms: number }[] = [];
  return {
    add(at, ms) {
      calls.push({ at, ms });
      if (calls.length > KEPT) calls.shift();
    },
    p95(now) {
      const recent = calls.filter((call) => now - call.at < WINDOW_MS).map((call) => call.ms);
      if (recent.length < 5) return null;
      recent.sort((a, b) => a - b);
      return recent[Math.ceil(recent.length * 0.95) - 1] ?? null;
    },
  };
}
