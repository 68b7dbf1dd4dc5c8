import { api } from './api.ts';
import { EmojiPicker } from './EmojiPicker.tsx';
import { Icon } from './Icon.tsx';
import { Menu } from './Menu.tsx';
import type { Message } from './shapes.ts';
import { attempt, go, usePage, userOf } from './store.ts';
import { Emoji } from './text/Emoji.tsx';

/** What can be done with a message: shown on hover and focus, and behind one button on a phone. */
export function MessageTools({ message, inThread }: { message: Message; inThread: boolean }) {
  const me = usePage((state) => state.me);
  const workspace = usePage((state) => state.workspace);
  const { channel, ts } = message;
  const target = { user: me, channel, ts };
  const shortcuts = workspace?.shortcuts.filter((shortcut) => shortcut.type === 'message') ?? [];
  const pinned = message.pinned_info !== undefined;
  return (
    <div className="tools" role="toolbar" aria-label="Message actions">
      <QuickReaction message={message} name="eyes" />
      <QuickReaction message={message} name="white_check_mark" />
      <EmojiPicker label="Add a reaction" onPick={(name) => attempt(api.react({ ...target, name, remove: false }))} />
      {!inThread && (
        <button
          type="button"
          className="icon"
          aria-label="Reply in thread"
          title="Reply in thread"
          onClick={() => go({ channel, thread: message.thread_ts ?? ts, panel: 'thread' })}
        >
          <Icon name="reply" />
        </button>
      )}
      <Menu label="More actions" trigger={<Icon name="more" />}>
        {(close) => {
          const item = (text: string, run: () => void) => (
            <button
              type="button"
              key={text}
              onClick={() => {
                close();
                run();
              }}
            >
              {text}
            </button>
          );
          return (
            <>
              {item(pinned ? 'Unpin from channel' : 'Pin to channel', () =>
                attempt(api.pin({ ...target, remove: pinned })),
              )}
              {item('Copy link', () => attempt(copyLink(message)))}
              {shortcuts.map((shortcut) =>
                item(shortcut.name, () => attempt(api.shortcut({ ...target, callbackId: shortcut.callback_id }))),
              )}
              {message.user === me && item('Delete message', () => attempt(api.remove(target)))}
            </>
          );
        }}
      </Menu>
    </div>
  );
}

/** The reactions under a message; a press adds or takes away one's own. */
export function Reactions({ message }: { message: Message }) {
  const me = usePage((state) => state.me);
  if (!message.reactions?.length) return null;
  const { channel, ts } = message;
  return (
    <div className="reactions">
      {message.reactions.map((reaction) => {
        const mine = reaction.users.includes(me);
        const names = reaction.users.map((id) => userOf(id)?.real_name ?? id).join(', ');
        return (
          <button
            type="button"
            key={reaction.name}
            aria-pressed={mine}
            title={`${names} reacted with :${reaction.name}:`}
            onClick={() => attempt(api.react({ user: me, channel, ts, name: reaction.name, remove: mine }))}
          >
            <Emoji name={reaction.name} /> {reaction.users.length}
          </button>
        );
      })}
    </div>
  );
}

function QuickReaction({ message, name }: { message: Message; name: string }) {
  const me = usePage((state) => state.me);
  const mine = message.reactions?.some((one) => one.name === name && one.users.includes(me)) ?? false;
  const label = `React with ${name.replaceAll('_', ' ')}`;
  return (
    <button
      type="button"
      className="icon quick"
      aria-label={label}
      title={label}
      aria-pressed={mine}
      onClick={() => attempt(api.react({ user: me, channel: message.channel, ts: message.ts, name, remove: mine }))}
    >
      <Emoji name={name} />
    </button>
  );
}

async function copyLink(message: Message): Promise<void> {
  const thread = message.thread_ts ? `?thread_ts=${message.thread_ts}&cid=${message.channel}` : '';
  const link = `${location.origin}/archives/${message.channel}/p${message.ts.replace('.', '')}${thread}`;
  await navigator.clipboard.writeText(link);
}
