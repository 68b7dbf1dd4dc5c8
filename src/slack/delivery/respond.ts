import type { KnownBlock } from '@slack/types';
import { coerceError, ResponderError } from '../../errors.ts';
import type { AnswerTarget, Clock } from '../ports.ts';

/** What goes to the URL Slack gave with a command or a press: five times, within 30 minutes, without a token. */
export interface Response {
  readonly text: string;
  readonly blocks?: readonly KnownBlock[];
  /** Replaces the message only the asker sees; never set for a card, which would be replaced itself. */
  readonly replace?: boolean;
  readonly remove?: boolean;
}

const TIMEOUT_MS = 5_000;

/** Whether the URL can still be used. */
export function canRespond(target: AnswerTarget, clock: Clock): boolean {
  return target.responseUrl !== null && (target.responseUrlExpiresAt ?? Number.POSITIVE_INFINITY) > clock.now();
}

/**
 * Answers through the response URL, to the asker only.
 * https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
 * @throws ResponderError `gone` when the URL is used up, expired or absent, `unreachable`/`timeout`/`unavailable` otherwise.
 */
export async function respond(
  target: Pick<AnswerTarget, 'responseUrl'>,
  response: Response,
  signal: AbortSignal,
): Promise<void> {
  if (target.responseUrl === null) throw new ResponderError('gone', 'There is no response URL', { retryable: false });
  const body = response.remove
    ? { delete_original: true }
    : {
        response_type: 'ephemeral',
        replace_original: response.replace === true,
        text: response.text,
        ...(response.blocks ? { blocks: response.blocks } : {}),
      };
  let answer: globalThis.Response;
  try {
    answer = await fetch(target.responseUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
  } catch (thrown) {
    signal.throwIfAborted();
    throw coerceError(thrown);
  }
  const text = await answer.text().catch(() => '');
  if (answer.ok && !text.includes('"ok":false')) return;
  const status = answer.status;
  const code = status === 429 ? 'rate_limited' : status >= 500 ? 'unavailable' : 'gone';
  throw new ResponderError(code, `The response URL answered ${status}`, { retryable: code !== 'gone' });
}
