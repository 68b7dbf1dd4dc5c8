import { fetch } from 'undici';
import { coerceError, type ErrorCode, ResponderError } from '../../errors.ts';
import type { Logger } from '../../logger.ts';
import type { ProxyFor } from '../../network/proxies.ts';
import type { Redactor } from '../../redaction/redactor.ts';
import { inSpan } from '../../telemetry/tracing.ts';
import { type Body, readBounded } from './answerBody.ts';
import { type Access, openAccess } from './clusterAccess.ts';
import { answeredWith, notAnswered, stopped } from './failures.ts';
import { createGuard } from './guard.ts';
import { createPace } from './pace.ts';
import { type ReadInWords, readInWords } from './readInWords.ts';
import { createBudget, type Priority, sleep } from './requestBudget.ts';

const CALL_MS: Readonly<Record<Priority, number>> = { person: 10_000, automatic: 3_000 };
const MAX_BYTES = 32 * 1024 * 1024;
/** Longest Retry-After, in milliseconds, that is honoured for a person's read. */
const PATIENCE_MS = 2_000;

export interface Read {
  /** Path segments; each is encoded here, so that typed text cannot change the path. */
  readonly path: readonly string[];
  readonly query?: Readonly<Record<string, string | number | boolean | null | undefined>>;
  readonly accept?: string;
  readonly priority: Priority;
  readonly signal: AbortSignal;
  /** Reading stops after so many bytes; `text` says that it was cut. */
  readonly maxBytes?: number;
}

/** One API server, read-only. Everything throws ResponderError with what was asked, what came back and what to do. */
export interface ClusterAccess {
  readonly name: string;
  readonly server: string;
  readonly simulated: boolean;
  /** JSON as the server sent it, unredacted: redact before it leaves the room. */
  json(read: Read): Promise<unknown>;
  text(read: Read): Promise<Body>;
  /** The 95th percentile of the last minute's answers in milliseconds; null with too few answers. */
  paceMs(): number | null;
  close(): Promise<void>;
}

export interface ClusterOptions {
  /** `in-cluster:` and the server's address, path(s) as KUBECONFIG has them, or the YAML itself. */
  readonly kubeconfig: string;
  readonly context: string | null;
  readonly name: string;
  readonly simulated: boolean;
  readonly log: Logger;
  readonly redactor: Redactor;
  readonly clock: () => number;
  /** The proxies of the environment; none unless given. */
  readonly proxyFor?: ProxyFor | null;
  /** Called after each call with `ok` or an error code, and its milliseconds. */
  readonly onOutcome?: (outcome: 'ok' | ErrorCode, ms: number) => void;
  /** Called with true when the circuit opens after repeated failures, and with false when it closes. */
  readonly onBreaker?: (open: boolean) => void;
}

/**
 * Opens one cluster; no call is made yet. Every call has a deadline, the rate budget of its priority, a bulkhead and a
 * circuit breaker, so that a hung API server delays only its own answers. A call is retried once when the server
 * refused credentials that may have been renewed since, closed an idle connection under us, or sent Retry-After.
 */
export function openCluster(options: ClusterOptions): ClusterAccess {
  const access = openAccess(options.kubeconfig, options.context, options.proxyFor ?? null);
  const budget = createBudget(options.clock);
  const guard = createGuard(options.name, options.onBreaker);
  const pace = createPace();

  const attempt = async (read: Read, what: ReadInWords): Promise<Body> => {
    await budget.take(read.priority, read.signal);
    const begin = performance.now();
    try {
      const once = () =>
        inSpan('kubernetes GET', { cluster: options.name }, () => ask(access, read, what), { kind: 'client' });
      return await guard.run(read.priority, read.path, once, read.signal);
    } finally {
      pace.add(options.clock(), performance.now() - begin);
    }
  };

  const call = async (read: Read): Promise<Body> => {
    const what = readInWords(options.name, read.path);
    const begin = performance.now();
    const took = () => performance.now() - begin;
    try {
      const answer = await attempt(read, what).catch(async (thrown: unknown) => {
        await beforeAnother(access, read, coerceError(thrown), thrown);
        return attempt(read, what);
      });
      options.onOutcome?.('ok', took());
      return answer;
    } catch (thrown) {
      const error = read.signal.aborted
        ? stopped(read.signal, what.text)
        : notAnswered(thrown, what.text, access.server);
      options.onOutcome?.(error.code, took());
      options.log.debug({ cluster: options.name, read: what.text, code: error.code }, 'a read of the cluster failed');
      throw clean(error, options.redactor);
    }
  };

  return {
    name: options.name,
    server: access.server,
    simulated: options.simulated,
    text: call,
    json: async (read) => parsed(await call(read), readInWords(options.name, read.path).text),
    paceMs: () => pace.p95(options.clock()),
    close: () => access.close(),
  };
}

