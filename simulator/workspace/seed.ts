import type { Channel, ChannelKind, State, User, Usergroup } from './state.ts';

export const TEAM_ID = 'T0SIMULATED';
export const APP_ID = 'A0RESPONDER';
export const BOT_ID = 'B0RESPONDER';
export const BOT_USER = 'U0RESPONDER';
export const SLACKBOT = 'USLACKBOT';
export const TEAM_DOMAIN = 'simulated';
export const TEAM_NAME = 'Simulated workspace';

/** A person to add. `restricted` makes a guest, `stranger` somebody of another organisation (Slack Connect). */
export interface SeedUser {
  readonly id?: string;
  readonly name: string;
  readonly realName?: string;
  readonly title?: string;
  readonly email?: string;
  readonly restricted?: boolean;
  readonly stranger?: boolean;
  /** Deactivated. */
  readonly deleted?: boolean;
  readonly admin?: boolean;
  readonly bot?: boolean;
  /** IANA name; the offset is computed from it. */
  readonly tz?: string;
}

/** A channel to add. `members` are user names or ids; the bot is a member only when it is listed. */
export interface SeedChannel {
  readonly id?: string;
  readonly name: string;
  readonly private?: boolean;
  readonly archived?: boolean;
  readonly external?: boolean;
  readonly topic?: string;
  readonly members?: readonly string[];
}

export interface Seed {
  readonly users?: readonly SeedUser[];
  readonly channels?: readonly SeedChannel[];
}

const PEOPLE: readonly SeedUser[] = [
  { id: 'U0ANA', name: 'ana', realName: 'Ana Costa', title: 'On-call engineer', tz: 'America/Sao_Paulo', admin: true },
  { id: 'U0JUN', name: 'jun', realName: 'Jun Park', title: 'Junior engineer', tz: 'Asia/Seoul' },
  { id: 'U0KIM', name: 'kim', realName: 'Kim Berg', title: 'Incident commander', tz: 'Europe/Oslo' },
  { id: 'U0STRANGER', name: 'sam', realName: 'Sam Stranger', title: 'Guest', tz: 'UTC', restricted: true },
  {
    id: BOT_USER,
    name: 'lambda-responder',
    realName: 'Lambda Responder',
    title: 'Answers alerts of Knative Lambda',
    tz: 'UTC',
    bot: true,
  },
];

const CHANNELS: readonly SeedChannel[] = [
  {
    id: 'C0INCIDENTS',
    name: 'incidents',
    topic: 'What is broken now, and who is on it',
    members: ['ana', 'jun', 'kim', 'sam', BOT_USER],
  },
  { id: 'C0GENERAL', name: 'general', topic: 'Company-wide announcements', members: ['ana', 'jun', 'kim'] },
  { id: 'C0ONCALL', name: 'oncall', topic: 'Hand-overs and questions', members: ['ana', 'jun', 'kim'] },
];

const COLORS = ['9f69e7', '4bbe2e', 'e7392d', '3c989f', '674b1b', 'e96699'];

/** Fills an empty state with the people, channels and group every workspace begins with, and what the caller adds. */
export function fillState(state: State, now: number, seed: Seed = {}): void {
  for (const [index, user] of [...PEOPLE, ...(seed.users ?? [])].entries()) {
    const made = makeUser(user, index, now);
    state.users.set(made.id, made);
  }
  for (const [index, channel] of [...CHANNELS, ...(seed.channels ?? [])].entries()) {
    const existing = [...state.channels.values()].find((known) => known.name === channel.name);
    if (existing) state.channels.delete(existing.id);
    const made = seedChannel(state, channel, index, now);
    state.channels.set(made.id, made);
  }
  const oncall: Usergroup = {
    id: 'S0ONCALL',
    handle: 'oncall',
    name: 'On call',
    description: 'Whoever carries the pager',
    users: ['U0ANA'],
    date_create: Math.floor(now / 1000),
    date_update: Math.floor(now / 1000),
  };
  state.usergroups.set(oncall.id, oncall);
}

