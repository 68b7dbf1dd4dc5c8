import type { Json } from '../state.ts';

/** An answer `{ok: false, error}` of the Web API, with what Slack adds to it. */
export class ApiError extends Error {
  readonly code: string;
  readonly extra: Json;
  readonly status: number;
  readonly headers: Record<string, string>;

  constructor(code: string, extra: Json = {}, http: { status?: number; headers?: Record<string, string> } = {}) {
    super(code);
    this.name = 'ApiError';
    this.code = code;
    this.extra = extra;
    this.status = http.status ?? 200;
    this.headers = http.headers ?? {};
  }
}

/** A refusal with explanations, as Slack gives for arguments, blocks and views. */
export function explained(code: string, errors: readonly string[]): ApiError {
  return new ApiError(code, {
    ...(code.startsWith('invalid_block') ? { errors } : {}),
    response_metadata: { messages: errors.map((error) => `[ERROR] ${error}`) },
  });
}

/** A 429 as Slack words it. */
export function rateLimited(retryAfterSeconds: number): ApiError {
  return new ApiError('ratelimited', {}, { status: 429, headers: { 'retry-after': String(retryAfterSeconds) } });
}
