import type { AlertGroup } from '../alerts/alert.ts';
import type { Opening } from '../incidents/decide/storm.ts';
import type { Decision, FollowUp, IncidentDraft, IncidentKey } from '../incidents/decision.ts';
import type { Evidence, Finding } from '../incidents/evidence.ts';
import type { Incident, IncidentAlert, IncidentWithAlerts } from '../incidents/incident.ts';
import type { PostBody } from '../incidents/post.ts';
import type { TimelineDraft } from '../incidents/timeline.ts';
import type { JobRequest, PayloadOf } from './jobKinds.ts';

/** What may be meant by a group of alerts; every list at most as long as the group. */
export interface CandidateQuery {
  readonly cluster: string;
  readonly fingerprints: readonly string[];
  readonly correlationKeys: readonly string[];
  readonly names: readonly { readonly namespace: string | null; readonly alertName: string }[];
  /** Label `node` values of the group, to say "possibly related: same node". */
  readonly nodes: readonly string[];
  /** Resolved incidents not older than this are candidates for reopening, epoch ms. */
  readonly resolvedSince: number;
}

/** Whether it is this transaction's to do; else which incident it was done to, where that was noted. */
export type Entered = { readonly isFirst: true } | { readonly isFirst: false; readonly incident: number | null };

export type FirstEntry = 'written' | 'ours' | 'others';

/** The incidents inside one transaction. Nothing here may await anything but the transaction. */
export interface IncidentTransaction {
  /** Incidents with all their alerts that match any of the lists, unresolved or resolved since; and the latest resolved one per correlation key (for `previous`). */
  candidates(query: CandidateQuery): Promise<readonly IncidentWithAlerts[]>;
  recentAlerts(
    cluster: string,
    alertNames: readonly string[],
    since: number,
  ): Promise<readonly Pick<IncidentAlert, 'name' | 'labels' | 'lastSeenAt'>[]>;
  /** Locks the incident's row for this transaction. Of one with very many alerts a part is read, these among them. */
  lock(number: number, alerts?: readonly IncidentAlert[]): Promise<IncidentWithAlerts | null>;
  /** Writes drafts and numbers the new ones; returns the number of every key. */
  save(drafts: readonly IncidentDraft[], now: number): Promise<ReadonlyMap<IncidentKey, number>>;
  /** Gives one incident the alerts of another that it does not have, however many they are. */
  copyAlerts(from: number, into: number): Promise<void>;
  append(incidentNumber: number, entries: readonly TimelineDraft[], now: number): Promise<void>;
  /**
   * Appends an entry unless there is one with this key. `written`: it is this one; `ours`: the one there has the same
   * `detail.invocation`, as an earlier run of the same job wrote it; `others`: somebody else was first.
   */
  appendFirst(incidentNumber: number, entry: TimelineDraft, once: string, now: number): Promise<FirstEntry>;
  /** Enters a key of something that is done once, and waits for another transaction that does so. */
  enterOnce(key: string, now: number): Promise<Entered>;
  /** Which incident it was done to. */
  noteOnce(key: string, incidentNumber: number): Promise<void>;
  post(
    incidentNumber: number | null,
    body: PostBody,
    now: number,
    where?: { channel: string; threadTs: string | null },
  ): Promise<number>;
  enqueue(jobs: readonly JobRequest[], now: number): Promise<void>;
  readonly groups: CardGroups;
  /** Null when it is decided about already. */
  undecided(deliveryId: number): Promise<Delivery | null>;
  /** True once for a slice of a delivery: it is decided about in this transaction, and gone afterwards. */
  takeSlice(deliveryId: number, position: number): Promise<boolean>;
  /**
   * Accounting of a slice that was taken. True when it was the last one, and the delivery is settled with it: then `clean`
   * takes the place of what stood around its alerts.
   */
  accountSlice(deliveryId: number, outcomes: Decision['outcomes'], rejected: number, clean: string): Promise<boolean>;
  /** Accepts a delivery of our own: what this one says of its sender. */
  accept(delivery: OwnDelivery): Promise<void>;
  /**
   * Accounting: what became of the alerts of a delivery, once; false when that was known. `clean` takes the place of
   * the body as it was sent, which may hold secrets.
   */
  account(deliveryId: number, outcomes: Decision['outcomes'], rejected: number, clean?: string): Promise<boolean>;
}

/** Whose card it is: those of one alert name that belong in one channel (null: the default one). */
export interface SharedCard {
  readonly cluster: string;
  readonly alertName: string;
  readonly channel: string | null;
}

