import { bulkhead, ConsecutiveBreaker, circuitBreaker, handleWhen, isBrokenCircuitError, wrap } from 'cockatiel';
import type { PrometheusDriver } from 'prometheus-query';
import { coerceError, type ErrorCode, ResponderError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { agentsThrough } from '../network/agents.ts';
import type { ProxyFor } from '../network/proxies.ts';
import { answered, toError, withStatus } from './queryErrors.ts';

const CALL_MS = 5_000;
const MAX_BYTES = 16 * 1024 * 1024;

export interface CallOptions {
  readonly log: Logger;
  /** The proxies of the environment; none unless given. */
  readonly proxyFor?: ProxyFor | null;
  /** Called with how each call ended, `ok` or the code of its error, and its duration in milliseconds. */
  readonly onOutcome?: (outcome: 'ok' | ErrorCode, ms: number) => void;
  /** Called with true when the circuit opens after repeated failures, and with false when it closes. */
  readonly onBreaker?: (open: boolean) => void;
}

/** One call: `what` names it in errors and the log. @throws ResponderError */
type Call = <T>(
  what: string,
  signal: AbortSignal,
  work: (driver: PrometheusDriver) => Promise<T>,
  more?: {
    /** Longer than a URL may be: sent as a form. */
    readonly long?: boolean;
    /** Sent instead of the parameters the driver knows. */
    readonly params?: Readonly<Record<string, string>>;
  },
) => Promise<T>;

/**
 * Calls of one Prometheus, at most six at once; the circuit opens for 10 s after five failures in a row.
 * @param address with user and password in it where it asks for them
 * @returns the address without them
 */
export function createCaller(given: URL, options: CallOptions): { readonly call: Call; readonly address: string } {
  const url = new URL(given);
  const { username, password } = url;
  url.username = '';
  url.password = '';
  const address = url.href.replace(/\/+$/, '');
  const auth = username
    ? { auth: { username: decodeURIComponent(username), password: decodeURIComponent(password) } }
    : {};
  // With agents that know the proxy, or that there is none, the client does not read the environment itself.
  const agents = agentsThrough(options.proxyFor?.(url) ?? null);
  const policy = pacing(options);
  /** The driver takes no signal and no bound; its interceptor does, and so each call has a driver of its own. */
  const call: Call = async (what, signal, work, more = {}) => {
    const begin = performance.now();
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(CALL_MS)]);
    const { PrometheusDriver } = await import('./driver.ts');
    const driver = new PrometheusDriver({
      endpoint: address,
      timeout: CALL_MS,
      preferPost: more.long ?? false,
      ...auth,
      requestInterceptor: {
        onFulfilled(config) {
          if (more.params) config.params = new URLSearchParams(more.params);
          const transformResponse = [parseAnswer];
          return Object.assign(config, { signal: deadline, maxContentLength: MAX_BYTES, transformResponse, ...agents });
        },
      },
      responseInterceptor: { onFulfilled: (response) => answered(response, what), onRejected: withStatus },
    });
    try {
      const answer = await policy.execute(() =>
        work(driver).catch((thrown: unknown) => Promise.reject(toError(thrown, what, signal))),
      );
      options.onOutcome?.('ok', performance.now() - begin);
      return answer;
    } catch (thrown) {
      const error = isBrokenCircuitError(thrown)
        ? new ResponderError('unavailable', 'Prometheus failed five times in a row: circuit open for 10 s')
        : toError(thrown, what, signal);
      options.log.debug({ what, code: error.code }, 'a query of Prometheus failed');
      options.onOutcome?.(error.code, performance.now() - begin);
      throw error;
    }
  };
  return { call, address };
}

function pacing({ onBreaker }: CallOptions) {
  const failed = handleWhen((error) => ['unreachable', 'unavailable', 'timeout'].includes(coerceError(error).code));
  const breaker = circuitBreaker(failed, { halfOpenAfter: 10_000, breaker: new ConsecutiveBreaker(5) });
  breaker.onBreak(() => onBreaker?.(true));
  breaker.onReset(() => onBreaker?.(false));
  return wrap(bulkhead(6, 100), breaker);
}

/** The client makes NaN of Prometheus' `+Inf`, which is the second of a pair of time and value. */
function parseAnswer(text: unknown): unknown {
  if (typeof text !== 'string') return text;
  try {
    return JSON.parse(text, (key, value: unknown) =>
      key === '1' && (value === '+Inf' || value === '-Inf') ? `${value}inity` : value,
    );
  } catch {
    // A page of something else, which `answered` says.
    return text;
  }
}
