import type { Generated, GeneratedAlways } from 'kysely';

/**
 * The tables, as both engines hold them: times are integer milliseconds, JSON is text, flags are 0 or 1. What is
 * queried has a column; the whole of an incident or an alert is beside it in `state`, parsed by zod when read.
 */
export interface Database {
  readonly settings: SettingsTable;
  readonly counters: CountersTable;
  readonly tallies: TalliesTable;
  readonly once: OnceTable;
  readonly deliveries: DeliveriesTable;
  readonly delivery_slices: DeliverySlicesTable;
  readonly rejected_bodies: RejectedBodiesTable;
  readonly incidents: IncidentsTable;
  readonly incident_alerts: IncidentAlertsTable;
  readonly timeline: TimelineTable;
  readonly findings: FindingsTable;
  readonly evidence: EvidenceTable;
  readonly posts: PostsTable;
  readonly slack_messages: SlackMessagesTable;
  readonly mentions: MentionsTable;
  readonly seen: SeenTable;
  readonly heartbeats: HeartbeatsTable;
  readonly jobs: JobsTable;
  readonly card_groups: CardGroupsTable;
  readonly openings: OpeningsTable;
  readonly meters: MetersTable;
}

export interface SettingsTable {
  key: string;
  value: string;
}

/** Numbers handed out without gaps: the row is locked until the transaction that took one ends. */
export interface CountersTable {
  name: string;
  value: number;
}

/** Accounting. One row per name and writing process, so that replicas never wait for each other's row. */
export interface TalliesTable {
  name: string;
  writer: string;
  amount: number;
}

/** Keys of actions that happen at most once, whatever is redelivered. */
export interface OnceTable {
  key: string;
  at: number;
  /** The incident it was applied to, where that is queried. */
  incident_number: number | null;
}

export interface DeliveriesTable {
  id: Generated<number>;
  body: string;
  sender: string;
  sender_cluster: string | null;
  group_key: string;
  /** For a delivery in slices, the alerts not accounted for yet. */
  alert_count: number;
  received_at: number;
  /** When every alert of it was accounted for; null while it waits. */
  settled_at: number | null;
  /** Bytes of the body. */
  size: GeneratedAlways<number>;
  /** In how many slices its alerts were stored; 0: they are in the body. */
  slices: Generated<number>;
}

/** Alerts of a large delivery that are not decided about yet. */
export interface DeliverySlicesTable {
  delivery_id: number;
  position: number;
  body: string;
}

export interface RejectedBodiesTable {
  id: Generated<number>;
  sender: string;
  size: number;
  reason: string;
  head: string;
  at: number;
}

export interface IncidentsTable {
  number: number;
  version: number;
  cluster: string;
  correlation_key: string;
  status: string;
  /** `sev1` is 1, so that the worst sorts first. */
  severity_rank: number;
  channel: string | null;
  opened_at: number;
  last_activity_at: number;
  /** When it was resolved; `ALIVE` while it is not, so that "unresolved or resolved since" is one range. */
  live_until: number;
  state: string;
}

export interface IncidentAlertsTable {
  incident_number: number;
  cluster: string;
  fingerprint: string;
  /** Empty: its sender serves one tenant. */
  tenant: string;
  name: string;
  /** Namespace of the incident, `/`, alert name. */
  name_key: string;
  node: string | null;
  /** 1: it fires. */
  firing: number;
  /** Time at which it last fired anew or resolved. */
  active_at: number;
  last_seen_at: number;
  /** That of the incident. */
  live_until: number;
  state: string;
}

export interface TimelineTable {
  id: Generated<number>;
  incident_number: number;
  kind: string;
  at: number;
  actor_type: string;
  actor_id: string;
  actor_name: string | null;
  text: string;
  detail: string;
  recorded_at: number;
  permalink: string | null;
  /** An entry with a key is written once per incident. */
  once_key: string | null;
}

export interface FindingsTable {
  id: Generated<number>;
  incident_number: number;
  diagnostic: string;
  body: string;
  recorded_at: number;
}

export interface EvidenceTable {
  id: Generated<number>;
  incident_number: number;
  diagnostic: string;
  source: string;
  mime: string;
  content: string;
  /** Characters of `content`. */
  size: number;
  truncated: number;
  captured_at: number;
  recorded_at: number;
}

export interface PostsTable {
  id: Generated<number>;
  incident_number: number | null;
  channel: string | null;
  thread_ts: string | null;
  body: string;
  created_at: number;
  state: string;
  sending_since: number | null;
  handed_over_at: number | null;
  sent_channel: string | null;
  sent_ts: string | null;
  reason: string | null;
}

export interface SlackMessagesTable {
  view: string;
  /** Of a card or an own channel, for finding the incident of a thread. */
  incident_number: number | null;
  channel: string;
  ts: string | null;
  state: string;
  sending_since: number;
  handed_over_at: number | null;
  rendered_hash: string | null;
  reason: string | null;
}

export interface SeenTable {
  id: string;
  at: number;
  name: string | null;
}

export interface MentionsTable {
  view: string;
  incident_number: number | null;
  channel: string;
  at: number;
}

export interface HeartbeatsTable {
  cluster: string;
  first_at: number;
  last_at: number;
  beats: number;
}

export interface JobsTable {
  id: Generated<number>;
  kind: string;
  payload: string;
  lane: number;
  ordering_key: string | null;
  coalesce_key: string | null;
  /** 1: queued behind another job of its ordering key, invisible to claims until that one is gone. */
  waiting: number;
  /** First due time; the place among its ordering key, which backing off does not change. */
  due_at: number;
  /** Earliest time of the next run. */
  run_at: number;
  /** Number of claims; together with the id it identifies the lease. */
  attempt: number;
  lease_until: number | null;
  /** Leases that expired in a row, each of another process. */
  expiries: number;
  /** Time of the last expired lease. */
  expired_at: number | null;
  expired_by: string | null;
  /** The process that claimed it last. */
  holder: string | null;
  created_at: number;
  error: string | null;
  dead_at: number | null;
  /** The delivery it decides about, so that accounting knows what is dead. */
  delivery_id: number | null;
}

export interface CardGroupsTable {
  id: Generated<number>;
  kind: string;
  cluster: string;
  /** Of a `shared` card. */
  alert_name: string | null;
  /** Of a `shared` card: what the route chose; null is the default channel. */
  channel: string | null;
  reason: string;
  since: number;
  ended_at: number | null;
}

/** One row for every incident an alert opened: storms are seen from it, and which card an incident is shown on. */
export interface OpeningsTable {
  incident_number: number;
  cluster: string;
  opened_at: number;
  severity_rank: number;
  alert_name: string;
  /** The card it is shown on instead of one of its own. */
  group_id: number | null;
  /** 1: it got a card of its own later. */
  unfolded: number;
}

/** The use of Slack's rate limits, by method and by channel. */
export interface MetersTable {
  name: string;
  /** JSON array of times. */
  sent_at: string;
  spent_until: number;
  held_until: number;
}

/** `live_until` of an unresolved incident: the largest integer both engines and JavaScript hold exactly. */
export const ALIVE = Number.MAX_SAFE_INTEGER;