/** One request, within its deadline, credentials included: an exec plugin may hang as well. */
async function ask(access: Access, read: Read, what: ReadInWords): Promise<Body> {
  const signal = AbortSignal.any([read.signal, AbortSignal.timeout(CALL_MS[read.priority])]);
  try {
    const { dispatcher, headers } = await unlessAborted(access.credentials(), signal);
    const response = await fetch(urlOf(access.server, read), {
      dispatcher,
      headers: { accept: read.accept ?? 'application/json', 'user-agent': 'lambda-responder', ...headers },
      redirect: 'manual',
      signal,
    });
    const body = await readBounded(response.body, read.maxBytes ?? MAX_BYTES);
    if (!response.ok) throw answeredWith(response.status, body.text, what, response.headers.get('retry-after'));
    return body;
  } catch (thrown) {
    throw notAnswered(thrown, what.text, access.server);
  }
}

/** Prepares a second try where one can help; otherwise rethrows. */
async function beforeAnother(access: Access, read: Read, error: ResponderError, thrown: unknown): Promise<void> {
  if (read.signal.aborted) throw thrown;
  if (error.code === 'unauthorized') return access.renew();
  if (error.code === 'unreachable' && wasReset(error)) return;
  const wait = error.retryAfterMs ?? 1_000;
  if (error.code === 'rate_limited' && read.priority === 'person' && wait <= PATIENCE_MS)
    return sleep(wait, read.signal);
  throw thrown;
}

/** The server closed a kept-alive connection while we wrote to it, which says nothing about its health. */
function wasReset(error: Error): boolean {
  for (let at: unknown = error, depth = 0; Error.isError(at) && depth < 5; at = at.cause, depth += 1) {
    const code = 'code' in at ? at.code : '';
    if (code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE') return true;
  }
  return false;
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

function parsed(body: Body, what: string): unknown {
  if (body.truncated)
    throw new ResponderError('bad_input', `${what}: the answer is larger than ${MAX_BYTES / 1024 / 1024} MiB`, {
      hint: 'Narrow it: a namespace, a name or a selector.',
    });
  try {
    return JSON.parse(body.text);
  } catch {
    // The parser's error quotes the answer; it is not passed on.
    throw new ResponderError('unavailable', `${what}: the answer is not JSON`, {
      hint: 'Is this address a Kubernetes API server?',
    });
  }
}

/** Servers repeat in their messages what they were sent; secrets are removed before the error leaves this room. */
function clean(error: ResponderError, redactor: Redactor): ResponderError {
  const message = redactor.redact(error.message);
  const hint = error.hint === null ? null : redactor.redact(error.hint);
  if (message === error.message && hint === error.hint) return error;
  const { code, retryAfterMs, retryable } = error;
  return new ResponderError(code, message, {
    retryable,
    ...(hint === null ? {} : { hint }),
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
  });
}

function urlOf(server: string, read: Read): string {
  const url = new URL(`${server}/${read.path.map(encodeSegment).join('/')}`);
  for (const [name, value] of Object.entries(read.query ?? {})) {
    if (value !== null && value !== undefined) url.searchParams.set(name, String(value));
  }
  return url.href;
}

/**
 * No object can have such a name (IsValidPathSegmentName of k8s.io/apimachinery). `.` and `..` would be resolved away by URL
 * parsing, and an API server decodes a path before it takes it apart: `web%2Fexec` is the subresource `exec` of `web`.
 */
function encodeSegment(segment: string): string {
  if (/^\.{0,2}$|[/%]/.test(segment) || !segment.isWellFormed())
    throw new ResponderError('bad_input', `${JSON.stringify(segment)} is not a name`);
  return encodeURIComponent(segment);
}
