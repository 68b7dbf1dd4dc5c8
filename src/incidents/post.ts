import type { Call } from './decision.ts';
import type { Evidence } from './evidence.ts';

/**
 * Something to be posted once: the durable outbox row a delivery job works from. The card is not one of these (it is
 * rendered from the incident as it is).
 */
export type PostBody =
  /** A line of news in an incident's thread. */
  | { readonly kind: 'news'; readonly text: string; readonly broadcast: boolean; readonly mention: boolean }
  /** A call to people, written when it is posted. */
  | { readonly kind: 'call'; readonly call: Call }
  /** The automatic first look, or any reply that belongs into the thread; `reply` is commands/reply.ts as JSON. */
  | {
      readonly kind: 'reply';
      readonly reply: unknown;
      readonly actorId: string | null;
      readonly command: string | null;
    }
  /** A file in the thread, with a line above it. */
  | {
      readonly kind: 'file';
      readonly text: string;
      readonly name: string;
      readonly title: string;
      readonly evidence: Evidence;
    };

export interface Post {
  readonly id: number;
  /** Null: a message outside any incident. */
  readonly incidentNumber: number | null;
  /** Channel and thread when not the incident's card's. */
  readonly channel: string | null;
  readonly threadTs: string | null;
  readonly body: PostBody;
  readonly createdAt: number;
  /** `sending`: handed to Slack, the outcome may be unknown. */
  readonly state: 'pending' | 'sending' | 'sent' | 'dead';
  /** When it was first handed to Slack without a known outcome, epoch ms; null when it never was. */
  readonly sendingSince: number | null;
  /** When it was last handed to Slack, epoch ms; null when it never was. */
  readonly handedOverAt: number | null;
  readonly sentChannel: string | null;
  readonly sentTs: string | null;
}

/** Where a view was posted; `sending` means that it may or may not have reached Slack, `unsent` that it did not. */
export interface SlackMessage {
  /** `card:12`, `post:345`, `storm:cluster`. */
  readonly view: string;
  readonly channel: string;
  readonly ts: string | null;
  readonly state: 'sending' | 'unsent' | 'sent' | 'dead';
  /** When it was first handed to Slack, epoch ms: the oldest a lookup has to search. */
  readonly sendingSince: number;
  /** When it was last handed to Slack, epoch ms. */
  readonly handedOverAt: number;
  /** Hash of what was last rendered, to skip edits that change nothing. */
  readonly renderedHash: string | null;
}
