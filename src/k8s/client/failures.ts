import { coerceError, type ErrorCode, ResponderError } from '../../errors.ts';
import type { ReadInWords } from './readInWords.ts';

/** What a Status body of the API server says; its shape is Kubernetes' own (meta/v1 Status). */
interface Status {
  readonly message?: unknown;
  readonly details?: { readonly retryAfterSeconds?: unknown };
}

const CODES: Readonly<Record<number, ErrorCode>> = {
  400: 'bad_input',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  405: 'not_found',
  408: 'timeout',
  409: 'conflict',
  410: 'gone',
  422: 'bad_input',
  429: 'rate_limited',
};

const HINTS: Partial<Record<ErrorCode, string>> = {
  unauthorized: 'The credentials are wrong or expired: renew the token of the ServiceAccount or kubeconfig.',
  forbidden: 'The ClusterRole of manifests/base/clusterrole.yaml allows what the responder reads; is it bound?',
  not_found: 'Is there such a kind in this cluster (kubectl api-resources), and is the name right?',
  gone: 'The list changed too much while it was read: ask again.',
  rate_limited: 'The API server is busy and asked to wait.',
  unavailable: 'The API server is failing; its own alerts and `kubectl get --raw /readyz?verbose` tell more.',
};

/** An answer other than 2xx as an error with what was asked, what the server said, and what to do. */
export function answeredWith(
  status: number,
  body: string,
  { text: what, check }: ReadInWords,
  retryAfter: string | null,
): ResponderError {
  if (status >= 300 && status < 400)
    return new ResponderError('unavailable', `${what}: the server redirects elsewhere (HTTP ${status})`, {
      hint: 'Is this address a Kubernetes API server, or a login page in front of one?',
      retryable: false,
    });
  const code = CODES[status] ?? (status >= 500 ? 'unavailable' : 'bad_input');
  const said = parseStatus(body);
  const seconds = Number(retryAfter ?? said?.details?.retryAfterSeconds ?? Number.NaN);
  const message = typeof said?.message === 'string' && said.message !== '' ? said.message : `HTTP ${status}`;
  const hint = code === 'forbidden' && check !== null ? `${HINTS.forbidden} Check it: ${check}` : HINTS[code];
  return new ResponderError(code, `${what}: ${message.slice(0, 500)}`, {
    ...(hint ? { hint } : {}),
    ...(Number.isFinite(seconds) ? { retryAfterMs: seconds * 1000 } : {}),
  });
}

/** A call that got no answer: refused, reset, timed out, or a certificate nobody trusts. */
export function notAnswered(thrown: unknown, what: string, server: string): ResponderError {
  if (thrown instanceof ResponderError) return thrown;
  const error = coerceError(thrown);
  const isTls = /certificate|self.signed|TLS|SSL|altnames/i.test(error.message);
  const hint = isTls
    ? 'The server’s certificate is not trusted: check certificate-authority-data of the kubeconfig, and the server’s name.'
    : error.code === 'timeout'
      ? 'The API server did not answer in time; it may be overloaded.'
      : 'Is the API server up, and reachable from here?';
  // Node's advice about its own options is none for whoever reads this.
  const said = error.code === 'timeout' ? 'no answer in time' : error.message.split('; if the root CA')[0];
  return new ResponderError(
    error.code === 'internal' ? 'unreachable' : error.code,
    `${what}: ${server}: ${said || error.code}`,
    { cause: thrown, hint },
  );
}

/** A read that we stopped ourselves, because its caller no longer waits. */
export function stopped(signal: AbortSignal, what: string): ResponderError {
  const reason: unknown = signal.reason;
  if (Error.isError(reason) && reason.name === 'TimeoutError')
    return new ResponderError('timeout', `${what}: no answer before the deadline`, { cause: reason });
  return new ResponderError('cancelled', `${what}: stopped`, { cause: reason });
}

function parseStatus(body: string): Status | null {
  try {
    const parsed: unknown = JSON.parse(body);
    return parsed !== null && typeof parsed === 'object' ? parsed : null;
  } catch {
    return null;
  }
}
