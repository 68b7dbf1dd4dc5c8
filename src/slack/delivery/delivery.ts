import type { WebClient } from '@slack/web-api';
import type { Reply } from '../../commands/reply.ts';
import type { ResponderError } from '../../errors.ts';
import type { Logger } from '../../logger.ts';
import type { Clock, SlackPorts } from '../ports.ts';
import { answer, running } from './answer.ts';
import { readAnswerTarget } from './answerTarget.ts';
import { type Deliverer, deliverCard } from './card.ts';
import { type Channels, createChannels } from './channels.ts';
import type { DeliverySettings } from './deliverySettings.ts';
import { deliverGroup } from './group.ts';
import { ownChannel } from './incidentChannel.ts';
import { createLookup } from './lookup.ts';
import { createMentions } from './mentions.ts';
import { createPacing, type Slot } from './pacing.ts';
import { type Refreshed, refreshAnswer, type Shown } from './refreshAnswer.ts';
import { deliverRunbook } from './runbook.ts';
import { createSlackApi, type SlackApi } from './slackApi.ts';
import { deliverPost } from './thread.ts';

/**
 * What the jobs call. Every method rejects with a ResponderError when it has to be tried again (`retryable`, with
 * `retryAfterMs` when Slack or our pacing said when) and may be repeated: nothing is posted twice.
 */
export interface Delivery {
  /** Brings the incident's card up to date: posts or edits it, or does nothing. */
  deliverCard(incidentNumber: number, signal: AbortSignal): Promise<void>;
  /** Brings a card that stands for several incidents (storms) up to date. */
  deliverGroup(id: number, signal: AbortSignal): Promise<void>;
  /** Posts one row of the outbox. */
  deliverPost(postId: number, signal: AbortSignal): Promise<void>;
  /** Says "running ..."; call it when a command has not answered within a second. Never rejects but when aborted. */
  running(target: unknown, signal: AbortSignal): Promise<void>;
  /** Brings an answer to who asked. `target` is the AnswerTarget of the submission, as it came back from the job's JSON. */
  answer(target: unknown, reply: Reply, signal: AbortSignal): Promise<void>;
  /**
   * Brings the message with the incident's runbook steps up to date. `request.target` is the AnswerTarget of who asked to see
   * them, as it came back from the job's JSON; null: only when it is shown already. One at a time for an incident.
   */
  deliverRunbook(
    request: { readonly incidentNumber: number; readonly page: number | null; readonly target: unknown },
    signal: AbortSignal,
  ): Promise<void>;
  /** Shows a newer answer in the message of an earlier one. */
  refresh(of: Refreshed, reply: Reply, signal: AbortSignal): Promise<Shown>;
  /** Opens the incident's own channel. */
  ownChannel(incidentNumber: number, signal: AbortSignal): Promise<void>;
}

export interface DeliveryOptions {
  /** Made with `rejectRateLimitedCalls: true` and no retries: pacing and retrying are done here. */
  readonly client: WebClient;
  readonly ports: SlackPorts;
  readonly settings: DeliverySettings;
  readonly clock: Clock;
  readonly log: Logger;
  /** Told after each call to Slack. */
  readonly onOutcome?: (slot: Slot, error: ResponderError | null, ms: number) => void;
  /** Awaited right before whatever changes something in Slack; rejects when another process has the work by now. */
  readonly stillOurs?: () => Promise<void>;
  /** Told at once that none of Slack's methods is left alone, and of each change. */
  readonly onBreaker?: (open: boolean) => void;
  /** Told when the card of an incident is posted for the first time, with the milliseconds since it was opened. */
  readonly onCard?: (ms: number) => void;
  /** Who the bot is, as far as known. */
  readonly identity?: () => { readonly botUserId: string | null };
}

/** The delivery with what listeners share with it. */
export interface DeliveryParts {
  readonly delivery: Delivery;
  readonly api: SlackApi;
  readonly channels: Channels;
}

export function createDelivery(options: DeliveryOptions): DeliveryParts {
  const { client, ports, settings, clock, log } = options;
  const pacing = createPacing({ clock, log, shared: ports.meters });
  const api = createSlackApi({
    client,
    pacing,
    log,
    onOutcome: options.onOutcome ?? (() => {}),
    ...(options.onBreaker ? { onBreaker: options.onBreaker } : {}),
    ...(options.stillOurs ? { stillOurs: options.stillOurs } : {}),
  });
  const channels = createChannels(api, clock, log);
  const mentions = createMentions(settings.mentionGroup, settings.mentionLimits, ports.mentions, api, clock, log);
  const identity = options.identity ?? (() => ({ botUserId: null }));
  const onCard = options.onCard ?? (() => {});
  const lookup = createLookup(api);
  const deliverer: Deliverer = { api, lookup, channels, clock, log, ports, settings, mentions, identity, onCard };
  return {
    api,
    channels,
    delivery: {
      deliverCard: (incidentNumber, signal) => deliverCard(deliverer, incidentNumber, signal),
      deliverGroup: (id, signal) => deliverGroup(deliverer, id, signal),
      deliverPost: (postId, signal) => deliverPost(deliverer, postId, signal),
      running: async (target, signal) => running(deliverer, readAnswerTarget(target), signal),
      answer: async (target, reply, signal) => answer(deliverer, readAnswerTarget(target), reply, signal),
      deliverRunbook: async ({ target, ...request }, signal) =>
        deliverRunbook(deliverer, { ...request, target: target === null ? null : readAnswerTarget(target) }, signal),
      refresh: (of, reply, signal) => refreshAnswer(deliverer, of, reply, signal),
      ownChannel: (incidentNumber, signal) => ownChannel(deliverer, incidentNumber, signal),
    },
  };
}
