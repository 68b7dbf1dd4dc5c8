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
