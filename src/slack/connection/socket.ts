import type { ReceiverEvent } from '@slack/bolt';
import { SocketModeClient } from '@slack/socket-mode';
import { ResponderError } from '../../errors.ts';
import type { Logger } from '../../logger.ts';
import type { ProxyFor } from '../../network/proxies.ts';
import { seconds } from '../../wording/lengths.ts';
import { within } from '../deadline.ts';
import { slackFailure } from '../delivery/slackErrors.ts';
import type { Clock } from '../ports.ts';
import { boltLog } from './boltLog.ts';
import { openTunnel } from './tunnel.ts';

/** Why a connection stops being good: Slack wants it replaced, or it is gone. */
export type Ending = { readonly kind: 'retiring' } | { readonly kind: 'ended'; readonly reason: string | null };

/** One Socket Mode connection, open and greeted. */
export interface Connection {
  /** Resolves once, when it has to be replaced. A retiring one still delivers until it is closed. */
  readonly ending: Promise<Ending>;
  /** Acknowledges what it delivered, which can be done nowhere else, and closes it. */
  close(): Promise<void>;
}

export interface SocketOptions {
  readonly appToken: string;
  /** Base of the Web API, for `apps.connections.open`; null for Slack itself. */
  readonly apiUrl: string | null;
  /** The proxies of the environment; null: none. */
  readonly proxyFor: ProxyFor | null;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onEvent: (event: ReceiverEvent) => Promise<void>;
}

const OPEN_MS = 15_000;
const CLOSE_MS = 2_000;
/** Age, milliseconds, of an envelope from which Slack takes no acknowledgement any more. */
const ACK_MS = 3_000;
/** A stall of the event loop below this does not look like a dead connection. */
const PONG_MS = 10_000;

/**
 * Opens one connection. The SDK's own reconnecting leaves a gap of five seconds at each refresh, backs off without
 * ceiling and ends the process when it gives up, so it is switched off and done in connect.ts: a refresh
 * opens the next connection before it closes this one.
 * @throws SlackFailure / ResponderError when it cannot be opened within 15 s.
 */
export async function openConnection(options: SocketOptions, signal: AbortSignal): Promise<Connection> {
  const tunnel = options.proxyFor && openTunnel(options.proxyFor);
  const client = createClient(options, tunnel);
  let end: (ending: Ending) => void = () => {};
  const ending = new Promise<Ending>((resolve) => {
    end = resolve;
  });
  let reason: string | null = null;
  // The SDK tells why it could not connect, and then rejects without a reason.
  let failure: unknown = null;
  client.on('error', (error: { readonly original?: unknown }) => {
    failure = error.original ?? error;
  });
  filterMessages(client, options.log, (why) => {
    reason = why;
    end(
      why === 'link_disabled' || why === 'too_many_websockets' ? { kind: 'ended', reason: why } : { kind: 'retiring' },
    );
  });
  client.on('disconnected', () => {
    tunnel?.destroy();
    end({ kind: 'ended', reason });
  });
  const taking = new Set<Promise<void>>();
  client.on('slack_event', (delivered: Delivered) => {
    const taken = hand(delivered, options)
      .catch((err: unknown) => options.log.error({ err }, 'an event from Slack was not handled'))
      .finally(() => taking.delete(taken));
    taking.add(taken);
  });
  const started = client.start();
  try {
    await greeted(started, () => failure, options.clock, signal);
  } catch (thrown) {
    void client.disconnect();
    // What was under way when we gave up may still open a connection, which nobody would ever close.
    started.then(
      () => client.disconnect(),
      () => {},
    );
    throw slackFailure(thrown, 'apps.connections.open', null);
  }
  return {
    ending,
    async close() {
      const until = options.clock.now() + ACK_MS;
      // More may be delivered meanwhile: it is closed at a moment when nothing waits for its acknowledgement.
      for (let left = ACK_MS; taking.size > 0 && left > 0; left = until - options.clock.now())
        await within(Promise.all(taking), left, options.clock);
      // A peer that never completes the closing handshake would hold us for thirty seconds.
      await within(client.disconnect(), CLOSE_MS, options.clock);
    },
  };
}

