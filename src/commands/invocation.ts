import type { Actor } from '../incidents/incident.ts';

/** Where in Slack something was said. */
export interface Place {
  readonly channel: string;
  /** Parent `ts` when in a thread. */
  readonly threadTs: string | null;
  /** Shared with another organisation (Slack Connect); null: Slack could not say. */
  readonly external: boolean | null;
}

/** What the person is in the workspace. `gone`: Slack knows nobody of that id, or no longer; `unknown`: it could not say. */
export type Membership = 'member' | 'guest' | 'stranger' | 'gone' | 'unknown';

/** The same command value behind all five doors. JSON-serialisable: it is a job's payload. */
export interface Invocation {
  /** Unique per press, message or line; running the same id twice is a no-op. */
  readonly id: string;
  /** What follows `/lambda`, as typed. */
  readonly text: string;
  readonly door: 'slash' | 'mention' | 'button' | 'terminal' | 'api' | 'runbook';
  readonly actor: Actor;
  readonly membership: Membership;
  /**
   * Set while Slack does not say who somebody is, or whether the channel is shared, and within a day it called them a full
   * member and the channel ours: when it did, epoch ms, the older of the two.
   */
  readonly lastChecked?: number | null;
  /** The actor proved who it is (Slack signature, personal token). The shared API token is not proof. */
  readonly verified: boolean;
  readonly place: Place | null;
  /** Set when the door knows the incident (a button on its card). */
  readonly incidentNumber: number | null;
  readonly at: number;
}

/** What somebody types at a terminal, as every door has it. */
export function typedBy(user: string, text: string, at: number): Invocation {
  return {
    id: `terminal-${at}`,
    text,
    door: 'terminal',
    actor: { type: 'terminal', id: user, name: user },
    membership: 'member',
    verified: false,
    place: null,
    incidentNumber: null,
    at,
  };
}