/** An empty state; `fillState` gives it people and channels. */
export function emptyState(): State {
  return {
    users: new Map(),
    channels: new Map(),
    usergroups: new Map(),
    files: new Map(),
    modals: new Map(),
    homes: new Map(),
    triggers: new Map(),
    responseUrls: new Map(),
    messageValues: new Map(),
  };
}

/** A channel with nothing in it; `created` is in seconds. */
export function makeChannel(given: {
  readonly id: string;
  readonly name: string;
  readonly kind: ChannelKind;
  readonly created: number;
  readonly creator: string;
  readonly members: Iterable<string>;
  readonly external?: boolean;
  readonly archived?: boolean;
  readonly topic?: string;
}): Channel {
  return {
    id: given.id,
    name: given.name,
    kind: given.kind,
    created: given.created,
    creator: given.creator,
    is_archived: given.archived ?? false,
    is_general: given.name === 'general',
    is_ext_shared: given.external ?? false,
    topic: { value: given.topic ?? '', creator: given.creator, last_set: given.created },
    purpose: { value: '', creator: given.creator, last_set: 0 },
    members: new Set(given.members),
    messages: new Map(),
    threads: new Map(),
    ephemerals: [],
    bookmarks: [],
    previous_names: [],
  };
}

function seedChannel(state: State, seed: SeedChannel, index: number, now: number): Channel {
  const members = (seed.members ?? []).map((member) => {
    if (state.users.has(member)) return member;
    const named = [...state.users.values()].find((user) => user.name === member);
    if (!named) throw new Error(`seed: #${seed.name} lists ${member}, who is nobody`);
    return named.id;
  });
  return makeChannel({
    id: seed.id ?? `C0SEED${index}`,
    name: seed.name,
    kind: seed.private ? 'private' : 'public',
    created: Math.floor(now / 1000),
    creator: 'U0ANA',
    members,
    external: seed.external ?? false,
    archived: seed.archived ?? false,
    topic: seed.topic ?? '',
  });
}

function makeUser(seed: SeedUser, index: number, now: number): User {
  const id = seed.id ?? `U0SEED${index}`;
  const realName = seed.realName ?? seed.name;
  const tz = seed.tz ?? 'UTC';
  const profile = {
    display_name: seed.bot ? '' : seed.name,
    real_name: realName,
    real_name_normalized: realName,
    display_name_normalized: seed.bot ? '' : seed.name,
    title: seed.title ?? '',
    avatar_hash: 'g0000000000',
    team: TEAM_ID,
  };
  return {
    id,
    team_id: seed.stranger ? 'T0ELSEWHERE' : TEAM_ID,
    name: seed.name,
    real_name: realName,
    deleted: seed.deleted ?? false,
    is_bot: seed.bot ?? false,
    is_admin: seed.admin ?? false,
    is_restricted: seed.restricted ?? false,
    is_ultra_restricted: false,
    is_stranger: seed.stranger ?? false,
    tz,
    tz_label: tz,
    tz_offset: zoneOffset(tz, now),
    color: COLORS[index % COLORS.length] ?? '9f69e7',
    updated: Math.floor(now / 1000),
    profile: seed.bot
      ? { ...profile, bot_id: BOT_ID, api_app_id: APP_ID }
      : { ...profile, email: seed.email ?? `${seed.name}@example.com` },
  };
}

/** Seconds east of UTC at `now`, as `users.info` gives them. */
function zoneOffset(tz: string, now: number): number {
  const name = new Intl.DateTimeFormat('en-US', { timeZone: tz, timeZoneName: 'longOffset' })
    .formatToParts(now)
    .find((part) => part.type === 'timeZoneName')?.value;
  const match = /GMT([+-])(\d\d):(\d\d)/.exec(name ?? '');
  if (!match) return 0;
  const seconds = Number(match[2]) * 3600 + Number(match[3]) * 60;
  return match[1] === '-' ? -seconds : seconds;
}
