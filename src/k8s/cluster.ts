import {
  BrokenCircuitError,
  BulkheadRejectedError,
  bulkhead,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
  wrap,
} from 'cockatiel';
import { fetch } from 'undici';
import { coerceError, ResponderError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { Redactor } from '../redaction/redactor.ts';
import { openAccess } from './access.ts';
import { createBudget, type Priority } from './budget.ts';
import { answeredWith, notAnswered } from './failures.ts';

const CALL_MS: Readonly<Record<Priority, number>> = { person: 10_000, automatic: 3_000 };
const MAX_BYTES = 32 * 1024 * 1024;
const OPEN_MS = 10_000;

export interface Read {
  /** Path segments, each encoded here: nothing typed reaches a path as it is. */
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
  text(read: Read): Promise<{ readonly text: string; readonly truncated: boolean }>;
  close(): Promise<void>;
}

export interface ClusterOptions {
  /** `in-cluster`, or path(s) as KUBECONFIG has them. */
  readonly kubeconfig: string;
  readonly context: string | null;
  readonly name: string;
  readonly simulated: boolean;
  readonly log: Logger;
  readonly redactor: Redactor;
  readonly clock: () => number;
  /** Told after each call: `ok` or an error code. */
  readonly onOutcome?: (outcome: string) => void;
}

/**
 * Opens one cluster; no call is made yet. Every call has a deadline, a rate budget of its priority, a bulkhead and a
 * breaker, so that a hung API server costs its own answers and nothing else.
 */
export function openCluster(options: ClusterOptions): ClusterAccess {
  const access = openAccess(options.kubeconfig, options.context);
  const budget = createBudget(options.clock);
  const serverFailed = handleWhen((error) =>
    ['unreachable', 'unavailable', 'timeout'].includes(coerceError(error).code),
  );
  const breaker = circuitBreaker(serverFailed, { halfOpenAfter: OPEN_MS, breaker: new ConsecutiveBreaker(5) });
  const policy = wrap(bulkhead(12, 200), breaker);

  const call = async (read: Read): Promise<{ text: string; truncated: boolean }> => {
    const what = `GET /${read.path.join('/')}`;
    await budget.take(read.priority, read.signal);
    try {
      const answer = await policy.execute(() => once(read, what));
      options.onOutcome?.('ok');
      return answer;
    } catch (thrown) {
      read.signal.throwIfAborted();
      const error = refusal(thrown, options.name) ?? notAnswered(thrown, what, access.server);
      options.onOutcome?.(error.code);
      options.log.debug({ cluster: options.name, path: what, code: error.code }, 'a read of the cluster failed');
      throw error;
    }
  };

  const once = async (read: Read, what: string) => {
    const deadline = AbortSignal.timeout(CALL_MS[read.priority]);
    try {
      const { dispatcher, headers } = await access.credentials();
      const response = await fetch(urlOf(access.server, read), {
        dispatcher,
        headers: { accept: read.accept ?? 'application/json', ...headers },
        signal: AbortSignal.any([read.signal, deadline]),
      });
      const body = await readBounded(response.body, read.maxBytes ?? MAX_BYTES);
      if (!response.ok) throw answeredWith(response.status, body.text, what, response.headers.get('retry-after'));
      return body;
    } catch (thrown) {
      throw notAnswered(thrown, what, access.server);
    }
  };

  return {
    name: options.name,
    server: access.server,
    simulated: options.simulated,
    text: call,
    async json(read) {
      const { text, truncated } = await call(read);
      if (truncated)
        throw new ResponderError(
          'bad_input',
          `GET /${read.path.join('/')}: the answer is larger than ${MAX_BYTES / 1024 / 1024} MiB`,
          { hint: 'Narrow it: a namespace, a name or a selector.' },
        );
      try {
        return JSON.parse(text);
      } catch (cause) {
        throw new ResponderError('unavailable', `GET /${read.path.join('/')}: the answer is not JSON`, {
          cause,
          hint: 'Is this address a Kubernetes API server?',
        });
      }
    },
    close: () => access.close(),
  };
}

function refusal(thrown: unknown, cluster: string): ResponderError | null {
  if (thrown instanceof BrokenCircuitError) {
    return new ResponderError(
      'unavailable',
      `cluster ${cluster} failed five times in a row and is left alone for ${OPEN_MS / 1000} s`,
      { cause: thrown },
    );
  }
  if (thrown instanceof BulkheadRejectedError) {
    return new ResponderError('unavailable', `too many reads of cluster ${cluster} are waiting`, {
      cause: thrown,
      hint: 'Ask again in a moment.',
    });
  }
  return null;
}

function urlOf(server: string, read: Read): string {
  const url = new URL(`${server}/${read.path.map(encodeSegment).join('/')}`);
  for (const [name, value] of Object.entries(read.query ?? {})) {
    if (value !== null && value !== undefined) url.searchParams.set(name, String(value));
  }
  return url.href;
}

/** `.` and `..` would be resolved away by URL parsing; no object can have such a name. */
function encodeSegment(segment: string): string {
  if (segment === '' || segment === '.' || segment === '..')
    throw new ResponderError('bad_input', `"${segment}" is not a name`);
  return encodeURIComponent(segment);
}

async function readBounded(
  body: AsyncIterable<unknown> | null,
  maxBytes: number,
): Promise<{ text: string; truncated: boolean }> {
  if (!body) return { text: '', truncated: false };
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    const room = maxBytes - size;
    size += chunk.length;
    if (chunk.length >= room) {
      text += decoder.decode(chunk.subarray(0, room));
      return { text, truncated: chunk.length > room };
    }
    text += decoder.decode(chunk, { stream: true });
  }
  return { text: text + decoder.decode(), truncated: false };
}
