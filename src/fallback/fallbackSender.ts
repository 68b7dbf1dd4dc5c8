import {
  BulkheadRejectedError,
  bulkhead,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
  isBrokenCircuitError,
} from 'cockatiel';
import { coerceError, type ErrorCode, ResponderError } from '../errors.ts';
import type { FallbackMessage, SendFallback } from '../jobs/ports.ts';
import type { Logger } from '../logger.ts';
import { seconds } from '../wording/lengths.ts';

/** Deadline of one way of sending, milliseconds, from the first byte to the last answer. */
const CALL_MS = 15_000;
const FAILURES = 5;
const OPEN_MS = 30_000;
/** Messages sent at once: a slow receiver holds no more of the places for what people wait for. */
const AT_ONCE = 3;

export type FallbackWay = 'fallback_webhook' | 'fallback_email';

/** Where the fallback sends to; null is no such way. */
export interface FallbackWays {
  readonly webhookUrl: string | null;
  /** `url`: smtp:// or smtps:// with user and password in it. */
  readonly email: { readonly url: string; readonly from: string; readonly to: readonly string[] } | null;
}

export interface FallbackSenderOptions {
  readonly settings: FallbackWays;
  /** What every text passes before it leaves. */
  readonly redact: (text: string) => string;
  readonly log: Logger;
  /** Told how each call ended, `ok` or the code of its error, and how long it took. */
  readonly onCall?: (way: FallbackWay, outcome: 'ok' | ErrorCode, ms: number) => void;
  /** Told when a way is left alone after failing again and again, and when no longer. */
  readonly onBreaker?: (way: FallbackWay, open: boolean) => void;
  readonly callMs?: number;
}

/** Takes a message one way; resolves with where it went, in words. */
type Send = (message: FallbackMessage, signal: AbortSignal) => Promise<string>;

/** Sends by every configured way at once; what one of them took is told. */
export function createFallbackSender(options: FallbackSenderOptions): SendFallback {
  const { webhookUrl, email } = options.settings;
  const ways: Send[] = [];
  if (webhookUrl !== null)
    ways.push(guarded('fallback_webhook', (message, signal) => postWebhook(webhookUrl, message, signal), options));
  if (email !== null)
    ways.push(guarded('fallback_email', (message, signal) => sendMail(email, message, signal), options));
  const room = bulkhead(AT_ONCE);
  return async (message, signal) => {
    try {
      return await room.execute(() => sendAll(ways, redacted(message, options.redact), options.log, signal));
    } catch (thrown) {
      if (!(thrown instanceof BulkheadRejectedError)) throw thrown;
      throw new ResponderError('unavailable', `The fallback is busy with ${AT_ONCE} other messages`, {
        cause: thrown,
        retryAfterMs: 1_000,
      });
    }
  };
}

async function sendAll(
  ways: readonly Send[],
  message: FallbackMessage,
  log: Logger,
  signal: AbortSignal,
): Promise<string> {
  const ended = await Promise.allSettled(ways.map((way) => way(message, signal)));
  const taken = ended.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const failed = ended.flatMap((each) => (each.status === 'rejected' ? [coerceError(each.reason)] : []));
  if (taken.length === 0) signal.throwIfAborted();
  for (const err of failed)
    log.warn({ err, incident: message.incident.number }, 'the fallback did not accept a message');
  if (taken.length > 0) return taken.join(' and ');
  const [first] = failed;
  // Whatever it is, it may be put right: the incident is too grave to give up.
  throw new ResponderError('unavailable', `The fallback failed: ${first?.message ?? 'none is configured'}`, {
    cause: first,
  });
}

function redacted(message: FallbackMessage, redact: (text: string) => string): FallbackMessage {
  const { subject, text, incident } = message;
  return {
    ...message,
    subject: redact(subject),
    text: redact(text),
    incident: { ...incident, title: redact(incident.title) },
  };
}

