import type { KnownBlock } from '@slack/types';

export interface User {
  readonly id: string;
  readonly name: string;
  readonly real_name: string;
  readonly is_bot: boolean;
  readonly is_restricted: boolean;
  readonly is_stranger?: boolean;
  readonly color: string;
  readonly profile: { readonly title?: string; readonly display_name?: string };
}

export interface Channel {
  readonly id: string;
  readonly name: string;
  readonly is_im: boolean;
  readonly is_private?: boolean;
  readonly is_archived: boolean;
  readonly is_ext_shared?: boolean;
  readonly topic?: { readonly value: string };
  readonly members: readonly string[];
  readonly bookmarks: readonly {
    readonly id: string;
    readonly title: string;
    readonly link: string;
    readonly emoji: string;
  }[];
}

export interface Usergroup {
  readonly id: string;
  readonly handle: string;
  readonly name: string;
  readonly users: readonly string[];
}

export interface Command {
  readonly command: string;
  readonly description: string;
  readonly usage_hint: string;
}

export interface Shortcut {
  readonly type: 'message' | 'global';
  readonly name: string;
  readonly callback_id: string;
}

/** What `/ui/workspace` answers. */
export interface WorkspaceInfo {
  readonly name: string;
  readonly app: { readonly id: string; readonly user: string };
  readonly users: readonly User[];
  readonly usergroups: readonly Usergroup[];
  readonly channels: readonly Channel[];
  readonly commands: readonly Command[];
  readonly shortcuts: readonly Shortcut[];
  readonly homeEnabled: boolean;
  readonly scenarios: boolean;
}

export interface SharedFile {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly mimetype: string;
  readonly pretty_type: string;
  readonly size: number;
  readonly preview?: string;
  readonly lines?: number;
  readonly lines_more?: number;
  readonly alt_txt?: string;
}

export interface Attachment {
  readonly color?: string;
  readonly pretext?: string;
  readonly title?: string;
  readonly title_link?: string;
  readonly text?: string;
  readonly fallback?: string;
  readonly fields?: readonly { readonly title: string; readonly value: string; readonly short?: boolean }[];
  readonly footer?: string;
  readonly blocks?: readonly KnownBlock[];
}

export interface Message {
  readonly ts: string;
  readonly channel: string;
  readonly user: string;
  readonly text: string;
  readonly subtype?: string;
  readonly bot_id?: string;
  readonly username?: string;
  readonly icon_emoji?: string;
  readonly blocks?: readonly KnownBlock[];
  readonly attachments?: readonly Attachment[];
  readonly files?: readonly SharedFile[];
  readonly reactions?: readonly { readonly name: string; readonly users: readonly string[] }[];
  readonly thread_ts?: string;
  readonly reply_count?: number;
  readonly reply_users?: readonly string[];
  readonly latest_reply?: string;
  readonly broadcast?: boolean;
  readonly edited?: { readonly ts: string };
  readonly pinned_info?: { readonly pinned_by: string };
  readonly is_ephemeral?: boolean;
  readonly ephemeral_to?: string;
}

export interface View {
  readonly id: string;
  readonly type: 'modal' | 'home';
  readonly title: { readonly text: string };
  readonly submit: { readonly text: string } | null;
  readonly close: { readonly text: string } | null;
  readonly hash: string;
  readonly blocks: readonly KnownBlock[];
  readonly state: { readonly values: Readonly<Record<string, Readonly<Record<string, Entered>>>> };
  readonly errors?: Readonly<Record<string, string>>;
}

/** The state of an input as Slack words it. */
export type Entered = Readonly<Record<string, unknown>>;

export interface Personal {
  readonly modals: readonly View[];
  readonly home: View | null;
}

/** What people enter into one element: the option's value or text, or several. */
export type Chosen = string | readonly string[];

export type Change =
  | { readonly kind: 'message'; readonly channel: string; readonly message: Message }
  | { readonly kind: 'removed'; readonly channel: string; readonly ts: string }
  | { readonly kind: 'channels' | 'reset' }
  | { readonly kind: 'modals' | 'home'; readonly user: string };
