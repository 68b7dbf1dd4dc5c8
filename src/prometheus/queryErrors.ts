import { z } from 'zod';
import { type ErrorCode, ResponderError } from '../errors.ts';

/** What prometheus-query rejects with: a plain object, not an Error. */
const failure = z.object({
  errorType: z.string().optional(),
  error: z.unknown().optional(),
  httpStatus: z.number().optional(),
  code: z.string().optional().catch(undefined),
  original: z.unknown().optional(),
});

const CODES: Readonly<Record<number, ErrorCode>> = {
  400: 'bad_input',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  422: 'bad_input',
  429: 'rate_limited',
};

/** Whatever a query failed with as an error that says what was asked, where, and what to do. */
export function toError(thrown: unknown, what: string, signal: AbortSignal): ResponderError {
  if (thrown instanceof ResponderError) return thrown;
  const said = failure.safeParse(thrown).data ?? {};
  if (said.original instanceof ResponderError) return said.original;
  const message = `Prometheus: ${what}: ${wordsOf(thrown, said.error)}`;
  if (said.code === 'ERR_CANCELED' || signal.aborted) {
    const late = !signal.aborted || (Error.isError(signal.reason) && signal.reason.name === 'TimeoutError');
    return new ResponderError(
      late ? 'timeout' : 'cancelled',
      late ? `Prometheus: ${what}: no answer in time` : message,
    );
  }
  if (said.httpStatus !== undefined) {
    const code = CODES[said.httpStatus] ?? (said.httpStatus >= 500 ? 'unavailable' : 'bad_input');
    return new ResponderError(code, message, hintFor(code));
  }
  if (said.errorType === 'timeout_error') return new ResponderError('timeout', message);
  if (said.errorType === 'ssl_error' || said.errorType === 'network_error')
    return new ResponderError('unreachable', message, {
      hint: 'Is PROMETHEUS_URL right, and Prometheus reachable from here?',
    });
  return new ResponderError('unavailable', message, { hint: 'Is PROMETHEUS_URL the address of a Prometheus?' });
}

const body = z.object({ status: z.string() });

/** Lets an answer of Prometheus pass. @throws ResponderError unavailable for a page of something else. */
export function answered<T extends { readonly data?: unknown }>(response: T, what: string): T {
  if (body.safeParse(response.data).success) return response;
  throw new ResponderError('unavailable', `Prometheus: ${what}: what answers there is not a Prometheus`, {
    hint: 'Is PROMETHEUS_URL the address of a Prometheus, with its path prefix?',
  });
}

const refused = z.object({
  response: z.object({ status: z.number(), statusText: z.string().catch(''), data: z.unknown() }),
});

/** A refusal in plain text, as of Prometheus' own basic auth or of a proxy, gets the form that the client keeps the status of. */
export function withStatus(error: unknown): never {
  const response = refused.safeParse(error).data?.response;
  if (response && !body.safeParse(response.data).success)
    throw Object.assign(new Error('refused', { cause: error }), {
      isAxiosError: true,
      response: { ...response, data: { status: 'error', error: `${response.status} ${response.statusText}`.trim() } },
    });
  throw error;
}

function wordsOf(thrown: unknown, error: unknown): string {
  const words =
    typeof error === 'string' ? error : Error.isError(thrown) ? thrown.message : 'the answer is not understood';
  return words.slice(0, 400);
}

function hintFor(code: ErrorCode): { hint?: string } {
  if (code === 'unauthorized' || code === 'forbidden') return { hint: 'Put user and password into PROMETHEUS_URL.' };
  return {};
}
