/** Plain JSON as Slack sends and stores it: blocks, attachments and payloads are kept as they came. */
export type Json = Record<string, unknown>;

export interface User {
  readonly id: string;
  readonly team_id: string;
  readonly name: string;
  readonly real_name: string;
  readonly deleted: boolean;
  readonly is_bot: boolean;
  readonly is_admin: boolean;
  /** A guest: sees only the channels they were added to. */
  readonly is_restricted: boolean;
  readonly is_ultra_restricted: boolean;
  readonly is_stranger: boolean;
  readonly tz: string;
  readonly tz_label: string;
  readonly tz_offset: number;
  readonly color: string;
  readonly updated: number;
  readonly profile: Json & { display_name: string; real_name: string; title: string; email?: string };
}

export type ChannelKind = 'public' | 'private' | 'im';

export interface Channel {
  readonly id: string;
  name: string;
  readonly kind: ChannelKind;
  readonly created: number;
  readonly creator: string;
  is_archived: boolean;
  readonly is_general: boolean;
  /** Shared with another organisation through Slack Connect. */
  readonly is_ext_shared: boolean;
  topic: { value: string; creator: string; last_set: number };
  purpose: { value: string; creator: string; last_set: number };
  readonly members: Set<string>;
  readonly messages: Map<string, Message>;
  /** The timestamps of the replies under each parent, oldest first. */
  readonly threads: Map<string, string[]>;
  readonly ephemerals: Message[];
  readonly bookmarks: Bookmark[];
  previous_names: string[];
}

export interface Reaction {
  readonly name: string;
  readonly users: string[];
}

export interface Message {
  readonly type: 'message';
  readonly channel: string;
  readonly ts: string;
  readonly user: string;
  readonly bot_id?: string;
  readonly subtype?: string;
  text: string;
  blocks?: Json[];
  attachments?: Json[];
  metadata?: Json;
  readonly files?: string[];
  readonly thread_ts?: string;
  edited?: { user: string; ts: string };
  readonly reactions: Reaction[];
  pinned?: { by: string; at: number };
  readonly username?: string;
  readonly icon_emoji?: string;
  /** Also shown in the channel: a reply sent with `reply_broadcast`. */
  readonly broadcast?: boolean;
  /** Set on an ephemeral message: the one person who sees it. */
  readonly ephemeralTo?: string;
  readonly client_msg_id?: string;
}

export interface Bookmark {
  readonly id: string;
  readonly channel_id: string;
  title: string;
  link: string;
  emoji: string;
  readonly type: string;
  readonly date_created: number;
  date_updated: number;
}

export interface Usergroup {
  readonly id: string;
  readonly handle: string;
  readonly name: string;
  readonly description: string;
  users: string[];
  readonly date_create: number;
  date_update: number;
}

export interface StoredFile {
  readonly id: string;
  readonly name: string;
  title: string;
  readonly mimetype: string;
  readonly filetype: string;
  readonly user: string;
  readonly created: number;
  content: Buffer;
  readonly announcedLength: number;
  uploaded: boolean;
  completed: boolean;
  readonly channels: string[];
  altText: string;
}

export interface View {
  readonly id: string;
  readonly type: 'modal' | 'home';
  readonly user: string;
  external_id: string;
  hash: string;
  /** The view as the app sent it: title, submit, close, blocks, private_metadata, callback_id and flags. */
  body: Json;
  readonly values: Values;
  root_view_id: string;
  previous_view_id: string | null;
  errors: Record<string, string>;
}

/** What people have entered so far: block id, then action id, then the value as Slack words it. */
export type Values = Record<string, Record<string, Json>>;

export interface Trigger {
  readonly user: string;
  readonly expiresAt: number;
  /** The modal the interaction came from, which `views.push` needs. */
  readonly viewId?: string;
  used: boolean;
}

export interface ResponseUrl {
  readonly kind: 'commands' | 'actions' | 'app';
  readonly user: string;
  readonly channel: string;
  readonly expiresAt: number;
  uses: number;
  /** The message the interaction came from. A slash command has none, so nothing can be replaced through its URL. */
  readonly source?: { readonly ts: string; readonly ephemeral: boolean; readonly thread_ts?: string };
}

/** Everything the simulated workspace remembers; nothing of it is written to disk. */
export interface State {
  readonly users: Map<string, User>;
  readonly channels: Map<string, Channel>;
  readonly usergroups: Map<string, Usergroup>;
  readonly files: Map<string, StoredFile>;
  /** Open modals of each user, the top one last. */
  readonly modals: Map<string, View[]>;
  readonly homes: Map<string, View>;
  readonly triggers: Map<string, Trigger>;
  readonly responseUrls: Map<string, ResponseUrl>;
  /** Values entered into the inputs of a message, by `channel:ts:user`. */
  readonly messageValues: Map<string, Values>;
}