/** Cards that stand for several incidents, inside one transaction. */
export interface CardGroups {
  /** The storm of a cluster that goes on. */
  storm(cluster: string): Promise<{ readonly id: number; readonly since: number } | null>;
  /** Incidents opened after `since`, newest first, at most 1,000. */
  openings(cluster: string, since: number, alertName?: string): Promise<readonly Opening[]>;
  /** The shared card of an alert name in a channel that took an incident after `activeSince`. */
  shared(of: SharedCard, activeSince: number): Promise<number | null>;
  /** Its id; that of the storm that goes on, when there is one. */
  begin(
    group:
      | { readonly kind: 'storm'; readonly cluster: string; readonly reason: string }
      | (SharedCard & { readonly kind: 'shared'; readonly reason: string }),
    at: number,
  ): Promise<number>;
  /** False when it had ended. */
  end(id: number, at: number): Promise<boolean>;
  place(
    cluster: string,
    openings: readonly { readonly opening: Opening; readonly group: number | null }[],
  ): Promise<void>;
  /** Of these incidents, those shown on such a card and on none of their own. */
  of(
    numbers: readonly number[],
  ): Promise<ReadonlyMap<number, { readonly id: number; readonly kind: 'storm' | 'shared' }>>;
  /** Gives the incident a card of its own. */
  unfold(number: number): Promise<void>;
}

/** Something of a sev1 that Slack has not shown: its own card, the card it shares with others, or news of it. */
export type Undelivered = PayloadOf<'tellFallback'>;

export interface IncidentStore {
  transact<T>(work: (tx: IncidentTransaction) => Promise<T>): Promise<T>;
  find(number: number): Promise<IncidentWithAlerts | null>;
  /** The incident that what was entered under this key was done to; null when it was not. Keys are kept for a week. */
  made(key: string): Promise<number | null>;
}

/** A delivery that we send ourselves. */
export interface OwnDelivery {
  readonly body: string;
  readonly sender: string;
  readonly senderCluster: string | null;
  readonly groupKey: string;
  readonly alertCount: number;
  readonly receivedAt: number;
}

/** A webhook delivery: its body as it was sent, and without its secrets once it is decided about. */
export interface Delivery {
  readonly id: number;
  readonly body: string;
  readonly sender: string;
  /** Cluster name configured for the sender's token; null when none. */
  readonly senderCluster: string | null;
  readonly receivedAt: number;
  /** In how many slices its alerts lie; 0: they are in the body. */
  readonly slices: number;
}

/** A job that decides about a delivery, and waits for another of its ordering key. */
export interface WaitingDecision {
  readonly jobId: number;
  readonly deliveryId: number;
  /** The trace in which the delivery was accepted. */
  readonly trace: string | null;
}

export interface Deliveries {
  find(id: number): Promise<Delivery | null>;
  /** The next slice behind `after` that is not decided about, as `readSlice` reads it; null when there is none. */
  slice(deliveryId: number, after: number): Promise<{ readonly position: number; readonly body: string } | null>;
  /** Whether an earlier delivery of the same group waits for its decision: it would be overtaken. */
  isAhead(delivery: Delivery): Promise<boolean>;
  /** Those that wait right behind this job, in their order; none when it is no longer at the head of its ordering key. */
  behind(jobId: number, most: number): Promise<readonly WaitingDecision[]>;
  /** Their decisions are made: removes the jobs, as far as they still wait. */
  withdraw(jobIds: readonly number[]): Promise<void>;
}

/** What the first look brought, kept with the incident. */
export interface EvidenceStore {
  keep(
    incidentNumber: number,
    diagnostic: string,
    findings: readonly Finding[],
    evidence: readonly Evidence[],
    now: number,
  ): Promise<void>;
  /** Finding codes with subjects already posted for the incident. */
  posted(incidentNumber: number): Promise<readonly Finding[]>;
}

export type { AlertGroup, FollowUp, Incident };

/** What goes out another way when Slack cannot be reached. */
export interface FallbackMessage {
  /** The same for every attempt, so that a receiver can see a repeat. */
  readonly id: string;
  readonly subject: string;
  readonly text: string;
  readonly incident: {
    readonly number: number;
    readonly severity: string;
    readonly title: string;
    readonly namespace: string | null;
    readonly cluster: string;
    readonly openedAt: string;
    readonly url: string | null;
  };
  /** Numbers of other incidents this message stands for: those on the same shared card. */
  readonly others: readonly number[];
}

/** Sends it; resolves with where it went, in words. Rejects with a retryable error when it went nowhere. */
export type SendFallback = (message: FallbackMessage, signal: AbortSignal) => Promise<string>;
