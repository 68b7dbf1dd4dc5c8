import { APP_ID, TEAM_DOMAIN, TEAM_ID } from '../seed.ts';
import type { Channel, Json, ResponseUrl } from '../state.ts';
import type { World } from '../world.ts';

/** A fresh trigger id for what a person just did. */
export function newTrigger(world: World, user: string, viewId?: string): string {
  const id = world.ids.triggerId();
  const expiresAt = world.now() + world.settings.triggerTtlMs;
  world.state.triggers.set(id, { user, expiresAt, used: false, ...(viewId ? { viewId } : {}) });
  const oldest = world.state.triggers.keys().next().value;
  if (world.state.triggers.size > 1_000 && oldest) world.state.triggers.delete(oldest);
  return id;
}

/** A fresh response URL: five posts within thirty minutes. */
export function newResponseUrl(
  world: World,
  kind: ResponseUrl['kind'],
  user: string,
  channel: string,
  source?: ResponseUrl['source'],
): string {
  const path = `${TEAM_ID}/${Math.floor(world.now())}/${world.ids.secret(24)}`;
  world.state.responseUrls.set(`${kind}/${path}`, {
    kind,
    user,
    channel,
    expiresAt: world.now() + world.settings.responseUrlTtlMs,
    uses: 0,
    ...(source ? { source } : {}),
  });
  return `${world.url()}/${kind}/${path}`;
}

/** The fields every interaction payload begins with. */
export function interactionFrame(world: World, type: string, user: string): Json {
  const name = world.state.users.get(user)?.name ?? user;
  return {
    type,
    user: { id: user, username: name, name, team_id: world.state.users.get(user)?.team_id ?? TEAM_ID },
    api_app_id: APP_ID,
    token: 'simulated-verification-token',
    team: { id: TEAM_ID, domain: TEAM_DOMAIN },
    enterprise: null,
    is_enterprise_install: false,
  };
}

/** How payloads name a channel. */
export function channelName(channel: Channel): string {
  if (channel.kind === 'im') return 'directmessage';
  return channel.kind === 'private' ? 'privategroup' : channel.name;
}
