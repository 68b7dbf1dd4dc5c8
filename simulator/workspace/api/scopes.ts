import type { ChannelKind } from '../state.ts';

type Needed = string | ((kind: ChannelKind | undefined) => readonly string[]);

const read: Needed = (kind) => byKind(kind, 'channels:read', 'groups:read', 'im:read');
const history: Needed = (kind) => byKind(kind, 'channels:history', 'groups:history', 'im:history');
const manage: Needed = (kind) => byKind(kind, 'channels:manage', 'groups:write', 'im:write');
const topic: Needed = (kind) =>
  kind === 'private' ? ['groups:write', 'groups:write.topic'] : ['channels:manage', 'channels:write.topic'];
const invite: Needed = (kind) =>
  kind === 'private' ? ['groups:write', 'groups:write.invites'] : ['channels:manage', 'channels:write.invites'];

/** The bot scopes of each method, any one of which is enough. Methods that are missing need none. */
const SCOPES: Record<string, Needed> = {
  'chat.postMessage': 'chat:write',
  'chat.postEphemeral': 'chat:write',
  'chat.update': 'chat:write',
  'chat.delete': 'chat:write',
  'conversations.create': manage,
  'conversations.archive': manage,
  'conversations.unarchive': manage,
  'conversations.rename': manage,
  'conversations.setTopic': topic,
  'conversations.setPurpose': topic,
  'conversations.invite': invite,
  'conversations.kick': manage,
  'conversations.leave': manage,
  'conversations.open': () => ['im:write'],
  'conversations.join': 'channels:join',
  'conversations.list': () => ['channels:read', 'groups:read', 'im:read'],
  'conversations.info': read,
  'conversations.members': read,
  'conversations.history': history,
  'conversations.replies': history,
  'users.conversations': () => ['channels:read', 'groups:read', 'im:read'],
  'users.info': 'users:read',
  'users.list': 'users:read',
  'users.getPresence': 'users:read',
  'users.profile.get': 'users.profile:read',
  'users.lookupByEmail': 'users:read.email',
  'usergroups.list': 'usergroups:read',
  'usergroups.users.list': 'usergroups:read',
  'pins.add': 'pins:write',
  'pins.remove': 'pins:write',
  'pins.list': 'pins:read',
  'bookmarks.add': 'bookmarks:write',
  'bookmarks.edit': 'bookmarks:write',
  'bookmarks.remove': 'bookmarks:write',
  'bookmarks.list': 'bookmarks:read',
  'reactions.add': 'reactions:write',
  'reactions.remove': 'reactions:write',
  'reactions.get': 'reactions:read',
  'files.getUploadURLExternal': 'files:write',
  'files.completeUploadExternal': 'files:write',
  'files.delete': 'files:write',
  'files.info': 'files:read',
  'bots.info': 'users:read',
  'team.info': 'team:read',
  'emoji.list': 'emoji:read',
};

/** The scopes of which one is needed; empty when none is. */
export function acceptedScopes(method: string, kind: ChannelKind | undefined): readonly string[] {
  const needed = SCOPES[method];
  if (needed === undefined) return [];
  return typeof needed === 'string' ? [needed] : needed(kind);
}

function byKind(kind: ChannelKind | undefined, open: string, hidden: string, direct: string): readonly string[] {
  if (kind === 'private') return [hidden];
  return kind === 'im' ? [direct] : [open];
}
