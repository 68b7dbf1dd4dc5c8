import { useSyncExternalStore } from 'react';
import { api } from './api.ts';
import type { Change, Channel, Message, Personal, User, WorkspaceInfo } from './shapes.ts';

export type Panel = 'thread' | 'pins' | 'scenarios' | null;

/** Where the person is looking. `channel` is a channel's id, or `home` for the app's Home tab. */
export interface Place {
  readonly channel: string;
  readonly thread: string | null;
  readonly panel: Panel;
  /** On a phone: the channel list instead of the conversation. */
  readonly browsing: boolean;
}

export interface PageState {
  readonly workspace: WorkspaceInfo | null;
  readonly messages: Readonly<Record<string, ReadonlyMap<string, Message>>>;
  readonly personal: Personal;
  readonly me: string;
  readonly place: Place;
  readonly unread: Readonly<Record<string, { readonly count: number; readonly mention: boolean }>>;
  readonly connected: boolean;
  readonly notice: string | null;
}

const NOBODY: Personal = { modals: [], home: null };

let state: PageState = {
  workspace: null,
  messages: {},
  personal: NOBODY,
  me: localStorage.getItem('me') ?? 'U0ANA',
  place: { channel: '', thread: null, panel: null, browsing: false },
  unread: {},
  connected: true,
  notice: null,
};
const listeners = new Set<() => void>();

/** The page's state; components re-render when the part they select changes. */
export function usePage<Part>(select: (state: PageState) => Part): Part {
  return useSyncExternalStore(subscribe, () => select(state));
}

export function current(): PageState {
  return state;
}

export function change(part: Partial<PageState>): void {
  state = { ...state, ...part };
  for (const listener of listeners) listener();
}

/** Shows a failure to the person instead of losing it. */
export function attempt(work: Promise<unknown>): void {
  work.catch((error: unknown) => {
    change({ notice: error instanceof Error ? error.message : String(error) });
  });
}

export function go(place: Partial<Place>): void {
  const next = { ...state.place, browsing: false, ...place };
  const { [next.channel]: _seen, ...unread } = state.unread;
  change({ place: next, unread: next.browsing ? state.unread : unread });
  const thread = next.thread ? `?thread_ts=${next.thread}&cid=${next.channel}` : '';
  history.replaceState(null, '', next.channel === 'home' ? '/' : `/archives/${next.channel}${thread}`);
  if (next.channel && next.channel !== 'home') attempt(load(next.channel));
}

/** Becomes another person. */
export function actAs(user: string): void {
  localStorage.setItem('me', user);
  change({ me: user, personal: NOBODY });
  attempt(loadPersonal());
}

export function userOf(id: string): User | undefined {
  return state.workspace?.users.find((user) => user.id === id);
}

export function channelOf(id: string): Channel | undefined {
  return state.workspace?.channels.find((channel) => channel.id === id);
}

/** Reads the workspace, opens the place the address names, and follows what happens from then on. */
export async function begin(): Promise<void> {
  await loadWorkspace();
  await loadPersonal();
  const address = /^\/archives\/(\w+)(?:\/p(\d{10})(\d{6}))?/.exec(location.pathname);
  const thread = new URLSearchParams(location.search).get('thread_ts');
  const named = address?.[1] && channelOf(address[1]) ? address[1] : undefined;
  const first =
    state.workspace?.channels.find((channel) => channel.name === 'incidents') ?? state.workspace?.channels[0];
  go({
    channel: named ?? first?.id ?? '',
    ...(named && thread ? { thread, panel: 'thread' as const } : {}),
  });
  follow();
}

function follow(): void {
  const stream = new EventSource('/ui/stream');
  let waiting: Change[] = [];
  stream.onmessage = (frame) => {
    waiting.push(JSON.parse(frame.data));
    if (waiting.length > 1) return;
    setTimeout(() => {
      const batch = waiting;
      waiting = [];
      apply(batch);
    }, 16);
  };
  let was = true;
  stream.onopen = () => {
    change({ connected: true });
    if (!was) attempt(reload());
    was = true;
  };
  stream.onerror = () => {
    was = false;
    change({ connected: false });
  };
}

function apply(batch: readonly Change[]): void {
  const messages = { ...state.messages };
  const unread = { ...state.unread };
  for (const one of batch) {
    if (one.kind === 'message') {
      const known = messages[one.channel];
      if (known) messages[one.channel] = new Map(known).set(one.message.ts, one.message);
      if (isNews(one.message, known)) {
        const before = unread[one.channel] ?? { count: 0, mention: false };
        unread[one.channel] = { count: before.count + 1, mention: before.mention || mentionsMe(one.message) };
      }
    } else if (one.kind === 'removed') {
      const left = new Map(messages[one.channel]);
      left.delete(one.ts);
      messages[one.channel] = left;
    }
  }
  change({ messages, unread });
  if (batch.some((one) => one.kind === 'reset')) attempt(reload());
  if (batch.some((one) => one.kind === 'channels')) attempt(loadWorkspace());
  if (batch.some((one) => (one.kind === 'modals' || one.kind === 'home') && one.user === state.me)) {
    attempt(loadPersonal());
  }
}

function isNews(message: Message, known: ReadonlyMap<string, Message> | undefined): boolean {
  if (message.channel === state.place.channel || message.user === state.me || message.edited) return false;
  if (message.ephemeral_to && message.ephemeral_to !== state.me) return false;
  if (message.thread_ts && !message.broadcast) return false;
  return known ? !known.has(message.ts) : Number(message.ts) * 1000 > Date.now() - 5_000 && !message.reply_count;
}

function mentionsMe(message: Message): boolean {
  const groups = state.workspace?.usergroups.filter((group) => group.users.includes(state.me)) ?? [];
  const text = `${message.text} ${JSON.stringify(message.blocks ?? [])}`;
  return text.includes(`<@${state.me}>`) || groups.some((group) => text.includes(group.id));
}

async function loadWorkspace(): Promise<void> {
  change({ workspace: await api.workspace() });
}

async function loadPersonal(): Promise<void> {
  change({ personal: await api.personal(state.me) });
}

async function load(channel: string): Promise<void> {
  if (state.messages[channel]) return;
  await loadMessages(channel);
}

async function loadMessages(channel: string): Promise<void> {
  const { messages } = await api.channel(channel);
  const map = new Map(messages.map((message) => [message.ts, message]));
  change({ messages: { ...state.messages, [channel]: map } });
}

/** After a lost connection or a reset: what is shown may be stale as a whole. */
async function reload(): Promise<void> {
  await loadWorkspace();
  await loadPersonal();
  const loaded = Object.keys(state.messages).filter((id) => channelOf(id));
  change({ messages: {} });
  await Promise.all([...new Set([...loaded, state.place.channel])].filter(channelOf).map(loadMessages));
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
