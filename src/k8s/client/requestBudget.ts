import { FIXED_RULES } from '../../incidents/policy.ts';

/** Who a read is for: people do not wait behind what the responder does by itself (docs/rules.md#first-look-rate). */
export type Priority = 'person' | 'automatic';

/** How many may go at once after a pause: a look begins with what it reads of a namespace, whoever asked for it. */
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

/** Waits; rejects with the reason of the signal when that comes first. */
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
