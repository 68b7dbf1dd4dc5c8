import { FIXED_RULES } from '../../incidents/policy.ts';

/** The priority of a read: a person's read does not wait behind the responder's own (docs/rules.md#first-look-rate). */
export type Priority = 'person' | 'automatic';

/** Burst: reads that may go at once after a pause, since a look begins with the lists of a namespace. */
const { perSecond, burst } = FIXED_RULES.firstLook;

/** Grants reads at an even rate, each priority from its own budget, after a burst. */
export interface Budget {
  take(priority: Priority, signal: AbortSignal): Promise<void>;
}

export function createBudget(clock: () => number): Budget {
  const nextFree: Record<Priority, number> = { person: 0, automatic: 0 };
  return {
    async take(priority, signal) {
      const spacing = 1000 / perSecond;
      const now = clock();
      const at = Math.max(nextFree[priority], now - (burst - 1) * spacing);
      nextFree[priority] = at + spacing;
      if (at > now) await sleep(at - now, signal);
    },
  };
}

/** Waits for a slot; rejects with the reason of the signal when that comes first. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}