function createClient(options: SocketOptions, tunnel: ReturnType<typeof openTunnel> | null): SocketModeClient {
  return new SocketModeClient({
    appToken: options.appToken,
    autoReconnectEnabled: false,
    clientPingTimeout: PONG_MS,
    logger: boltLog(options.log),
    ...(tunnel ? { dispatcher: tunnel.dispatcher } : {}),
    // Its own object each time: the client writes into it. Never `headers`: they would replace the app token.
    clientOptions: {
      ...(options.apiUrl === null ? {} : { slackApiUrl: options.apiUrl }),
      timeout: 10_000,
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
    },
  });
}

/** `slack_event` of the SDK, as @slack/bolt's own receiver reads it. */
interface Delivered {
  readonly ack: (response?: Record<string, unknown>) => Promise<void>;
  readonly body: ReceiverEvent['body'];
  readonly retry_num?: number;
  readonly retry_reason?: string;
}

async function hand(delivered: Delivered, options: SocketOptions): Promise<void> {
  await options.onEvent({
    body: delivered.body,
    ack: async (response) => {
      const answer = typeof response === 'string' ? { text: response } : response;
      // What Slack accepts as an answer is a JSON object; Bolt's type for it says anything.
      await delivered.ack(answer ? (answer as Record<string, unknown>) : {});
    },
    ...(delivered.retry_num === undefined ? {} : { retryNum: delivered.retry_num }),
    ...(delivered.retry_reason === undefined ? {} : { retryReason: delivered.retry_reason }),
  });
}

/** Waits for the client to start; without a `hello` the SDK would wait for ever. */
async function greeted(
  starting: Promise<unknown>,
  failure: () => unknown,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const started = starting.then(
    () => null,
    (thrown: unknown) => {
      const said = 'Slack closed the Socket Mode connection before greeting it';
      throw thrown ?? failure() ?? new ResponderError('unreachable', said);
    },
  );
  const stopped = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  signal.throwIfAborted();
  const outcome = await Promise.race([within(started, OPEN_MS, clock), stopped]);
  if (outcome === 'late')
    throw new ResponderError('timeout', `Slack opened no Socket Mode connection within ${seconds(OPEN_MS)}`);
}

/**
 * Stands before the SDK's handler of raw messages, which would close the connection at the first `disconnect` and throws
 * past every catch on an `events_api` envelope without an inner event (`app_rate_limited`).
 */
function filterMessages(client: SocketModeClient, log: Logger, onDisconnect: (reason: string) => void): void {
  const handlers = client.listeners('ws_message');
  client.removeAllListeners('ws_message');
  client.on('ws_message', (raw: unknown, isBinary: boolean) => {
    const message = isBinary ? null : readMessage(raw);
    if (message === null) return;
    if (message.type === 'disconnect') {
      log.info({ reason: message.reason }, 'Slack asks to replace the connection');
      onDisconnect(message.reason);
      return;
    }
    if (message.type === 'events_api' && !message.hasEvent) {
      log.warn('Slack is holding back events: too many in an hour (app_rate_limited)');
      return;
    }
    for (const handler of handlers)
      Promise.resolve(handler(raw, isBinary)).catch((err: unknown) =>
        log.warn({ err }, 'a message from Slack could not be read'),
      );
  });
}

function readMessage(raw: unknown): { type: string; reason: string; hasEvent: boolean } | null {
  if (typeof raw !== 'string') return null;
  try {
    const parsed: unknown = JSON.parse(raw);
    if (typeof parsed !== 'object' || parsed === null || !('type' in parsed)) return null;
    const payload = 'payload' in parsed && typeof parsed.payload === 'object' ? parsed.payload : null;
    return {
      type: String(parsed.type),
      reason: 'reason' in parsed ? String(parsed.reason) : 'unknown',
      hasEvent: payload !== null && 'event' in payload && typeof payload.event === 'object' && payload.event !== null,
    };
  } catch {
    return null;
  }
}
