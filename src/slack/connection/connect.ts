import type { AuthTestResponse } from '@slack/web-api';
import { coerceError, ResponderError } from '../../errors.ts';
import type { Logger } from '../../logger.ts';
import { seconds } from '../../wording/lengths.ts';
import type { SlackApi } from '../delivery/slackApi.ts';
import { missingScope } from '../delivery/slackErrors.ts';
import type { Clock } from '../ports.ts';
import { createFloor, type Floor } from './floor.ts';
import { type Connection, openConnection, type SocketOptions } from './socket.ts';
import type { ConnectionState, Identity } from './state.ts';

/** Keeps the door connected until it is stopped. */
export interface Keeper {
  stop(): Promise<void>;
}

interface KeeperOptions {
  readonly api: SlackApi;
  readonly state: ConnectionState;
  readonly clock: Clock;
  readonly log: Logger;
  /** Called each time Slack accepted us. */
  readonly onReady: (signal: AbortSignal) => void;
}

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 10_000;
/** Pause, milliseconds, between attempts after a refusal that a person has to put right. */
const REFUSED_RETRY_MS = 30_000;
const MINUTE_MS = 60_000;
const CHECK_MS = MINUTE_MS;

/** Why a connection was opened: the first one, one Slack asked to have replaced, or one that was lost. */
export type Because = 'start' | 'refresh' | 'lost';

export interface SocketKeeperOptions extends KeeperOptions {
  readonly socket: SocketOptions;
  readonly onConnection: (because: Because) => void;
}

/**
 * Socket Mode: connects in the background, replaces connections without a gap and not too often, and never gives up.
 */
export function keepSocket(options: SocketKeeperOptions): Keeper {
  const floor = createFloor(options.clock);
  let because: Because = 'start';
  return keep(options, async (signal, connected) => {
    let current: Connection | null = null;
    try {
      for (;;) {
        const wait = floor.over();
        tellShortLived(options, floor);
        if (wait > 0) await options.clock.sleep(wait, signal);
        const next = await openConnection(options.socket, signal);
        floor.opened();
        options.onConnection(because);
        because = 'refresh';
        const previous = current;
        current = next;
        connected();
        await previous?.close();
        const ending = await unlessAborted(next.ending, signal);
        if (ending.kind === 'ended') throw endedBecause(ending.reason);
      }
    } finally {
      if (current !== null) because = 'lost';
      await current?.close();
    }
  });
}

/** Connections in a row that did not last, from which it is told: so many are no accident. */
const SHORT_LIVED = 3;

function tellShortLived({ state, clock }: KeeperOptions, floor: Floor): void {
  const shortLived = floor.shortLived();
  if (shortLived === null || shortLived.times < SHORT_LIVED) {
    state.passing('Socket Mode', null);
    return;
  }
  const words =
    `Slack closed or asked to replace ${shortLived.times} Socket Mode connections in a row within a minute of opening them: ` +
    `a new one is opened every ${seconds(shortLived.apartMs)} at the most.`;
  state.passing('Socket Mode', { words, until: clock.now() + 2 * MINUTE_MS });
}

/** HTTP mode: Slack comes to us; that the token works and Slack can be reached is checked once a minute. */
export function keepHttp(options: KeeperOptions): Keeper {
  return keep(options, async (signal, connected) => {
    for (;;) {
      connected();
      await options.clock.sleep(CHECK_MS, signal);
      await identify(options, signal);
    }
  });
}

function keep(options: KeeperOptions, live: (signal: AbortSignal, connected: () => void) => Promise<void>): Keeper {
  const { state, clock, log } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  let failures = 0;
  const connected = (): void => {
    failures = 0;
    const isNew = !state.status().connected;
    state.connection(true, null);
    const { problem } = state.status();
    if (isNew) log.info({ team: state.identity.team }, 'connected to Slack');
    if (isNew && problem !== null) log.warn({ problem }, 'Slack refuses the app something it needs');
    options.onReady(signal);
  };
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        await identify(options, signal);
        await live(signal, connected);
      } catch (thrown) {
        if (signal.aborted) break;
        const error = coerceError(thrown);
        if (failures === 0 || error.code === 'unauthorized')
          log.warn({ err: error, hint: error.hint }, 'Slack is not connected');
        state.connection(false, error);
        failures += 1;
        await clock.sleep(retryDelay(error, failures), signal).catch(() => {});
      }
    }
    state.connection(false, new ResponderError('cancelled', 'stopped'));
  };
  const running = run();
  return {
    async stop() {
      stopping.abort(new ResponderError('cancelled', 'The connection to Slack is being closed'));
      await running;
    },
  };
}

function retryDelay(error: ResponderError, failures: number): number {
  if (error.retryAfterMs !== null && error.code === 'rate_limited') return error.retryAfterMs;
  if (error.code === 'unauthorized' || error.code === 'forbidden' || error.code === 'conflict') return REFUSED_RETRY_MS;
  const ceiling = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(failures - 1, 10));
  // Half fixed, half random, so that replicas do not come back in step.
  return ceiling / 2 + (Math.random() * ceiling) / 2;
}

/** Scopes without which nobody can be told from a guest, and what is called with them: told before anybody is refused. */
const GUARDING: readonly (readonly [scope: string, method: string])[] = [
  ['users:read', 'users.info'],
  ['channels:read', 'conversations.info'],
];

/** Learns who we are and what we may: the answer to auth.test lists the scopes (https://docs.slack.dev/authentication/installing-with-oauth). */
async function identify({ api, state }: KeeperOptions, signal: AbortSignal): Promise<void> {
  const slot = { method: 'auth.test', channel: null, priority: 'urgent' } as const;
  const answer = await api.call(slot, signal, (client) => client.auth.test());
  const scopes = answer.response_metadata?.scopes;
  if (scopes)
    for (const [scope, method] of GUARDING)
      state.outcome(method, scopes.includes(scope) ? null : missingScope(method, scope));
  state.identity = identityOf(answer);
}

function identityOf(answer: AuthTestResponse): Identity {
  return {
    team: answer.team ?? null,
    teamId: answer.team_id ?? null,
    enterpriseId: answer.enterprise_id ?? null,
    botUserId: answer.user_id ?? null,
    botId: answer.bot_id ?? null,
  };
}

function endedBecause(reason: string | null): ResponderError {
  if (reason === 'link_disabled')
    return new ResponderError('conflict', 'Socket Mode is switched off for the app', {
      hint: 'Switch it on under "Socket Mode" of the app, or set SLACK_SIGNING_SECRET for HTTP mode.',
    });
  if (reason === 'too_many_websockets')
    return new ResponderError('conflict', 'The app has ten Socket Mode connections already', {
      hint: 'Stop other processes that use the same SLACK_APP_TOKEN.',
    });
  return new ResponderError('unreachable', 'The Socket Mode connection was lost');
}

async function unlessAborted<T>(waiting: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  return await Promise.race([
    waiting,
    new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true })),
  ]);
}
