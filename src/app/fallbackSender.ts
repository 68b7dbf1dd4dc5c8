import type { FallbackSettings } from '../config.ts';
import { coerceError, ResponderError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { FallbackMessage, FallbackPorts } from '../triage/fallback.ts';

const CALL_MS = 10_000;

/** Sends by every configured way; what one of them took is told. @param redact what every text passes before it leaves */
export function createFallbackSender(
  settings: FallbackSettings,
  redact: (text: string) => string,
  log: Logger,
): FallbackPorts['send'] {
  const { webhookUrl, email } = settings;
  const ways: ((message: FallbackMessage, signal: AbortSignal) => Promise<string>)[] = [];
  if (webhookUrl !== null) ways.push((message, signal) => postWebhook(webhookUrl, message, signal));
  if (email !== null) ways.push((message) => sendMail(email, message));
  return async (message, signal) => {
    const { subject, text, incident } = message;
    const safe: FallbackMessage = {
      ...message,
      subject: redact(subject),
      text: redact(text),
      incident: { ...incident, title: redact(incident.title) },
    };
    const taken: string[] = [];
    let last: ResponderError | null = null;
    for (const way of ways) {
      try {
        taken.push(await way(safe, signal));
      } catch (thrown) {
        signal.throwIfAborted();
        last = coerceError(thrown);
        log.warn({ err: last, incident: message.incident.number }, 'the fallback did not take a message');
      }
    }
    if (taken.length > 0) return taken.join(' and ');
    // Whatever it is, it may be put right: the incident is too grave to give up.
    throw new ResponderError('unavailable', `The fallback failed: ${last?.message ?? 'none is configured'}`, {
      cause: last,
    });
  };
}

/** `text` is what chat systems show; the rest is for programs. */
async function postWebhook(url: string, message: FallbackMessage, signal: AbortSignal): Promise<string> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': message.id },
    body: JSON.stringify({ text: message.text, incident: message.incident, others: message.others }),
    redirect: 'error',
    signal: AbortSignal.any([signal, AbortSignal.timeout(CALL_MS)]),
  });
  await response.body?.cancel();
  const host = new URL(url).host;
  if (response.ok) return `webhook ${host}`;
  throw new ResponderError('unavailable', `the fallback webhook (${host}) answered ${response.status}`);
}

async function sendMail(email: NonNullable<FallbackSettings['email']>, message: FallbackMessage): Promise<string> {
  const { createTransport } = await import('nodemailer');
  const transport = createTransport({
    url: email.url,
    connectionTimeout: CALL_MS,
    greetingTimeout: CALL_MS,
    socketTimeout: CALL_MS,
  });
  try {
    await transport.sendMail({
      from: email.from,
      to: [...email.to],
      subject: message.subject,
      text: message.text,
      messageId: `<${message.id}@lambda-responder>`,
    });
    return `e-mail to ${email.to.join(', ')}`;
  } finally {
    transport.close();
  }
}
