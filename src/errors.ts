/**
 * The closed set of reasons for which something did not work. A reason is shown to people, logged and used as a
 * metric label, so it says what happened and never contains a value.
 */
export const ERROR_CODES = [
  'config_invalid', // our own configuration, runbook or rule file is wrong
  'bad_input', // what a person typed or a sender posted can never be accepted as it is
  'unauthorized', // 401: credentials missing, wrong or expired
  'forbidden', // 403: known, but not allowed
  'not_found', // the named thing does not exist
  'conflict', // the state does not allow it (already resolved, port in use, another writer)
  'gone', // 410: a continue token or watch position expired
  'rate_limited', // 429, with retryAfterMs when the server said so
  'timeout', // no answer within the deadline
  'unreachable', // connection refused, reset, DNS or TLS failure
  'unavailable', // the server answered 5xx, or a circuit breaker is open
  'store_unavailable', // our store cannot be written (read-only, locked, disk full, connection lost)
  'cancelled', // stopped on purpose
  'internal', // a defect of ours
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

const RETRYABLE: ReadonlySet<ErrorCode> = new Set([
  'gone',
  'rate_limited',
  'timeout',
  'unreachable',
  'unavailable',
  'store_unavailable',
]);

export interface ErrorDetail {
  readonly cause?: unknown;
  /** What the person concerned can do about it, one sentence. */
  readonly hint?: string;
  /** How long the server asked us to wait, in milliseconds; heeded up to five minutes. */
  readonly retryAfterMs?: number;
  /** The wait ends by the clock and not when somebody recovers: hardly anything is added to it, however often it was tried. */
  readonly isPunctual?: boolean;
  /** Overrides what the code implies. */
  readonly retryable?: boolean;
}

/** However long a server asks us to wait, it is asked again after this: one header must not silence anything for a day. */
export const MOST_RETRY_AFTER_MS = 5 * 60_000;

/** An error with a coded reason. `message` says what failed and where, in words for a person; it holds no secrets. */
export class ResponderError extends Error {
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly hint: string | null;
  readonly retryAfterMs: number | null;
  readonly isPunctual: boolean;

  constructor(code: ErrorCode, message: string, detail: ErrorDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.name = 'ResponderError';
    this.code = code;
    this.retryable = detail.retryable ?? RETRYABLE.has(code);
    this.hint = detail.hint ?? null;
    this.retryAfterMs = detail.retryAfterMs === undefined ? null : Math.min(MOST_RETRY_AFTER_MS, detail.retryAfterMs);
    this.isPunctual = detail.isPunctual ?? false;
  }
}

const NETWORK_CODES: Readonly<Record<string, ErrorCode>> = {
  ECONNREFUSED: 'unreachable',
  ECONNRESET: 'unreachable',
  ENOTFOUND: 'unreachable',
  EAI_AGAIN: 'unreachable',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EPIPE: 'unreachable',
  UND_ERR_SOCKET: 'unreachable',
  UND_ERR_ABORTED: 'unreachable', // a proxy that refuses the tunnel; what we abort ourselves is an AbortError
  UND_ERR_PRX_CONN: 'unreachable',
  UND_ERR_PRX_TLS: 'unreachable',
  ERR_PROXY_TUNNEL: 'unreachable',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  ETIMEDOUT: 'timeout',
  ENOSPC: 'store_unavailable',
  EROFS: 'store_unavailable',
};

/**
 * Turns whatever was thrown into a ResponderError, once, at the edge where it was caught. A ResponderError passes
 * unchanged; network errors and aborts get their code; anything else is `internal`.
 */
export function coerceError(thrown: unknown): ResponderError {
  if (thrown instanceof ResponderError) return thrown;
  if (!Error.isError(thrown)) return new ResponderError('internal', String(thrown));
  if (thrown.name === 'TimeoutError') return new ResponderError('timeout', thrown.message, { cause: thrown });
  if (thrown.name === 'AbortError') return new ResponderError('cancelled', thrown.message, { cause: thrown });
  const code = networkCode(thrown);
  if (code) return new ResponderError(code, deepestMessage(thrown), { cause: thrown });
  return new ResponderError('internal', thrown.message, { cause: thrown });
}

function networkCode(error: Error): ErrorCode | null {
  for (let at: unknown = error, depth = 0; Error.isError(at) && depth < 5; at = at.cause, depth += 1) {
    const code = 'code' in at && typeof at.code === 'string' ? at.code : '';
    const known = NETWORK_CODES[code];
    if (known) return known;
    if (/^(CERT_|ERR_TLS|ERR_SSL|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO)/.test(code)) return 'unreachable';
    if (at instanceof AggregateError && Error.isError(at.errors[0])) return networkCode(at.errors[0]);
  }
  return null;
}

function deepestMessage(error: Error): string {
  let at: Error = error;
  for (let depth = 0; Error.isError(at.cause) && depth < 5; depth += 1) at = at.cause;
  return at.message || error.message;
}
