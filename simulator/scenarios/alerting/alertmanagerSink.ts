import type { Clock } from '../../metrics/store.ts';
import { fingerprint } from './fingerprint.ts';
import type { PostedAlert } from './shippedAlert.ts';
import type { AlertSink } from './sink.ts';
import { postJson, problemLog } from './sink.ts';

export interface AlertmanagerSinkOptions {
  /** Base URL, without `/api/v2`. */
  readonly url: string;
  readonly clock: Clock;
  /**
   * Milliseconds between repeats of firing alerts; Alertmanager resolves an alert that is not repeated before its
   * `endsAt`.
   */
  readonly resendMs?: number;
}

const KEEP_RESOLVED_MS = 5 * 60_000;

/** Sends alerts to a real Alertmanager as Prometheus does: at once when they change, then again and again. */
export function createAlertmanagerSink(options: AlertmanagerSinkOptions): AlertSink {
  const resendMs = options.resendMs ?? 30_000;
  const alerts = new Map<string, PostedAlert>();
  const fresh = new Set<string>();
  const stop = new AbortController();
  const problems = problemLog();
  let sending: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | null = null;

  const schedule = (afterMs: number) => {
    if (timer) clearTimeout(timer);
    if (stop.signal.aborted) return;
    timer = setTimeout(() => {
      sending = sending.then(send);
    }, afterMs);
  };

  const send = async (): Promise<void> => {
    const now = options.clock.now();
    const batch = [...alerts.entries()];
    const body = batch.map(([, alert]) => ({
      labels: alert.labels,
      annotations: alert.annotations,
      startsAt: new Date(alert.startsAt).toISOString(),
      endsAt: new Date(alert.endsAt ?? now + 4 * resendMs).toISOString(),
      generatorURL: alert.generatorUrl,
    }));
    const sent = new Set(fresh);
    fresh.clear();
    if (body.length === 0) return schedule(resendMs);
    const answer = await postJson(`${options.url}/api/v2/alerts`, body, null, stop.signal);
    if (stop.signal.aborted) return;
    if (answer.detail) problems.add(answer.detail);
    if (answer.outcome === 'again') for (const id of sent) fresh.add(id);
    for (const [id, alert] of batch) {
      const old = alert.endsAt !== null && now - alert.endsAt > KEEP_RESOLVED_MS;
      if (old && alerts.get(id) === alert) alerts.delete(id);
    }
    schedule(answer.outcome === 'again' ? 1000 : fresh.size > 0 ? 50 : resendMs);
  };

  schedule(resendMs);
  return {
    put(alert) {
      const id = fingerprint(alert.labels);
      if (alert.endsAt !== null && !alerts.has(id)) return;
      alerts.set(id, alert);
      fresh.add(id);
      schedule(20);
    },
    problems: problems.list,
    async settled(timeoutMs = 10_000) {
      const until = Date.now() + timeoutMs;
      while (fresh.size > 0 && Date.now() < until && !stop.signal.aborted) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      await sending;
    },
    async close() {
      stop.abort();
      if (timer) clearTimeout(timer);
      await sending;
    },
  };
}
