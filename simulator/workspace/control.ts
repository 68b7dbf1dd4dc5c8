import type { Fault } from './faults.ts';
import type { Json } from './state.ts';

/** A message as the workspace shows it; unknown fields are Slack's. */
export interface ShownMessage extends Json {
  readonly ts: string;
  readonly channel: string;
  readonly user: string;
  readonly text: string;
  readonly thread_ts?: string;
  readonly blocks?: Json[];
  readonly attachments?: Json[];
  readonly metadata?: Json;
  readonly files?: {
    readonly id: string;
    readonly name: string;
    readonly size: number;
    readonly url_private: string;
  }[];
  readonly reactions?: { readonly name: string; readonly users: string[]; readonly count: number }[];
  readonly reply_count?: number;
  readonly is_ephemeral?: boolean;
}

export interface ShownCall {
  readonly method: string;
  readonly args: Json;
  readonly at: number;
  readonly ok: boolean;
  readonly error?: string;
  readonly status: number;
}

/** The app's response: `acked` with its answer, or Slack's message to the person. */
export interface Taken {
  readonly outcome: 'acked' | 'operation_timeout' | 'dispatch_failed';
  readonly body?: Json | string | null;
  readonly because?: string;
}

export interface Said {
  /** A user's id or name: `ana`, `jun`, `kim`, `sam`. */
  readonly user: string;
  /** A channel's id, `#name` or name; `dm` is the direct message with the app. */
  readonly channel: string;
  readonly text: string;
  /** The timestamp of the parent message. */
  readonly thread?: string;
}

export interface Pressed {
  readonly user: string;
  readonly channel?: string;
  readonly ts?: string;
  /** The id of a view instead of channel and ts. */
  readonly view?: string;
  readonly actionId: string;
  readonly blockId?: string;
  readonly value?: string | readonly string[];
}

/**
 * People's actions in the simulated workspace, and queries of tests. Every method throws `ControlError` when refused.
 */
export interface Control {
  /** Messages of a channel oldest first, or a parent and its replies. */
  messages(channel: string, options?: { readonly thread?: string }): Promise<ShownMessage[]>;
  ephemerals(user: string): Promise<ShownMessage[]>;
  calls(method?: string): Promise<ShownCall[]>;
  channels(): Promise<Json[]>;
  /** `met`: how often each kind of fault was met since the start, by `faultName`. */
  status(): Promise<{
    sockets: number;
    requestUrl: string | null;
    lostEvents: number;
    faults: Fault[];
    met: Readonly<Record<string, number>>;
  }>;
  /** A slash command; resolves when the app acknowledged or three seconds are over. */
  command(typed: Said): Promise<Taken>;
  /** An ordinary message. */
  message(typed: Said): Promise<{ channel: string; ts: string }>;
  /** A message that begins with the app's name. */
  mention(typed: Said): Promise<{ channel: string; ts: string }>;
  /** A button pressed or an option chosen, in a message or a view. */
  click(pressed: Pressed): Promise<Taken>;
  /** The top modal is filled in (action id to value) and submitted. */
  viewSubmit(given: {
    readonly user: string;
    readonly view?: string;
    readonly values?: Readonly<Record<string, string | readonly string[]>>;
    /** By block id, then action id, for views in which action ids repeat. */
    readonly blocks?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
  }): Promise<{ ack: string; errors: Record<string, string>; top: Json | null }>;
  viewClose(user: string): Promise<void>;
  modals(user: string): Promise<Json[]>;
  home(user: string): Promise<Json | null>;
  openHome(user: string): Promise<void>;
  /** What an external select offers for what was typed. */
  suggest(asked: Pressed): Promise<Json[]>;
  shortcut(used: {
    readonly user: string;
    readonly callbackId: string;
    readonly channel?: string;
    readonly ts?: string;
  }): Promise<Taken>;
  react(given: {
    readonly user: string;
    readonly channel: string;
    readonly ts: string;
    readonly name: string;
    readonly remove?: boolean;
  }): Promise<void>;
  pin(given: {
    readonly user: string;
    readonly channel: string;
    readonly ts: string;
    readonly remove?: boolean;
  }): Promise<void>;
  deleteMessage(given: { readonly user: string; readonly channel: string; readonly ts: string }): Promise<void>;
  join(user: string, channel: string): Promise<void>;
  kick(user: string, channel: string): Promise<void>;
  archive(channel: string, archived?: boolean): Promise<void>;
  fault(fault: Fault): Promise<void>;
  clearFaults(): Promise<void>;
  /** Asks connected apps to reconnect. */
  refresh(options?: { readonly reason?: string; readonly graceMs?: number }): Promise<void>;
  /** Deliver signed HTTP to this address, or over Socket Mode again with null. */
  requestUrl(url: string | null): Promise<void>;
  /** Back to the seed: no messages, no faults, no calls. */
  reset(): Promise<void>;
}

/** A control action was refused; `code` is the workspace's reason. */
export class ControlError extends Error {
  readonly code: string;

  constructor(action: string, code: string) {
    super(`${action}: ${code}`);
    this.name = 'ControlError';
    this.code = code;
  }
}

/** The client of `/control`; `url` is the address `startWorkspace` returned. */
export function createControl(url: string): Control {
  const call = async <Answer>(action: string, given: object = {}): Promise<Answer> => {
    const response = await fetch(new URL(`/control/${action}`, url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(given),
    });
    const answer = (await response.json()) as Answer & { error?: unknown }; // our own server, typed by the interface above
    if (!response.ok) throw new ControlError(action, String(answer.error));
    return answer;
  };
  const field = async <Value>(action: string, name: string, given: object = {}): Promise<Value> => {
    const answer = await call<Record<string, Value>>(action, given);
    return answer[name] as Value; // the action always answers with this field
  };
  return {
    messages: (channel, options) => field('messages', 'messages', { channel, ...options }),
    ephemerals: (user) => field('ephemerals', 'messages', { user }),
    calls: (method) => field('calls', 'calls', { ...(method ? { method } : {}) }),
    channels: () => field('channels', 'channels'),
    status: () => call('status'),
    command: (typed) => call('command', typed),
    message: (typed) => call('message', typed),
    mention: (typed) => call('mention', typed),
    click: (pressed) => call('click', pressed),
    viewSubmit: (given) => call('viewSubmit', given),
    viewClose: (user) => call('viewClose', { user }),
    modals: (user) => field('modals', 'modals', { user }),
    home: (user) => field('home', 'view', { user }),
    openHome: (user) => call('openHome', { user }),
    suggest: (asked) => field('suggest', 'options', asked),
    shortcut: (used) => call('shortcut', used),
    react: (given) => call('react', given),
    pin: (given) => call('pin', given),
    deleteMessage: (given) => call('deleteMessage', given),
    join: (user, channel) => call('join', { user, channel }),
    kick: (user, channel) => call('kick', { user, channel }),
    archive: (channel, archived) => call('archive', { channel, archived: archived ?? true }),
    fault: (fault) => call('fault', fault),
    clearFaults: () => call('clearFaults'),
    refresh: (options) => call('refresh', options),
    requestUrl: (to) => call('requestUrl', { url: to }),
    reset: () => call('reset'),
  };
}
