import type { Actor } from '../incidents/incident.ts';

/** Where in Slack something was said. */
export interface Place {
  readonly channel: string;
  /** Parent `ts` when in a thread. */
  readonly threadTs: string | null;
  /** Externally shared channel (Slack Connect). */
  readonly external: boolean;
}

/** What the person is in the workspace; guests and strangers are refused. */
export type Membership = 'member' | 'guest' | 'stranger' | 'unknown';

/** The same command value behind all five doors. JSON-serialisable: it is a job's payload. */
export interface Invocation {
  /** Unique per press, message or line; running the same id twice is a no-op. */
  readonly id: string;
  /** What follows `/lambda`, as typed. */
  readonly text: string;
  readonly door: 'slash' | 'mention' | 'button' | 'terminal' | 'api' | 'runbook';
  readonly actor: Actor;
  readonly membership: Membership;
  /** The actor proved who it is (Slack signature, personal token). The shared API token is not proof. */
  readonly verified: boolean;
  readonly place: Place | null;
  /** Set when the door knows the incident (a button on its card). */
  readonly incidentNumber: number | null;
  readonly at: number;
}
