import type { CallLog } from './api/callLog.ts';
import type { RateLimits } from './api/rates.ts';
import type { Changes } from './changes.ts';
import type { Outbound } from './delivery/outbound.ts';
import type { Sockets } from './delivery/sockets.ts';
import type { Faults } from './faults.ts';
import type { Ids } from './ids.ts';
import type { Manifest } from './manifest.ts';
import type { Settings } from './slackSettings.ts';
import type { State } from './state.ts';

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
