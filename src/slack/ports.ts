import type { Invocation } from '../commands/invocation.ts';
import type { PlaybookView } from '../commands/ports.ts';
import type { CardGroup } from '../incidents/decide/storm.ts';
import type { Finding } from '../incidents/evidence.ts';
import type { Incident, IncidentWithAlerts } from '../incidents/incident.ts';
import type { Post, SlackMessage } from '../incidents/post.ts';
import type { KnownProgress } from '../incidents/runbookKnown.ts';
import type { TimelineDraft } from '../incidents/timeline.ts';

/** Reading incidents, as they are now. */
export interface Incidents {
  find(number: number): Promise<IncidentWithAlerts | null>;
  /** The incident whose own channel or card thread this is. */
  at(channel: string, threadTs: string | null): Promise<Incident | null>;
  /** Unresolved incidents, the worst and newest first. */
  open(limit: number): Promise<readonly Incident[]>;
}

/**
 * Where each view was posted. Every write is committed when its promise resolves, because what follows it is a call to
 * Slack that cannot be taken back.
 */
export interface Messages {
  get(view: string): Promise<SlackMessage | null>;
  /**
   * Writes `sending` before the message is handed to Slack. A row that is `sending` already keeps its older
   * `sendingSince`: that is how far back a lookup has to search.
   */
  begin(view: string, channel: string, now: number): Promise<void>;
  /** Of a view that is `sending`: Slack is known not to have it. */
  unsent(view: string): Promise<void>;
  sent(view: string, channel: string, ts: string, hash: string | null): Promise<void>;
  dead(view: string, reason: string): Promise<void>;
}

/** The outbox of messages that are posted once. */
export interface Posts {
  find(id: number): Promise<Post | null>;
  /** Calls of people written after this post, sent or not; without those that were given up. */
  callsAfter(incidentNumber: number, id: number): Promise<readonly Post[]>;
  markSending(id: number, now: number): Promise<void>;
  /** Slack is known not to have it. */
  markUnsent(id: number): Promise<void>;
  markSent(id: number, channel: string, ts: string): Promise<void>;
  markDead(id: number, reason: string): Promise<void>;
}

/** The runbook of an incident, rendered with its labels; null when none serves it. */
export interface Playbooks {
  forIncident(known: IncidentWithAlerts): PlaybookView | null;
}

/** What was done with the steps of an incident's runbook, and the message that shows them. */
export interface RunbookProgressPort {
  progress(playbook: PlaybookView, incident: Incident): Promise<KnownProgress>;
  /** Asks for the message with the steps, for whoever asked; durable once it resolves. The same invocation twice is a no-op. */
  show(incidentNumber: number, page: number | null, target: AnswerTarget): Promise<void>;
}

/** What the first look found: for sev1 and sev2 the top one is a line on the card. */
export interface TopFindings {
  top(incidentNumber: number): Promise<Finding | null>;
}

/** A mention somebody's phone will make noise for. */
export interface MentionRequest {
  /** The view that carries it: asking again for the same view gives the same answer, so a retry does not lose it. */
  readonly view: string;
  readonly incidentNumber: number | null;
  readonly channel: string;
  readonly at: number;
  readonly perIncidentMs: number;
  readonly perChannelMs: number;
}

/** Remembers who was mentioned when (docs/rules.md#mentions). */
export interface MentionLimits {
  /** True when the mention is within the limits, and remembers it in the same transaction. */
  claim(request: MentionRequest): Promise<boolean>;
  /** Whether this view carries a mention of that time or later; epoch ms. */
  has(view: string, since: number): Promise<boolean>;
}

/** Where the answer to an invocation goes. JSON-serialisable: it is part of the job's payload. */
export interface AnswerTarget {
  readonly invocationId: string;
  readonly door: Invocation['door'];
  /** The text as typed or pressed, for "running ..." and the header of the answer. */
  readonly command: string;
  /** Slack user id of who asked. */
  readonly user: string;
  readonly channel: string | null;
  /** The thread results go to; for a mention outside a thread, the one it starts. */
  readonly threadTs: string | null;
  /** Asked within a thread: only then does a message to the asker alone show there. */
  readonly inThread: boolean;
  readonly responseUrl: string | null;
  /** Epoch ms; Slack accepts a response URL for 30 minutes. */
  readonly responseUrlExpiresAt: number | null;
  /** A message only the asker sees may be replaced through the response URL; a card must never be. */
  readonly replacesOriginal: boolean;
}

/** What a door hands over: durable once the promise resolves. The same `invocation.id` twice is a no-op. */
export interface Submissions {
  submit(invocation: Invocation, answer: AnswerTarget): Promise<void>;
}

/** What every text passes on its way to Slack. */
export interface SlackRedaction {
  redact(text: string): string;
  redactTree<T>(value: T): T;
}

/** When Slack last called a person a full member, or a channel ours alone; by Slack id. */
export interface SeenMembers {
  find(id: string): Promise<{ readonly at: number; readonly name: string | null } | null>;
  note(id: string, at: number, name: string | null): Promise<void>;
  /** Slack said no. */
  forget(id: string): Promise<void>;
}

/** The incident's record. */
export interface Timeline {
  /** Appends an entry; with `once`, only the first entry with that key is kept. `detail.permalink` links to its message. */
  append(incidentNumber: number, entry: TimelineDraft, once: string | null): Promise<void>;
}

/** Cards that stand for several incidents. */
export interface CardGroups {
  find(id: number): Promise<CardGroup | null>;
  /** The group an incident is shown on instead of a card of its own; null when it has its own. */
  of(incidentNumber: number): Promise<number | null>;
}

/** What was used of one of Slack's limits. Times are epoch milliseconds. */
export interface Meter {
  /** When the calls of the last minute were made. */
  readonly sentAt: readonly number[];
  /** Up to when a budget that grows by the second is spent. */
  readonly spentUntil: number;
  /** Up to when Slack asked to keep still. */
  readonly heldUntil: number;
}

/** Meters by name, which replicas may share. */
export interface Meters {
  /**
   * Puts what `step` makes of these meters (null: never used) in their place, as one change; nothing changes when it gives
   * none. `step` may run more than once.
   */
  change<T>(
    names: readonly string[],
    step: (meters: readonly (Meter | null)[]) => { readonly meters: readonly Meter[]; readonly result: T },
  ): Promise<T>;
}

/** Everything slack needs of the rest. */
export interface SlackPorts {
  readonly incidents: Incidents;
  readonly messages: Messages;
  readonly posts: Posts;
  readonly playbooks: Playbooks;
  readonly runbook: RunbookProgressPort;
  readonly findings: TopFindings;
  readonly mentions: MentionLimits;
  readonly submissions: Submissions;
  readonly timeline: Timeline;
  readonly redaction: SlackRedaction;
  readonly groups: CardGroups;
  readonly seen: SeenMembers;
  /** Of Slack's limits; null when no other process shares them. */
  readonly meters: Meters | null;
}

/** Time as slack uses it; a test may hold it still. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Resolves after `ms`, rejects with the signal's reason when aborted before. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}
