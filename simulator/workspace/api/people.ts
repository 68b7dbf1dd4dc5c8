import { APP_ID, BOT_ID, BOT_USER, TEAM_DOMAIN, TEAM_ID, TEAM_NAME } from '../seed.ts';
import type { Json, User } from '../state.ts';
import type { World } from '../world.ts';
import { ApiError } from './apiError.ts';
import { page } from './channels.ts';
import type { Handler } from './webMethod.ts';

export const authTest: Handler = (_args, world) => ({
  url: `${world.url()}/`,
  team: TEAM_NAME,
  user: 'lambda-responder',
  team_id: TEAM_ID,
  user_id: BOT_USER,
  bot_id: BOT_ID,
  is_enterprise_install: false,
});

export const apiTest: Handler = (args) => {
  if (args.text('error')) throw new ApiError(args.required('error'), { args: args.all });
  return { args: args.all };
};

export const openConnection: Handler = (args, world) => {
  if (world.faults.refusesSockets()) throw new ApiError('internal_error');
  const reconnects = args.flag('debug_reconnects') ? '&debug_reconnects=true' : '';
  const base = world.url().replace(/^http/, 'ws');
  return { url: `${base}/link/?ticket=${world.sockets.ticket()}&app_id=${APP_ID}${reconnects}` };
};

export const userInfo: Handler = (args, world) => ({ user: publicUser(world, findUser(world, args.required('user'))) });

export const userList: Handler = (args, world) => {
  const limit = Math.min(1_000, args.number('limit') ?? 1_000);
  const { items, next } = page([...world.state.users.values()], limit, args.text('cursor'));
  return {
    members: items.map((user) => publicUser(world, user)),
    cache_ts: Math.floor(world.now() / 1000),
    response_metadata: { next_cursor: next },
  };
};

export const lookupByEmail: Handler = (args, world) => {
  const email = args.required('email').toLowerCase();
  const user = [...world.state.users.values()].find((one) => one.profile.email?.toLowerCase() === email);
  if (!user) throw new ApiError('users_not_found');
  return { user: publicUser(world, user) };
};

export const profileGet: Handler = (args, world) => ({ profile: findUser(world, args.required('user')).profile });

export const presence: Handler = (args, world) => {
  findUser(world, args.text('user') ?? BOT_USER);
  return { presence: 'active' };
};

export const botInfo: Handler = (args) => {
  if (args.has('bot') && args.text('bot') !== BOT_ID) throw new ApiError('bot_not_found');
  return {
    bot: {
      id: BOT_ID,
      deleted: false,
      name: 'Lambda Responder',
      updated: 0,
      app_id: APP_ID,
      user_id: BOT_USER,
      icons: {},
    },
  };
};

export const teamInfo: Handler = (_args, world) => ({
  team: {
    id: TEAM_ID,
    name: TEAM_NAME,
    domain: TEAM_DOMAIN,
    url: `${world.url()}/`,
    email_domain: 'example.com',
    icon: {},
  },
});

export const emojiList: Handler = () => ({ emoji: {}, cache_ts: '0' });

export const groupList: Handler = (args, world) => ({
  usergroups: [...world.state.usergroups.values()].map((group) => ({
    id: group.id,
    team_id: TEAM_ID,
    is_usergroup: true,
    is_subteam: true,
    name: group.name,
    description: group.description,
    handle: group.handle,
    is_external: false,
    date_create: group.date_create,
    date_update: group.date_update,
    date_delete: 0,
    auto_type: null,
    created_by: 'U0ANA',
    updated_by: 'U0ANA',
    deleted_by: null,
    prefs: { channels: [], groups: [] },
    user_count: group.users.length,
    ...(args.flag('include_users') ? { users: group.users } : {}),
  })),
});

export const groupUsers: Handler = (args, world) => {
  const group = world.state.usergroups.get(args.required('usergroup'));
  if (!group) throw new ApiError('no_such_subteam');
  return { users: group.users };
};

/** The user object; the address only with the scope for it, as Slack leaves it out. */
export function publicUser(world: World, user: User): Json {
  const { is_stranger, ...fields } = user;
  const seesEmail = !world.manifest.scopes || world.manifest.scopes.has('users:read.email');
  const { email, ...rest } = user.profile;
  return {
    ...fields,
    is_owner: false,
    is_primary_owner: false,
    is_app_user: false,
    is_email_confirmed: !user.is_bot,
    ...(is_stranger ? { is_stranger: true } : {}),
    profile: seesEmail && email ? { ...rest, email } : rest,
  };
}

function findUser(world: World, id: string): User {
  const user = world.state.users.get(id);
  if (!user) throw new ApiError('user_not_found');
  return user;
}
