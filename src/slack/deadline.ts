import type { Clock } from './ports.ts';

/** What `work` brings, or `late` when it takes longer than `ms`. The work goes on; no timer stays behind. */
export async function within<T>(work: Promise<T>, ms: number, clock: Clock): Promise<T | 'late'> {
  const done = new AbortController();
  const late = clock.sleep(ms, done.signal).then(
    (): 'late' => 'late',
    (): 'late' => 'late',
  );
  try {
    return await Promise.race([work, late]);
  } finally {
    done.abort();
  }
}

/** Ends the waiting for what takes no signal itself, as the SDK: the work goes on. */
export async function unlessAborted<T>(running: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop: () => void = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([running, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
    running.catch(() => {});
  }
}
