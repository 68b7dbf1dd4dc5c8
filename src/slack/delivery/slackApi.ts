import type { WebClient } from '@slack/web-api';
import {
  type CircuitBreakerPolicy,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
  isBrokenCircuitError,
} from 'cockatiel';
import { coerceError, ResponderError } from '../../errors.ts';
import type { Logger } from '../../logger.ts';
import { inSpan } from '../../telemetry/tracing.ts';
import { seconds } from '../../wording/lengths.ts';
import { unlessAborted } from '../deadline.ts';
import { hasNoEffect } from './effect.ts';
import type { Pacing, Slot } from './pacing.ts';
import { slackFailure, slackReason } from './slackErrors.ts';
import { createProbes } from './waitProbes.ts';

const FAILURES = 5;
const OPEN_MS = 5_000;
/** Age, milliseconds, at which the failure of a method that was not called since is forgotten. */
const FORGET_MS = 10 * 60_000;

/** Methods that change nothing; what they read may be for several jobs at once. */
const READING = /\.(?:info|list|history|replies|getPermalink|test)$/;

/** Paced calls to Slack's Web API. */
export interface SlackApi {
  readonly client: WebClient;
  /**
   * Runs one call when its slot is free. Rejects with SlackFailure; a 429 is waited for once when Slack asks for a short
   * time. A rejection without Slack's `reason` means the outcome is unknown: the call may have taken effect.
   * @param ledger where it is written down that the call is made, once nothing of ours holds it up any more
   */
  call<T>(slot: Slot, signal: AbortSignal, run: (client: WebClient) => Promise<T>, ledger?: CallLedger): Promise<T>;
}

/** What is durably known of a call that cannot be taken back. */
export interface CallLedger {
  /** Committed before the call is made. */
  begin(): Promise<void>;
  /** The call is known to have had no effect. */
  unsent(): Promise<void>;
}

export interface SlackApiOptions {
  readonly client: WebClient;
  readonly pacing: Pacing;
  readonly log: Logger;
  /** Told after each call, so that the door's status can say what is wrong with Slack. */
  readonly onOutcome: (slot: Slot, error: ResponderError | null, ms: number) => void;
  /** Awaited right before whatever changes something in Slack; rejects when another process has the work by now. */
  readonly stillOurs?: () => Promise<void>;
  /** Told at once that none of Slack's methods is left alone, and of each change. */
  readonly onBreaker?: (open: boolean) => void;
}

export function createSlackApi(options: SlackApiOptions): SlackApi {
  const { client, log, onBreaker } = options;
  const breakers = createBreakers(log, onBreaker);
  const door: Door = { ...options, stillOurs: options.stillOurs ?? (async () => {}), probes: createProbes() };
  return {
    client,
    async call(slot, signal, run, ledger) {
      const once = () => inTurn({ slot, signal, run, ledger }, door);
      try {
        return await breakers.run(slot, once);
      } catch (thrown) {
        // A 429 means it did not take effect, so trying again doubles nothing; the pacing waits as long as Slack asked.
        if (signal.aborted || slackReason(thrown) === null || coerceError(thrown).code !== 'rate_limited') throw thrown;
        return await breakers.run(slot, once);
      }
    },
  };
}

/** What every call passes. */
type Door = SlackApiOptions &
  Required<Pick<SlackApiOptions, 'stillOurs'>> & { readonly probes: ReturnType<typeof createProbes> };

interface Call<T> {
  readonly slot: Slot;
  readonly signal: AbortSignal;
  readonly run: (client: WebClient) => Promise<T>;
  readonly ledger: CallLedger | undefined;
}

/** Makes one call once its slot is free. */
async function inTurn<T>(call: Call<T>, door: Door): Promise<T> {
  const { slot } = call;
  await door.pacing.take(slot, call.signal);
  try {
    door.probes.begin(slot);
  } catch (thrown) {
    await door.pacing.giveBack(slot);
    throw thrown;
  }
  try {
    return await make(call, door);
  } finally {
    door.probes.end(slot);
  }
}

async function make<T>({ slot, signal, run, ledger }: Call<T>, door: Door): Promise<T> {
  const { client, probes, onOutcome, stillOurs } = door;
  // Before the note, lest it hides that another has posted since; and after it, as it may take its time.
  if (!READING.test(slot.method)) await stillOurs();
  await ledger?.begin();
  if (ledger) await stillOurs();
  const began = performance.now();
  const took = () => performance.now() - began;
  try {
    const result = await inSpan(`slack ${slot.method}`, {}, () => unlessAborted(run(client), signal), {
      kind: 'client',
    });
    probes.open(slot);
    onOutcome(slot, null, took());
    return result;
  } catch (thrown) {
    signal.throwIfAborted();
    const failure = slackFailure(thrown, slot.method, slot.channel);
    await pace(failure, slot, door);
    onOutcome(slot, failure, took());
    door.log.debug({ method: slot.method, channel: slot.channel, code: failure.code }, failure.message);
    if (hasNoEffect(failure)) await ledger?.unsent();
    throw failure;
  }
}

/** What a failure says about how fast the next calls may be. */
async function pace(failure: ResponderError, slot: Slot, { pacing, probes }: Door): Promise<void> {
  // What did not reach Slack does not count there either.
  if (failure.code === 'unreachable' || failure.code === 'unavailable') await pacing.giveBack(slot);
  if (failure.code !== 'rate_limited') return;
  probes.held(slot, failure.retryAfterMs ?? 0);
  await pacing.hold(slot, failure.retryAfterMs ?? 1_000);
}

/**
 * A breaker a method, because Slack tends to fail in parts: a job that would wait ten seconds for no answer gives its place
 * to others instead.
 */
function createBreakers(log: Logger, onBreaker: (open: boolean) => void = () => {}) {
  const policies = new Map<string, CircuitBreakerPolicy>();
  const failing = new Map<string, NodeJS.Timeout>();
  const works = (method: string) => {
    clearTimeout(failing.get(method));
    failing.delete(method);
    onBreaker(failing.size > 0);
  };
  const fails = (method: string) => {
    if (!failing.has(method)) log.warn({ method }, 'circuit open: a method of Slack keeps failing');
    clearTimeout(failing.get(method));
    failing.set(method, setTimeout(works, FORGET_MS, method).unref());
    onBreaker(true);
  };
  onBreaker(false);
  const made = (slot: Slot): CircuitBreakerPolicy => {
    const policy = circuitBreaker(silent(slot), breakerOptions());
    policy.onBreak(() => fails(slot.method));
    policy.onReset(() => works(slot.method));
    policies.set(slot.method, policy);
    return policy;
  };
  return {
    async run<T>(slot: Slot, call: () => Promise<T>): Promise<T> {
      const policy = policies.get(slot.method) ?? made(slot);
      try {
        return await policy.execute(call);
      } catch (thrown) {
        if (!isBrokenCircuitError(thrown)) throw thrown;
        throw new ResponderError('unavailable', `Slack failed ${FAILURES} times in a row (${slot.method})`, {
          cause: thrown,
          hint: `Circuit open for ${seconds(OPEN_MS)}, then it is retried.`,
        });
      }
    },
  };
}

function silent(slot: Slot) {
  return handleWhen((error) =>
    ['timeout', 'unreachable', 'unavailable'].includes(slackFailure(error, slot.method, slot.channel).code),
  );
}

function breakerOptions() {
  return { halfOpenAfter: OPEN_MS, breaker: new ConsecutiveBreaker(FAILURES) };
}
