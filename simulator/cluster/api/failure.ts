import type { Kind } from '../kind.ts';

/** A refusal as the API server words it: a `Status` object with the HTTP code it goes with. */
export class ApiFailure extends Error {
  readonly code: number;
  readonly reason: string;
  readonly details: Readonly<Record<string, unknown>> | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** Extra list metadata, such as a fresh continue token. */
  readonly metadata: Readonly<Record<string, unknown>>;

  constructor(
    code: number,
    reason: string,
    message: string,
    extra: {
      details?: Readonly<Record<string, unknown>>;
      headers?: Readonly<Record<string, string>>;
      metadata?: Readonly<Record<string, unknown>>;
    } = {},
  ) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.details = extra.details;
    this.headers = extra.headers ?? {};
    this.metadata = extra.metadata ?? {};
  }

  toStatus(): Record<string, unknown> {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: this.metadata,
      status: 'Failure',
      message: this.message,
      ...(this.reason ? { reason: this.reason } : {}),
      ...(this.details ? { details: this.details } : {}),
      code: this.code,
    };
  }
}

type Resource = Pick<Kind, 'group' | 'plural'>;

/** `pods`, or `jobs.batch` outside the core group. */
function qualified({ group, plural }: Resource): string {
  return group ? `${plural}.${group}` : plural;
}

function detailsOf(kind: Resource, name?: string): Record<string, unknown> {
  return { ...(name ? { name } : {}), ...(kind.group ? { group: kind.group } : {}), kind: kind.plural };
}

export function notFound(kind: Resource, name: string): ApiFailure {
  return new ApiFailure(404, 'NotFound', `${qualified(kind)} "${name}" not found`, { details: detailsOf(kind, name) });
}

export function unauthorized(): ApiFailure {
  return new ApiFailure(401, 'Unauthorized', 'Unauthorized');
}

export function forbidden(
  user: string,
  verb: string,
  kind: Resource,
  at: { namespace: string | undefined; name?: string | undefined; subresource?: string | undefined },
): ApiFailure {
  const resource = at.subresource ? `${kind.plural}/${at.subresource}` : kind.plural;
  const where = at.namespace === undefined ? 'at the cluster scope' : `in the namespace "${at.namespace}"`;
  const subject = at.name ? `${qualified(kind)} "${at.name}" is forbidden` : `${qualified(kind)} is forbidden`;
  return new ApiFailure(
    403,
    'Forbidden',
    `${subject}: User "${user}" cannot ${verb} resource "${resource}" in API group "${kind.group}" ${where}`,
    { details: detailsOf(kind, at.name) },
  );
}

export function badRequest(message: string): ApiFailure {
  return new ApiFailure(400, 'BadRequest', message);
}

export function methodNotAllowed(): ApiFailure {
  return new ApiFailure(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource');
}

export function noSuchResource(): ApiFailure {
  return new ApiFailure(404, 'NotFound', 'the server could not find the requested resource', { details: {} });
}

export function alreadyExists(kind: Resource, name: string): ApiFailure {
  return new ApiFailure(409, 'AlreadyExists', `${qualified(kind)} "${name}" already exists`, {
    details: detailsOf(kind, name),
  });
}

export function conflict(kind: Resource, name: string, because: string): ApiFailure {
  return new ApiFailure(409, 'Conflict', `Operation cannot be fulfilled on ${qualified(kind)} "${name}": ${because}`, {
    details: detailsOf(kind, name),
  });
}

export function expired(message: string, metadata: Readonly<Record<string, unknown>> = {}): ApiFailure {
  return new ApiFailure(410, 'Expired', message, { metadata });
}

export function internalError(message: string): ApiFailure {
  return new ApiFailure(500, 'InternalError', `Internal error occurred: ${message}`, {
    details: { causes: [{ message }] },
  });
}

/** An aggregated API whose server is not there. */
export function unavailable(): ApiFailure {
  return new ApiFailure(503, 'ServiceUnavailable', 'the server is currently unable to handle the request');
}

/** A refusal that a fault asks for. */
export function failureWithCode(code: number, retryAfterSeconds: number | undefined): ApiFailure {
  const retry = retryAfterSeconds === undefined ? {} : { headers: { 'retry-after': String(retryAfterSeconds) } };
  switch (code) {
    case 401:
      return unauthorized();
    case 403:
      return new ApiFailure(403, 'Forbidden', 'forbidden: access denied by an admission policy', retry);
    case 410:
      return expired('The resourceVersion for the provided list is too old.');
    case 429:
      return new ApiFailure(429, 'TooManyRequests', 'Too many requests, please try again later.', {
        headers: { 'retry-after': String(retryAfterSeconds ?? 1) },
        details: { retryAfterSeconds: retryAfterSeconds ?? 1 },
      });
    case 500:
      return new ApiFailure(500, 'InternalError', 'Internal error occurred: etcdserver: request timed out', retry);
    case 503:
      return new ApiFailure(503, 'ServiceUnavailable', 'apiserver is shutting down', retry);
    case 504:
      return new ApiFailure(504, 'Timeout', 'Timeout: request did not complete within requested timeout', retry);
    default:
      return new ApiFailure(code, '', `the server answered with status ${code}`, retry);
  }
}

/** A body in a form the simulated server does not read. */
export function unsupportedMediaType(): ApiFailure {
  return new ApiFailure(
    415,
    'UnsupportedMediaType',
    'the body of the request was in an unknown format - accepted media types include: application/json, application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json',
  );
}
