import { z } from 'zod';
import { coerceError, type ErrorCode, ResponderError } from '../errors.ts';
import type { CliIo } from './io.ts';

/** A person waits for no answer longer than this, in milliseconds; diagnostics have their own, shorter deadlines. */
const DEADLINE_MS = 60_000;
const LARGEST = 64 * 1024 * 1024;

/** The running responder the terminal talks to. */
export interface Remote {
  readonly url: string;
  /** The body of the answer; throws by code for anything but 2xx. */
  send(method: 'GET' | 'POST', path: string, body?: unknown): Promise<string>;
}

/** The responder of RESPONDER_URL; null when that is not set. @throws ResponderError config_invalid when it is no address. */
export function remoteOf(io: CliIo): Remote | null {
  const typed = io.env.RESPONDER_URL?.trim();
  if (!typed) return null;
  if (!URL.canParse(typed) || !/^https?:$/.test(new URL(typed).protocol))
    throw new ResponderError('config_invalid', 'RESPONDER_URL is not an address.', {
      hint: 'Set it to where the responder listens, such as http://127.0.0.1:8080.',
    });
  return connect(io, typed.replace(/\/+$/, ''), io.env.API_TOKEN?.trim() || null, 'RESPONDER_URL');
}

/** Another server of ours at an address that `variable` or an option gave. */
export function connect(io: CliIo, url: string, token: string | null, variable: string): Remote {
  const headers = {
    'content-type': 'application/json',
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
  };
  return {
    url,
    async send(method, path, body) {
      const signal = AbortSignal.any([io.signal, AbortSignal.timeout(DEADLINE_MS)]);
      const sent = body === undefined ? {} : { body: JSON.stringify(body) };
      try {
        const response = await (io.fetch ?? fetch)(`${url}${path}`, { method, headers, signal, ...sent });
        const text = await response.text();
        if (text.length > LARGEST) throw new ResponderError('bad_input', `${url} sent more than 64 MiB.`);
        if (!response.ok) throw refusal(response.status, text, url);
        return text;
      } catch (thrown) {
        const error = coerceError(thrown);
        // What fetch cannot name more precisely is a TypeError: the address could not be reached.
        const code = Error.isError(thrown) && thrown.name === 'TypeError' ? 'unreachable' : error.code;
        if (code !== 'unreachable' && code !== 'timeout') throw error;
        throw new ResponderError(code, `${url} does not answer: ${error.message}`, {
          cause: thrown,
          hint: `Is the responder running there? The address comes from ${variable}.`,
        });
      }
    },
  };
}

const CODES: Readonly<Record<number, ErrorCode>> = {
  400: 'bad_input',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
  429: 'rate_limited',
};

const errorBody = z.object({ error: z.string() });

function refusal(status: number, text: string, url: string): ResponderError {
  const said = errorBody.safeParse(parseJson(text));
  const words = said.success ? said.data.error : text.slice(0, 200).trim();
  const code = CODES[status] ?? (status >= 500 ? 'unavailable' : 'bad_input');
  return new ResponderError(code, `${url} answered ${status}${words === '' ? '' : `: ${words}`}`, {
    ...(status === 401 ? { hint: 'Set API_TOKEN to the responder’s API token, or to your personal one.' } : {}),
  });
}

/** The value of a JSON text; undefined when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
