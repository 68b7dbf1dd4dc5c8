import {
  ConsecutiveBreaker,
  circuitBreaker,
  decorrelatedJitterGenerator,
  ExponentialBackoff,
  handleWhen,
  isBrokenCircuitError,
  retry,
  wrap,
} from 'cockatiel';
import { z } from 'zod';
import { coerceError, type ErrorCode, ResponderError } from '../errors.ts';
import type { PolledAlert } from '../incidents/decide/poll.ts';
import { createReach, type ReachDetail } from '../network/reach.ts';
import { countCalls, type Metrics } from '../telemetry/metrics.ts';
import { seconds } from '../wording/lengths.ts';

/** Deadline of one answer, body included, in milliseconds. */
const CALL_MS = 10_000;
/** As much as a webhook may carry: 10,000 alerts are about 11 MiB. */
const MAX_BYTES = 32 * 1024 * 1024;
const OPEN_MS = 20_000;

/** Alertmanager's API v2, read-only. Throws ResponderError by code. */
export interface Alertmanager {
  /** Without credentials, for people. */
  readonly address: string;
  /** Every alert it knows, the silenced and inhibited ones too. */
  alerts(signal: AbortSignal): Promise<readonly PolledAlert[]>;
}

const time = z.string().transform((text) => Date.parse(text));
/** https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml, definition gettableAlert. */
const alerts = z.array(
  z.object({
    fingerprint: z.string(),
    startsAt: time,
    status: z.object({
      state: z.string(),
      silencedBy: z.array(z.string()).nullish(),
      inhibitedBy: z.array(z.string()).nullish(),
    }),
  }),
);
const silences = z.array(z.object({ id: z.string(), endsAt: time }));

export interface AlertmanagerWatch {
  /** Called with how each call ended, `ok` or the code of its error, and its duration in milliseconds. */
  onCall?(outcome: 'ok' | ErrorCode, ms: number): void;
  /** Called with true when the circuit opens after repeated failures, and with false when it closes. */
  onBreaker?(open: boolean): void;
}

/** The Alertmanager that is polled: its calls counted, and how it answered last. Of several replicas one polls at a time. */
export interface WatchedAlertmanager extends Required<AlertmanagerWatch> {
  detail(): ReachDetail & { readonly configured: boolean };
}

/** @param configured false where none is polled: then nothing is counted. */
export function watchAlertmanager(configured: boolean, metrics: Metrics, clock: () => number): WatchedAlertmanager {
  const count = countCalls(metrics, 'alertmanager');
  const reach = createReach(clock);
  const onBreaker = (open: boolean) => {
    metrics.breakerOpen.set({ dependency: 'alertmanager', target: 'alertmanager' }, open ? 1 : 0);
    reach.breaker(open);
  };
  if (configured) onBreaker(false);
  return {
    onCall(outcome, ms) {
      count(outcome, ms);
      reach.outcome(outcome);
    },
    onBreaker,
    detail: () => ({ configured, ...reach.detail() }),
  };
}

/**
 * @param url of Alertmanager; a path prefix (`--web.route-prefix`) is kept, user and password in it are sent as basic
 * authentication. No call is made yet.
 */
