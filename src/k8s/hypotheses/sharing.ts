/** RULES "First look": lists are shared for 10 s, and two first looks at once read one cluster. */
const FRESH_MS = 10_000;
const AT_ONCE = 2;

/** Answers that several looks may use. A failed read is forgotten at once. */
export function createSharing<T>(clock: () => number) {
  const kept = new Map<string, { readonly at: number; readonly answer: Promise<T> }>();
  return (key: string, read: () => Promise<T>): Promise<T> => {
    const now = clock();
    for (const [other, { at }] of kept) if (now - at >= FRESH_MS) kept.delete(other);
    const known = kept.get(key);
    if (known) return known.answer;
    const answer = read();
    kept.set(key, { at: now, answer });
    answer.catch(() => kept.delete(key));
    return answer;
  };
}

/** Lets two in at once; the others wait their turn, or leave when their signal says so. */
export function createTurns(atOnce = AT_ONCE) {
  let inside = 0;
  const waiting: (() => void)[] = [];
  return async <T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> => {
    while (inside >= atOnce) {
      signal.throwIfAborted();
      await new Promise<void>((resolve, reject) => {
        const leave = () => {
          waiting.splice(waiting.indexOf(enter), 1);
          reject(signal.reason);
        };
        const enter = () => {
          signal.removeEventListener('abort', leave);
          resolve();
        };
        waiting.push(enter);
        signal.addEventListener('abort', leave, { once: true });
      });
    }
    inside += 1;
    try {
      return await work();
    } finally {
      inside -= 1;
      waiting.shift()?.();
    }
  };
}
