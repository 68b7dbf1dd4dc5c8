import type { IncomingMessage, ServerResponse } from 'node:http';
import type { App as BoltApp, HTTPReceiver as BoltReceiver, Receiver, ReceiverEvent } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import type { Invocation } from '../commands/invocation.ts';
import { ResponderError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { ProxyFor } from '../network/proxies.ts';
import { App, HTTPReceiver } from './bolt.ts';
import { systemClock } from './clock.ts';
import { boltLog } from './connection/boltLog.ts';
import { type Because, type Keeper, keepHttp, keepSocket } from './connection/connect.ts';
import { findChannel } from './connection/findChannel.ts';
import { type OnForged, takeRequests } from './connection/requests.ts';
import { type ConnectionState, createState, noteOutcome, type SlackStatus } from './connection/state.ts';
import { within } from './deadline.ts';
import { RedactingClient } from './delivery/client.ts';
import { createDelivery, type Delivery, type DeliveryParts } from './delivery/delivery.ts';
import type { DeliverySettings } from './delivery/deliverySettings.ts';
import { listenToButtons } from './listeners/buttons.ts';
import { createDoor, lookAgain } from './listeners/door.ts';
import { listenToForms } from './listeners/forms.ts';
import { listenToHome } from './listeners/home.ts';
import { listenToMentions } from './listeners/mention.ts';
import { createPeople } from './listeners/people.ts';
import { createPlaces } from './listeners/places.ts';
import { listenToSlash } from './listeners/slash.ts';
import { createGuard, type Guard } from './listeners/standing.ts';
import { listenForTimeline } from './listeners/timeline.ts';
import type { Clock, SlackPorts } from './ports.ts';

export interface SlackConfig extends DeliverySettings {
  readonly botToken: string;
  /** Socket Mode when set. */
  readonly appToken: string | null;
  /** HTTP mode when there is no app token. */
  readonly signingSecret: string | null;
  /** Base of the Web API, ending in `/api/`; null for Slack itself. */
  readonly apiUrl: string | null;
  /** How long a repeat of what a person resolved is no news (`correlation.reopenWindow`). */
  readonly reopenWindowMs: number;
}

export interface SlackOptions {
  readonly config: SlackConfig;
  readonly ports: SlackPorts;
  readonly log: Logger;
  readonly clock?: Clock;
  /** The proxies of the environment, for Socket Mode (all else goes by `fetch`); none unless given. */
  readonly proxyFor?: ProxyFor | null;
  /** Told after each call: `ok` or an error code, and how long it took. */
  readonly onCall?: (outcome: string, ms: number) => void;
  /** Awaited right before whatever changes something in Slack; rejects when another process has the work by now. */
  readonly stillOurs?: () => Promise<void>;
  /** Told at once that none of Slack's methods is left alone after failing, and of each change. */
  readonly onBreaker?: (open: boolean) => void;
  /** Told how many milliseconds an incident waited for its card. */
  readonly onCard?: (ms: number) => void;
  /** Told of each Socket Mode connection that was opened, with why. */
  readonly onConnection?: (because: Because) => void;
}

/** The way from and to Slack. */
export interface SlackDoor {
  readonly delivery: Delivery;
  status(): SlackStatus;
  /** The invocation with who asked and where looked at again, when Slack could not say it at the door. Never rejects. */
  lookAgain(invocation: Invocation, signal: AbortSignal): Promise<Invocation>;
  /** Asks the Web API who we are, so that `status().reachable` is known again; rejects when it does not answer. */
  probe(signal: AbortSignal): Promise<void>;
  /** HTTP mode: answers what Slack posts to `/slack/events` (commands, interactivity, events). The body must be unread. Null in Socket Mode. */
  readonly requestHandler: ((request: IncomingMessage, response: ServerResponse, onForged: OnForged) => void) | null;
  /** Lets what is being taken finish (at most 5 s) and closes the connection. */
  close(): Promise<void>;
}

const DRAIN_MS = 5_000;

/**
 * Opens the door to Slack. Resolves at once: the connection is made in the background and made again for as long as the
 * door is open, and `status()` says how it is. Delivery works whether or not the door is connected.
 * @throws ResponderError `config_invalid` when neither an app token nor a signing secret is given.
 */
export async function startSlack({
  config,
  ports,
  log,
  clock = systemClock,
  proxyFor = null,
  onCall,
  stillOurs,
  onBreaker,
  onCard,
  onConnection = () => {},
}: SlackOptions): Promise<SlackDoor> {
  if (config.appToken === null && !config.signingSecret)
    throw new ResponderError(
      'config_invalid',
      'Slack needs SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP mode)',
    );
  const state = createState(config.appToken === null ? 'http' : 'socket', clock);
  const parts = createDelivery({
    client: webClient(config, ports, log),
    ports,
    settings: config,
    clock,
    log,
    onOutcome(slot, error, ms) {
      noteOutcome(state, clock, slot, error);
      onCall?.(error?.code ?? 'ok', ms);
    },
    ...(stillOurs ? { stillOurs } : {}),
    ...(onBreaker ? { onBreaker } : {}),
    ...(onCard ? { onCard } : {}),
    identity: () => state.identity,
  });
  const intake = createIntake(log);
  const receiver = config.appToken === null ? httpReceiver(config.signingSecret ?? '', log) : null;
  const app = createApp(config, state, log, intake.receiver(receiver));
  const guard = listen(app, state, parts, ports, { config, clock, log });
  const keeper = keepConnected({ config, state, parts, clock, log, intake, proxyFor, onConnection });
  return {
    delivery: parts.delivery,
    status: () => state.status(),
    lookAgain: (invocation, signal) => lookAgain(guard, invocation, signal),
    async probe(signal) {
      const slot = { method: 'auth.test', channel: null, priority: 'urgent' } as const;
      await parts.api.call(slot, signal, (client) => client.auth.test());
    },
    requestHandler: receiver === null ? null : takeRequests(receiver, config.signingSecret ?? '', log),
    async close() {
      await keeper.stop();
      await intake.drained(clock);
    },
  };
}

/** Retrying and pacing are done in delivery: the SDK's would pause every call when one method is limited, and post twice. */
function webClient(config: SlackConfig, { redaction }: SlackPorts, log: Logger): WebClient {
  return new RedactingClient(config.botToken, redaction, {
    ...(config.apiUrl === null ? {} : { slackApiUrl: config.apiUrl }),
    timeout: 10_000,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: boltLog(log),
  });
}

function createApp(config: SlackConfig, state: ConnectionState, log: Logger, receiver: Receiver): BoltApp {
  const app = new App({
    receiver,
    // Known from our own auth.test, so that starting does not depend on Slack being up.
    authorize: async () => ({
      botToken: config.botToken,
      ...(state.identity.botId === null ? {} : { botId: state.identity.botId }),
      ...(state.identity.botUserId === null ? {} : { botUserId: state.identity.botUserId }),
    }),
    convoStore: false,
    ignoreSelf: false,
    logger: boltLog(log),
    clientOptions: config.apiUrl === null ? {} : { slackApiUrl: config.apiUrl },
  });
  app.error(async (error) => {
    throw error;
  });
  return app;
}

function listen(
  app: BoltApp,
  state: ConnectionState,
  { api }: DeliveryParts,
  ports: SlackPorts,
  { config, clock, log }: { readonly config: SlackConfig; readonly clock: Clock; readonly log: Logger },
): Guard {
  const people = createPeople({ api, identity: () => state.identity, seenMembers: ports.seen, clock, log });
  const guard = createGuard(people, createPlaces({ api, seenMembers: ports.seen, clock, log }));
  const door = createDoor({ submissions: ports.submissions, guard, clock, log });
  listenToForms(app, door, { api, guard, incidents: ports.incidents, reopenWindowMs: config.reopenWindowMs, log });
  listenToSlash(app, door);
  listenToMentions(app, door, api, state);
  listenToButtons(app, door, log);
  listenForTimeline(app, { api, incidents: ports.incidents, timeline: ports.timeline, guard, people, log });
  listenToHome(app, api, ports.incidents, guard, log);
  return guard;
}

function keepConnected({
  config,
  state,
  parts: { api, channels },
  clock,
  log,
  intake,
  proxyFor,
  onConnection,
}: {
  readonly config: SlackConfig;
  readonly state: ConnectionState;
  readonly parts: DeliveryParts;
  readonly clock: Clock;
  readonly log: Logger;
  readonly intake: Intake;
  readonly proxyFor: ProxyFor | null;
  readonly onConnection: (because: Because) => void;
}): Keeper {
  let isFinding = false;
  const onReady = (signal: AbortSignal): void => {
    if (isFinding) return;
    isFinding = true;
    void findChannel({ channel: config.channel, channels, state, clock, log }, signal).finally(() => {
      isFinding = false;
    });
  };
  const options = { api, state, clock, log, onReady };
  if (config.appToken === null) return keepHttp(options);
  const { appToken, apiUrl } = config;
  return keepSocket({
    ...options,
    onConnection,
    socket: { appToken, apiUrl, proxyFor, clock, log, onEvent: intake.take },
  });
}

/** What stands between Slack's deliveries and Bolt. */
interface Intake {
  /** The receiver Bolt gets; with an inner one, deliveries of that one pass through here. */
  receiver(inner: BoltReceiver | null): Receiver;
  take(event: ReceiverEvent): Promise<void>;
  drained(clock: Clock): Promise<void>;
}

/**
 * Bolt acknowledges an event before its listeners run and never acknowledges what no listener took. Here an event is
 * acknowledged after its listeners have stored it (Slack sends it again otherwise), and whatever nobody wanted too.
 */
function createIntake(log: Logger): Intake {
  let bolt: BoltApp | null = null;
  const running = new Set<Promise<void>>();
  const process = async (event: ReceiverEvent): Promise<void> => {
    let acknowledged = false;
    const isEvent = 'event' in event.body;
    const ack: ReceiverEvent['ack'] = async (response) => {
      if (isEvent || acknowledged) return;
      acknowledged = true;
      await event.ack(response);
    };
    await bolt?.processEvent({ ...event, ack });
    if (isEvent || !acknowledged) await event.ack();
  };
  const take = (event: ReceiverEvent): Promise<void> => {
    const taking = process(event).finally(() => running.delete(taking));
    running.add(taking);
    return taking;
  };
  return {
    take,
    receiver: (inner) => ({
      init(app) {
        bolt = app;
        // Of the App a receiver uses nothing but processEvent.
        inner?.init({ processEvent: take } as unknown as BoltApp);
      },
      start: async () => {},
      stop: async () => {},
    }),
    async drained(clock) {
      if (running.size === 0) return;
      log.info({ running: running.size }, 'waiting for what came from Slack to be stored');
      await within(Promise.allSettled(running), DRAIN_MS, clock);
    },
  };
}

function httpReceiver(signingSecret: string, log: Logger): BoltReceiver {
  return new HTTPReceiver({
    signingSecret,
    logger: boltLog(log),
    processEventErrorHandler: async ({ error, response }) => {
      log.warn({ err: error }, 'an event of Slack was not accepted; Slack is asked to send it again');
      if (!response.headersSent) response.writeHead(500).end();
      return false;
    },
  });
}
