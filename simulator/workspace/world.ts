import type { CallLog } from './api/callLog.ts';
import type { RateLimits } from './api/rates.ts';
import type { Changes } from './changes.ts';
import type { Outbound } from './delivery/outbound.ts';
import type { Sockets } from './delivery/sockets.ts';
import type { Faults } from './faults.ts';
import type { Ids } from './ids.ts';
import type { Manifest } from './manifest.ts';
import type { State } from './state.ts';

export const BOT_TOKEN = 'xoxb-simulated';
export const APP_TOKEN = 'xapp-simulated';
export const SIGNING_SECRET = 'simulated-signing-secret';

/** What Slack does not document, or what a test wants shorter. Times are in milliseconds. */
export interface Settings {
  /** Rate limits, block validation and scopes are enforced; off, only what cannot be understood is refused. */
  readonly strict: boolean;
  /** How long a command or click waits for its acknowledgement. Slack: 3,000. */
  readonly ackTimeoutMs: number;
  /** When an unacknowledged event is sent again: after each of these pauses. Slack over HTTP: at once, 1 min, 5 min. */
  readonly redeliverMs: readonly number[];
  readonly triggerTtlMs: number;
  readonly responseUrlTtlMs: number;
  readonly responseUrlUses: number;
  /** Messages a channel takes at once before one a second is all it takes. Slack does not say how many. */
  readonly channelBurst: number;
  /** All block text of a message together. Undocumented; about 13,200 characters were measured. */
  readonly blocksTotal: number;
}

export const SLACK_SETTINGS: Settings = {
  strict: true,
  ackTimeoutMs: 3_000,
  redeliverMs: [500, 60_000, 300_000],
  triggerTtlMs: 3_000,
  responseUrlTtlMs: 30 * 60_000,
  responseUrlUses: 5,
  channelBurst: 10,
  blocksTotal: 13_200,
};

/** The simulated workspace as its parts see it. */
export interface World {
  readonly state: State;
  readonly settings: Settings;
  readonly manifest: Manifest;
  readonly ids: Ids;
  readonly changes: Changes;
  readonly calls: CallLog;
  readonly rates: RateLimits;
  readonly faults: Faults;
  readonly outbound: Outbound;
  readonly sockets: Sockets;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** `http://127.0.0.1:3000`, known once the server listens. */
  readonly url: () => string;
  /** Back to the first minute: seeded people and channels, no messages, no faults. */
  readonly reset: () => void;
}

/** Seconds since the epoch, as Slack stamps most things. */
export function seconds(world: World): number {
  return Math.floor(world.now() / 1000);
}
