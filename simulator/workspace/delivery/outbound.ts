import type { Faults } from '../faults.ts';
import type { Ids } from '../ids.ts';
import type { Manifest } from '../manifest.ts';
import { APP_ID, BOT_USER, TEAM_ID } from '../seed.ts';
import type { Json } from '../state.ts';
import type { Ack } from './ack.ts';
import type { HttpDelivery } from './http.ts';
import type { Sockets } from './sockets.ts';

/** The way from the workspace to the app: over a socket, or to the request URL when one is set. */
export interface Outbound {
  /** Sends an event if the app subscribed to `subscription`; sent again until acknowledged, as Slack does. */
  event(subscription: string, event: Json): void;
  /** Sends a command or an interaction once; never sent again. */
  interactive(kind: 'slash_commands' | 'interactive', payload: Json): Promise<Ack>;
  /** Events that were given up because nobody acknowledged them. */
  readonly lost: () => number;
}

export function createOutbound(parts: {
  readonly manifest: Manifest;
  readonly sockets: Sockets;
  readonly http: HttpDelivery;
  readonly faults: Faults;
  readonly ids: Ids;
  readonly now: () => number;
  /** Whether a channel is shared with another organisation. */
  readonly isShared: (channel: string) => boolean;
}): Outbound {
  const { sockets, http } = parts;
  let lost = 0;
  const giveUp = () => {
    lost += 1;
  };
  return {
    lost: () => lost,
    event(subscription, event) {
      if (parts.manifest.events && !parts.manifest.events.has(subscription)) return;
      const payload = { ...callback(event, parts.ids, parts.now), is_ext_shared_channel: isIn(event, parts.isShared) };
      const copies = parts.faults.take('duplicate_delivery') ? 2 : 1;
      for (let copy = 0; copy < copies; copy += 1) {
        if (http.url()) http.event(payload, giveUp);
        else sockets.event(payload, giveUp);
      }
    },
    async interactive(kind, payload) {
      const duplicate = parts.faults.take('duplicate_delivery');
      const send = () => (http.url() ? http.interactive(kind, payload) : sockets.interactive(kind, payload));
      if (duplicate) void send();
      return send();
    },
  };
}

function callback(event: Json, ids: Ids, now: () => number): Json {
  return {
    token: 'simulated-verification-token',
    team_id: TEAM_ID,
    context_team_id: TEAM_ID,
    context_enterprise_id: null,
    api_app_id: APP_ID,
    event,
    type: 'event_callback',
    event_id: ids.next('Ev'),
    event_time: Math.floor(now() / 1000),
    authorizations: [
      { enterprise_id: null, team_id: TEAM_ID, user_id: BOT_USER, is_bot: true, is_enterprise_install: false },
    ],
    event_context: `4-${ids.secret(24)}`,
  };
}

/** Whether an event is of such a channel; Slack names it in one of three places. */
function isIn({ channel, channel_id: id, item }: Json, isShared: (channel: string) => boolean): boolean {
  const inside = typeof item === 'object' && item !== null && 'channel' in item ? item.channel : null;
  return [channel, id, inside].some((one) => typeof one === 'string' && isShared(one));
}
