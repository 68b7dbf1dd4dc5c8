import type { Clock } from '../../metrics/store.ts';
import { fingerprint } from './fingerprint.ts';
import type { PostedAlert } from './shippedAlert.ts';
import type { AlertSink } from './sink.ts';
import { postJson, problemLog } from './sink.ts';

export interface WebhookSinkOptions {
  readonly url: string;
  readonly token: string | null;
  readonly clock: Clock;
  readonly receiver?: string;
  readonly externalUrl?: string;
  readonly groupBy?: readonly string[];
  /** Alertmanager's group_wait, group_interval and repeat_interval in milliseconds; short ones by default. */
  readonly groupWaitMs?: number;
  readonly groupIntervalMs?: number;
  readonly repeatIntervalMs?: number;
  readonly maxAlerts?: number;
}

interface Group {
  readonly labels: Record<string, string>;
  readonly alerts: Map<string, PostedAlert>;
  timer: NodeJS.Timeout | null;
  /** The running timer only repeats what was delivered, so news may replace it. */
  repeating: boolean;
  delivered: boolean;
  dirty: boolean;
  sending: boolean;
  failures: number;
}

/** Delivers straight to a webhook as Alertmanager would: version 4 payload, grouped, retried on 5xx, dropped on 4xx. */
export function createWebhookSink(options: WebhookSinkOptions): AlertSink {
  return new WebhookSink(options);
}

class WebhookSink implements AlertSink {
  readonly #options: WebhookSinkOptions;
  readonly #groups = new Map<string, Group>();
  readonly #stop = new AbortController();
  readonly #problems = problemLog();
  readonly #waiting = new Set<() => void>();

  constructor(options: WebhookSinkOptions) {
    this.#options = options;
  }

  put(alert: PostedAlert): void {
    if (this.#stop.signal.aborted) return;
    const group = this.#groupOf(alert);
    const id = fingerprint(alert.labels);
    // A resolution of an alert never delivered as firing is not sent.
    if (alert.endsAt !== null && !group.alerts.has(id)) return;
    group.alerts.set(id, alert);
    group.dirty = true;
    const idle = group.failures === 0 && !group.sending && (group.timer === null || group.repeating);
    if (!idle) return;
    const wait = group.delivered ? (this.#options.groupIntervalMs ?? 1000) : (this.#options.groupWaitMs ?? 500);
    this.#schedule(group, wait);
  }

  problems(): readonly string[] {
    return this.#problems.list();
  }

  async settled(timeoutMs = 10_000): Promise<void> {
    const pending = () => [...this.#groups.values()].some((group) => group.dirty || group.sending);
    if (!pending()) return;
    await new Promise<void>((resolve) => {
      const check = () => {
        if (pending() && !this.#stop.signal.aborted) return;
        clearTimeout(timer);
        this.#waiting.delete(check);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(check);
        resolve();
      }, timeoutMs);
      this.#waiting.add(check);
    });
  }

  async close(): Promise<void> {
    this.#stop.abort();
    for (const group of this.#groups.values()) if (group.timer) clearTimeout(group.timer);
    this.#groups.clear();
    for (const check of [...this.#waiting]) check();
  }

  #groupOf(alert: PostedAlert): Group {
    const names = this.#options.groupBy ?? ['alertname', 'cluster', 'namespace'];
    const labels: Record<string, string> = {};
    for (const name of names) {
      const value = alert.labels[name];
      if (value !== undefined) labels[name] = value;
    }
    const key = JSON.stringify(labels);
    const found: Group = this.#groups.get(key) ?? {
      labels,
      alerts: new Map(),
      timer: null,
      repeating: false,
      delivered: false,
      dirty: false,
      sending: false,
      failures: 0,
    };
    this.#groups.set(key, found);
    return found;
  }

  #schedule(group: Group, afterMs: number, repeating = false): void {
    if (this.#stop.signal.aborted) return;
    if (group.timer) clearTimeout(group.timer);
    group.repeating = repeating;
    group.timer = setTimeout(() => {
      group.timer = null;
      void this.#send(group);
    }, afterMs);
  }

  async #send(group: Group): Promise<void> {
    if (group.sending) return;
    group.sending = true;
    group.dirty = false;
    const sent = [...group.alerts.entries()];
    const payload = this.#payload(group, sent);
    const answer = await postJson(this.#options.url, payload, this.#options.token, this.#stop.signal);
    group.sending = false;
    if (this.#stop.signal.aborted) return;
    if (answer.detail) this.#problems.add(answer.detail);
    if (answer.outcome === 'again') {
      group.dirty = true;
      group.failures += 1;
      this.#schedule(group, Math.min(15_000, 250 * 2 ** group.failures));
      return;
    }
    group.failures = 0;
    group.delivered = true;
    for (const [id, alert] of sent) {
      if (alert.endsAt !== null && group.alerts.get(id) === alert) group.alerts.delete(id);
    }
    if (group.dirty) this.#schedule(group, this.#options.groupIntervalMs ?? 1000);
    else if (group.alerts.size > 0) this.#schedule(group, this.#options.repeatIntervalMs ?? 300_000, true);
    else group.delivered = false;
    for (const check of [...this.#waiting]) check();
  }

  #payload(group: Group, entries: readonly (readonly [string, PostedAlert])[]): unknown {
    const max = this.#options.maxAlerts ?? 1000;
    const alerts = entries.slice(0, max).map(([id, alert]) => ({
      status: alert.endsAt === null ? 'firing' : 'resolved',
      labels: alert.labels,
      annotations: alert.annotations,
      startsAt: new Date(alert.startsAt).toISOString(),
      endsAt: alert.endsAt === null ? '0001-01-01T00:00:00Z' : new Date(alert.endsAt).toISOString(),
      generatorURL: alert.generatorUrl,
      fingerprint: id,
    }));
    const matchers = Object.entries(group.labels).map(([name, value]) => `${name}="${value}"`);
    return {
      version: '4',
      groupKey: `{}:{${matchers.join(', ')}}`,
      truncatedAlerts: Math.max(0, entries.length - max),
      status: alerts.some((alert) => alert.status === 'firing') ? 'firing' : 'resolved',
      receiver: this.#options.receiver ?? 'lambda-responder',
      groupLabels: group.labels,
      commonLabels: common(alerts.map((alert) => alert.labels)),
      commonAnnotations: common(alerts.map((alert) => alert.annotations)),
      externalURL: this.#options.externalUrl ?? 'http://127.0.0.1:9093',
      alerts,
    };
  }
}

function common(all: readonly Readonly<Record<string, string>>[]): Record<string, string> {
  const [first, ...rest] = all;
  const shared = Object.entries(first ?? {}).filter(([name, value]) => rest.every((one) => one[name] === value));
  return Object.fromEntries(shared);
}