export function openAlertmanager(url: string, watch: AlertmanagerWatch = {}): Alertmanager {
  const base = new URL(url);
  const headers: Record<string, string> = { accept: 'application/json' };
  if (base.username !== '') {
    const pair = `${decodeURIComponent(base.username)}:${decodeURIComponent(base.password)}`;
    headers.authorization = `Basic ${Buffer.from(pair).toString('base64')}`;
  }
  base.username = '';
  base.password = '';
  base.search = '';
  base.hash = '';
  const address = base.href.replace(/\/+$/, '');
  const passing = handleWhen((error) => ['unreachable', 'unavailable', 'timeout'].includes(coerceError(error).code));
  const breaker = circuitBreaker(passing, { halfOpenAfter: OPEN_MS, breaker: new ConsecutiveBreaker(6) });
  breaker.onBreak(() => watch.onBreaker?.(true));
  breaker.onReset(() => watch.onBreaker?.(false));
  const policy = wrap(
    retry(passing, {
      maxAttempts: 1,
      backoff: new ExponentialBackoff({ initialDelay: 500, generator: decorrelatedJitterGenerator }),
    }),
    breaker,
  );

  const read = async <T>(path: string, schema: z.ZodType<T>, signal: AbortSignal): Promise<T> => {
    const begin = performance.now();
    try {
      const answer = await policy.execute(() => get(`${address}${path}`, headers, schema, signal), signal);
      watch.onCall?.('ok', performance.now() - begin);
      return answer;
    } catch (thrown) {
      const error = isBrokenCircuitError(thrown)
        ? new ResponderError('unavailable', `Alertmanager (${address}) failed: circuit open for ${seconds(OPEN_MS)}`)
        : coerceError(thrown);
      watch.onCall?.(error.code, performance.now() - begin);
      throw error;
    }
  };
  return {
    address,
    async alerts(signal) {
      const found = await read('/api/v2/alerts?active=true&silenced=true&inhibited=true', alerts, signal);
      const silenced = found.some(({ status }) => (status.silencedBy ?? []).length > 0);
      const ends = new Map(
        silenced ? (await read('/api/v2/silences', silences, signal)).map(({ id, endsAt }) => [id, endsAt]) : [],
      );
      return found.map(({ fingerprint, startsAt, status }) => ({
        fingerprint,
        startsAt,
        suppressed: status.state === 'suppressed',
        silencedUntil: lastEnd(status.silencedBy ?? [], ends),
      }));
    },
  };
}

/** Epoch ms at which the last of an alert's silences ends. */
function lastEnd(ids: readonly string[], ends: ReadonlyMap<string, number>): number | null {
  const times = ids.map((id) => ends.get(id)).filter((at) => at !== undefined);
  return times.length === 0 ? null : Math.max(...times);
}

async function get<T>(
  url: string,
  headers: Readonly<Record<string, string>>,
  schema: z.ZodType<T>,
  signal: AbortSignal,
): Promise<T> {
  const deadline = AbortSignal.timeout(CALL_MS);
  try {
    const response = await fetch(url, { headers, redirect: 'manual', signal: AbortSignal.any([signal, deadline]) });
    if (!response.ok) {
      await response.body?.cancel();
      throw refusal(response.status, url);
    }
    return understood(schema, await bodyOf(response, url), url);
  } catch (thrown) {
    signal.throwIfAborted();
    const error = coerceError(thrown);
    // What fetch cannot name more precisely is a TypeError: the address could not be reached.
    const code =
      error.code === 'internal' && Error.isError(thrown) && thrown.name === 'TypeError' ? 'unreachable' : null;
    if (code === null && error.code !== 'unreachable' && error.code !== 'timeout') throw error;
    throw new ResponderError(code ?? error.code, `Alertmanager: ${url} does not answer: ${error.message}`, {
      hint: 'Is ALERTMANAGER_URL right, and Alertmanager reachable from here?',
    });
  }
}

async function bodyOf(response: Response, url: string): Promise<string> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop early cancels the body.
  for await (const piece of response.body ?? []) {
    size += piece.byteLength;
    if (size > MAX_BYTES)
      throw new ResponderError('bad_input', `Alertmanager: ${url} sent more than ${MAX_BYTES / 1024 / 1024} MiB`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

function understood<T>(schema: z.ZodType<T>, text: string, url: string): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new ResponderError('bad_input', `Alertmanager: ${url} did not answer as the API v2 of Alertmanager does`, {
      cause,
      hint: 'Is ALERTMANAGER_URL the address of an Alertmanager, with its path prefix?',
    });
  }
}

const CODES: Readonly<Record<number, ErrorCode>> = { 401: 'unauthorized', 403: 'forbidden', 404: 'not_found' };

function refusal(status: number, url: string): ResponderError {
  const code = CODES[status] ?? (status >= 500 || status === 429 ? 'unavailable' : 'bad_input');
  const hint =
    code === 'unauthorized' || code === 'forbidden'
      ? 'Put user and password into ALERTMANAGER_URL.'
      : code === 'not_found' || code === 'bad_input'
        ? 'Is ALERTMANAGER_URL the address of an Alertmanager, with its path prefix?'
        : undefined;
  return new ResponderError(code, `Alertmanager: ${url} answered ${status}`, hint === undefined ? {} : { hint });
}
