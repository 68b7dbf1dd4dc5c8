import { createHmac } from 'node:crypto';
import { isObject } from '../blocks/blockIds.ts';
import { type Settings, SIGNING_SECRET } from '../slackSettings.ts';
import type { Json } from '../state.ts';
import type { Ack } from './ack.ts';

/** Exactly this, without a charset: Bolt compares the string. */
const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';

/** Signed delivery to the app's request URL. */
export class HttpDelivery {
  readonly #settings: Settings;
  readonly #now: () => number;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #stop = new AbortController();
  #target: string | undefined;

  constructor(settings: Settings, now: () => number) {
    this.#settings = settings;
    this.#now = now;
  }

  /** Undefined while the app is reached over Socket Mode. */
  url(): string | undefined {
    return this.#target;
  }

  /**
   * Sets where everything is POSTed, after the `url_verification` challenge was answered; undefined goes back to Socket
   * Mode. Resolves to what was wrong, or to undefined.
   */
  async setUrl(url: string | undefined): Promise<string | undefined> {
    this.#target = undefined;
    if (url === undefined) return undefined;
    const challenge = crypto.randomUUID();
    const body = JSON.stringify({ type: 'url_verification', token: 'simulated-verification-token', challenge });
    const wrong = await this.#post(url, body, JSON_TYPE).then(
      async (response) => {
        const answer = await response.text();
        return response.ok && answer.includes(challenge)
          ? undefined
          : `answered ${response.status} without the challenge`;
      },
      (error: unknown) => `cannot be reached: ${String(error)}`,
    );
    if (wrong === undefined) this.#target = url;
    return wrong && `${url} ${wrong}`;
  }

  /** Takes an address as verified earlier: its app may not have started yet. */
  trustUrl(url: string): void {
    this.#target = url;
  }

  /** Sends an event; retried at once, after a minute and after five unless the app says otherwise. */
  event(payload: Json, giveUp: () => void): void {
    void this.#deliver(payload, 0, '', giveUp);
  }

  /** Sends a command or an interaction once. */
  interactive(kind: 'slash_commands' | 'interactive', payload: Json): Promise<Ack> {
    if (!this.#target) return Promise.resolve({ outcome: 'dispatch_failed', because: 'no request URL' });
    const body = kind === 'slash_commands' ? commandForm(payload) : form({ payload: JSON.stringify(payload) });
    return this.#post(this.#target, body, FORM).then(readAck, (error: unknown) =>
      isTimeout(error)
        ? { outcome: 'operation_timeout' as const }
        : { outcome: 'dispatch_failed' as const, because: String(error) },
    );
  }

  close(): void {
    this.#stop.abort();
    for (const timer of this.#timers) clearTimeout(timer);
  }

  async #deliver(payload: Json, attempt: number, reason: string, giveUp: () => void): Promise<void> {
    if (!this.#target || this.#stop.signal.aborted) return;
    const outcome = await this.#post(
      this.#target,
      JSON.stringify(payload),
      JSON_TYPE,
      retryHeaders(attempt, reason),
    ).then(
      async (response) => {
        await response.arrayBuffer();
        if (response.ok) return undefined;
        return response.headers.get('x-slack-no-retry') === '1' ? 'no_retry' : 'http_error';
      },
      (error: unknown) => (isTimeout(error) ? 'http_timeout' : 'connection_failed'),
    );
    if (outcome === undefined || this.#stop.signal.aborted) return;
    const pause = outcome === 'no_retry' ? undefined : this.#settings.redeliverMs[attempt];
    if (pause === undefined) return giveUp();
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void this.#deliver(payload, attempt + 1, outcome, giveUp);
    }, pause);
    timer.unref();
    this.#timers.add(timer);
  }

  #post(url: string, body: string, type: string, extra: Record<string, string> = {}): Promise<Response> {
    return fetch(url, {
      method: 'POST',
      body,
      redirect: 'manual',
      headers: { ...signed(body, this.#now()), 'content-type': type, ...extra },
      signal: AbortSignal.any([this.#stop.signal, AbortSignal.timeout(this.#settings.ackTimeoutMs)]),
    });
  }
}

/** The headers by which an app knows that a request is Slack's. https://docs.slack.dev/authentication/verifying-requests-from-slack */
export function signed(body: string, nowMs: number, secret = SIGNING_SECRET): Record<string, string> {
  const timestamp = String(Math.floor(nowMs / 1000));
  const digest = createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex');
  return {
    'x-slack-request-timestamp': timestamp,
    'x-slack-signature': `v0=${digest}`,
    'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
  };
}

async function readAck(response: Response): Promise<Ack> {
  const text = await response.text();
  if (response.status !== 200) return { outcome: 'dispatch_failed', because: `HTTP ${response.status}` };
  if (text.trim() === '') return { outcome: 'acked', body: null };
  try {
    const body: unknown = JSON.parse(text);
    if (isObject(body)) return { outcome: 'acked', body };
  } catch {
    // Plain text is a legal answer: Slack shows it to the person.
  }
  return { outcome: 'acked', body: text };
}

function retryHeaders(attempt: number, reason: string): Record<string, string> {
  return attempt === 0 ? {} : { 'x-slack-retry-num': String(attempt), 'x-slack-retry-reason': reason };
}

function commandForm(payload: Json): string {
  return form(Object.fromEntries(Object.entries(payload).map(([key, value]) => [key, String(value)])));
}

function form(fields: Record<string, string>): string {
  return new URLSearchParams(fields).toString();
}

function isTimeout(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'TimeoutError';
}
