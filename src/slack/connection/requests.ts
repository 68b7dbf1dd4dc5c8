import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HTTPReceiver } from '@slack/bolt';
import type { Logger } from '../../logger.ts';
import { HTTPModuleFunctions, isValidSlackRequest } from '../bolt.ts';

type Buffered = Parameters<typeof HTTPModuleFunctions.parseHTTPRequestBody>[0];

/** Told of a request that Slack did not sign. Resolves to the seconds its sender is put off, null while it is not. */
export type OnForged = () => Promise<number | null>;

/**
 * HTTP mode: takes what Slack posts. What is not signed by Slack is counted, and put off when it was too much, before Bolt
 * looks at it; Slack's own requests never are.
 */
export function takeRequests(receiver: HTTPReceiver, signingSecret: string, log: Logger) {
  return async (request: IncomingMessage, response: ServerResponse, onForged: OnForged): Promise<void> => {
    try {
      const buffered = await HTTPModuleFunctions.bufferIncomingMessage(request, HTTPModuleFunctions.defaultBodyLimit);
      const signed = isSigned(buffered, signingSecret);
      const early = signed && isFromTheFuture(buffered);
      const wait = signed && !early ? null : await onForged();
      if (wait !== null) response.writeHead(429, { 'retry-after': String(wait) }).end();
      else if (early) {
        log.warn('a request signed with a time in the future was refused: is the clock of this machine behind?');
        response.writeHead(401).end();
      }
      // Bolt's receiver ends the process over a body that is JSON but no object, so that is looked at first.
      else if (isObject(buffered)) receiver.requestListener(buffered, response);
      else response.writeHead(400).end();
    } catch (thrown) {
      const status = HTTPModuleFunctions.isRawBodyError(thrown) ? thrown.statusCode : 404;
      log.info({ err: thrown, status }, 'a request to the events address was not accepted');
      if (!response.headersSent) response.writeHead(status).end();
    }
  };
}

/** How far a request's stamp may be ahead of our clock, milliseconds. Bolt refuses what is older; a stamp from the future could be kept and sent later. */
const MOST_AHEAD_MS = 5 * 60_000;

function isFromTheFuture({ headers }: Buffered): boolean {
  return Number(headers['x-slack-request-timestamp']) * 1_000 > Date.now() + MOST_AHEAD_MS;
}

/** https://docs.slack.dev/authentication/verifying-requests-from-slack */
function isSigned({ rawBody, headers }: Buffered, signingSecret: string): boolean {
  return isValidSlackRequest({
    signingSecret,
    body: rawBody.toString(),
    headers: {
      'x-slack-signature': String(headers['x-slack-signature'] ?? ''),
      'x-slack-request-timestamp': Number(headers['x-slack-request-timestamp']),
    },
  });
}

/** What does not parse is left to the receiver, which answers it after it has checked the signature. */
function isObject(request: Buffered): boolean {
  try {
    const body: unknown = HTTPModuleFunctions.parseHTTPRequestBody(request);
    return typeof body === 'object' && body !== null && !Array.isArray(body);
  } catch {
    return true;
  }
}
