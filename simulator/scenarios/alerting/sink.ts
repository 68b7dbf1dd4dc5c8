import type { PostedAlert } from './shippedAlert.ts';

/** Where alerts go. `put` never fails: delivery is retried in the background until it is accepted or refused for good. */
export interface AlertSink {
  /** A firing alert, or with `endsAt` a resolved one; the labels are its identity. */
  put(alert: PostedAlert): void;
  /** Resolves when everything put so far was accepted or refused, or after `timeoutMs`. */
  settled(timeoutMs?: number): Promise<void>;
  /** Deliveries refused or being retried, newest last, at most 20. */
  problems(): readonly string[];
  /** Stops sending; what was not accepted yet is dropped. */
  close(): Promise<void>;
}

/** POSTs JSON; resolves to whether it was accepted, refused for good, or is to be retried. */
export async function postJson(
  url: string,
  body: unknown,
  token: string | null,
  signal: AbortSignal,
): Promise<{ outcome: 'taken' | 'refused' | 'again'; detail: string }> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
      body: JSON.stringify(body),
      signal: AbortSignal.any([signal, AbortSignal.timeout(10_000)]),
    });
    const text = (await response.text()).slice(0, 200);
    if (response.ok) return { outcome: 'taken', detail: '' };
    // Alertmanager's webhook receiver gives up on 4xx and retries 5xx; a stand-in must not be more patient.
    return { outcome: response.status >= 500 ? 'again' : 'refused', detail: `${url}: ${response.status} ${text}` };
  } catch (thrown) {
    const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause.message : '';
    return { outcome: 'again', detail: `${url}: ${thrown instanceof Error ? thrown.message : thrown} ${cause}` };
  }
}

/** The last few problems, for people. */
export function problemLog(): { add(problem: string): void; list(): readonly string[] } {
  const kept: string[] = [];
  return {
    add(problem) {
      if (kept.at(-1) === problem) return;
      kept.push(problem);
      if (kept.length > 20) kept.shift();
    },
    list: () => [...kept],
  };
}
