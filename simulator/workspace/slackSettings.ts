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