/** A way of sending with a deadline over all of it and a breaker; its outcome is told. */
function guarded(way: FallbackWay, send: Send, options: FallbackSenderOptions): Send {
  const { onCall = () => {}, onBreaker = () => {}, callMs = CALL_MS } = options;
  const away = handleWhen((error) => ['unreachable', 'unavailable', 'timeout'].includes(coerceError(error).code));
  const breaker = circuitBreaker(away, { halfOpenAfter: OPEN_MS, breaker: new ConsecutiveBreaker(FAILURES) });
  breaker.onBreak(() => onBreaker(way, true));
  breaker.onReset(() => onBreaker(way, false));
  onBreaker(way, false);
  const name = way === 'fallback_webhook' ? 'webhook' : 'mail server';
  const within: Send = async (message, signal) => {
    const deadline = AbortSignal.timeout(callMs);
    try {
      return await send(message, AbortSignal.any([signal, deadline]));
    } catch (thrown) {
      signal.throwIfAborted();
      if (!deadline.aborted) throw thrown;
      const text = `the fallback ${name} did not accept the message within ${seconds(callMs)}`;
      throw new ResponderError('timeout', text, { cause: thrown });
    }
  };
  return async (message, signal) => {
    const begin = performance.now();
    try {
      const where = await breaker.execute(() => within(message, signal));
      onCall(way, 'ok', performance.now() - begin);
      return where;
    } catch (thrown) {
      const error = isBrokenCircuitError(thrown) ? leftAlone(name, thrown) : coerceError(thrown);
      onCall(way, error.code, performance.now() - begin);
      throw error;
    }
  };
}

function leftAlone(name: string, cause: unknown): ResponderError {
  const text = `the fallback ${name} failed ${FAILURES} times in a row: circuit open for ${seconds(OPEN_MS)}`;
  return new ResponderError('unavailable', text, { cause });
}

const STATUS: Readonly<Record<number, ErrorCode>> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  429: 'rate_limited',
};

/** `text` is what chat systems show; the rest is for programs. */
async function postWebhook(url: string, message: FallbackMessage, signal: AbortSignal): Promise<string> {
  const { host } = new URL(url);
  const { text, incident, others } = message;
  let response: Response;
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': message.id },
      body: JSON.stringify({ text, incident, others }),
      redirect: 'error',
      signal,
    });
  } catch (thrown) {
    const error = coerceError(thrown);
    // What fetch cannot name more precisely is a TypeError: the address could not be reached.
    const code = error.code === 'internal' ? 'unreachable' : error.code;
    throw new ResponderError(code, `the fallback webhook (${host}) does not answer: ${error.message}`, {
      cause: thrown,
    });
  }
  await response.body?.cancel();
  if (response.ok) return `webhook ${host}`;
  const code = STATUS[response.status] ?? (response.status >= 500 ? 'unavailable' : 'bad_input');
  throw new ResponderError(code, `the fallback webhook (${host}) answered ${response.status}`);
}

async function sendMail(
  email: NonNullable<FallbackWays['email']>,
  message: FallbackMessage,
  signal: AbortSignal,
): Promise<string> {
  const { createTransport } = await import('./mailer.ts');
  const transport = createTransport({ url: email.url });
  try {
    await transport.sendMail({
      from: email.from,
      to: [...email.to],
      subject: message.subject,
      text: message.text,
      messageId: `<${message.id}@lambda-responder>`,
      signal,
    });
    return `e-mail to ${email.to.join(', ')}`;
  } catch (thrown) {
    throw mailError(thrown);
  } finally {
    transport.close();
  }
}

/** https://nodemailer.com/errors */
const MAIL_CODES: Readonly<Record<string, ErrorCode>> = {
  EAUTH: 'unauthorized',
  ENOAUTH: 'unauthorized',
  EENVELOPE: 'bad_input',
  ECONNECTION: 'unreachable',
  ESOCKET: 'unreachable',
  EDNS: 'unreachable',
  ETLS: 'unreachable',
  EPROTOCOL: 'unavailable',
};

function mailError(thrown: unknown): ResponderError {
  const error = coerceError(thrown);
  if (error.code !== 'internal' || !Error.isError(thrown)) return error;
  // A reply of 4xx means "later" (RFC 5321, 4.2.1).
  const reply = 'responseCode' in thrown && typeof thrown.responseCode === 'number' ? thrown.responseCode : 0;
  const named = 'code' in thrown && typeof thrown.code === 'string' ? MAIL_CODES[thrown.code] : undefined;
  const code = reply >= 400 && reply < 500 ? 'unavailable' : (named ?? 'internal');
  return new ResponderError(code, `the fallback mail server: ${error.message}`, { cause: thrown });
}
