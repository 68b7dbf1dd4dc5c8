import { useMemo } from 'react';
import { Avatar } from './Avatar.tsx';
import { api } from './api.ts';
import { Blocks } from './blocks/Blocks.tsx';
import type { BlockHost } from './blocks/host.ts';
import { BlockHostProvider } from './blocks/host.ts';
import { each } from './each.ts';
import { Files } from './Files.tsx';
import { Icon } from './Icon.tsx';
import { MessageTools, Reactions } from './MessageTools.tsx';
import type { Attachment, Message } from './shapes.ts';
import { go, usePage, userOf } from './store.ts';
import { clockTime, formatDate, fullTime } from './text/dates.ts';
import { Emoji } from './text/Emoji.tsx';
import { Mrkdwn } from './text/mrkdwn.tsx';

/** One message. `joined`: it follows one of the same author and needs no name; `inThread`: no thread line, no reply button. */
export function MessageRow({ message, joined, inThread }: { message: Message; joined: boolean; inThread: boolean }) {
  const me = usePage((state) => state.me);
  const host = useMemo(() => messageHost(me, message.channel, message.ts), [me, message.channel, message.ts]);
  const user = userOf(message.user);
  const quiet = ['channel_join', 'channel_topic'].includes(message.subtype ?? '');
  const name = message.username ?? user?.real_name ?? (message.user === 'USLACKBOT' ? 'Slackbot' : message.user);
  return (
    <li
      className="message"
      data-joined={joined}
      data-ephemeral={message.is_ephemeral ?? false}
      data-pinned={message.pinned_info !== undefined}
      data-ts={message.ts}
    >
      {message.is_ephemeral && (
        <p className="only-you">
          <Icon name="eye" size={14} /> Only visible to you
        </p>
      )}
      {message.pinned_info && (
        <p className="pinned-by">
          <Icon name="pin" size={14} /> Pinned by {userOf(message.pinned_info.pinned_by)?.real_name}
        </p>
      )}
      {message.broadcast && !inThread && <p className="pinned-by">replied to a thread</p>}
      <div className="gutter">
        {joined ? (
          <Time ts={message.ts} />
        ) : message.icon_emoji ? (
          <Icons name={message.icon_emoji} />
        ) : (
          <Avatar user={user} />
        )}
      </div>
      <div className="message-body">
        {!joined && (
          <p className="author">
            <strong>{name}</strong>
            {(user?.is_bot || message.user === 'USLACKBOT') && <span className="app-badge">APP</span>}
            {user?.is_restricted && <span className="app-badge">GUEST</span>}
            <Time ts={message.ts} />
          </p>
        )}
        <BlockHostProvider value={host}>
          {message.blocks ? (
            <Blocks blocks={message.blocks} />
          ) : (
            message.text && (
              <div className={quiet ? 'text quiet' : 'text'}>
                <Mrkdwn text={quiet ? message.text.replace(/^<@\w+> /, '') : message.text} />
                {message.edited && <small className="edited"> (edited)</small>}
              </div>
            )
          )}
          {each(message.attachments ?? [], (attachment) => (
            <AttachmentBox attachment={attachment} />
          ))}
        </BlockHostProvider>
        <Files files={message.files ?? []} />
        <Reactions message={message} />
        {!inThread && <ThreadLine message={message} />}
      </div>
      {!message.is_ephemeral && message.subtype !== 'tombstone' && (
        <MessageTools message={message} inThread={inThread} />
      )}
    </li>
  );
}

function Time({ ts }: { ts: string }) {
  return (
    <time dateTime={new Date(Number(ts) * 1000).toISOString()} title={fullTime(ts)}>
      {clockTime(ts)}
    </time>
  );
}

function Icons({ name }: { name: string }) {
  return (
    <span className="avatar avatar-emoji">
      <Emoji name={name.replaceAll(':', '')} />
    </span>
  );
}

function ThreadLine({ message }: { message: Message }) {
  if (!message.reply_count) return null;
  const last = formatDate(Number(message.latest_reply ?? message.ts), '{ago}');
  return (
    <button
      type="button"
      className="thread-line"
      onClick={() => go({ channel: message.channel, thread: message.ts, panel: 'thread' })}
    >
      {message.reply_users?.slice(0, 3).map((id) => (
        <Avatar key={id} user={userOf(id)} size={22} />
      ))}
      <strong>
        {message.reply_count} {message.reply_count === 1 ? 'reply' : 'replies'}
      </strong>
      <small>Last reply {last}</small>
    </button>
  );
}

function AttachmentBox({ attachment }: { attachment: Attachment }) {
  const color = attachment.color && /^#?[0-9a-f]{6}$/i.test(attachment.color) ? attachment.color : undefined;
  const bar = color ? (color.startsWith('#') ? color : `#${color}`) : undefined;
  const named: Record<string, string> = { good: '#2eb67d', warning: '#ecb22e', danger: '#e01e5a' };
  return (
    <div className="attachment" style={{ borderColor: bar ?? named[attachment.color ?? ''] }}>
      {attachment.pretext && (
        <p>
          <Mrkdwn text={attachment.pretext} />
        </p>
      )}
      {attachment.title && (
        <p>
          <strong>
            <Mrkdwn
              text={attachment.title_link ? `<${attachment.title_link}|${attachment.title}>` : attachment.title}
            />
          </strong>
        </p>
      )}
      {attachment.text && (
        <div className="text">
          <Mrkdwn text={attachment.text} />
        </div>
      )}
      {attachment.blocks && <Blocks blocks={attachment.blocks} />}
      {attachment.footer && <small>{attachment.footer}</small>}
    </div>
  );
}

function messageHost(user: string, channel: string, ts: string): BlockHost {
  const base = { user, channel, ts };
  return {
    async press(blockId, actionId, value) {
      await api.click({ ...base, blockId, actionId, ...(value === undefined ? {} : { value }) });
    },
    enter(blockId, actionId, value) {
      void api.click({ ...base, blockId, actionId, value });
    },
    async suggest(blockId, actionId, typed) {
      return (await api.suggest({ ...base, blockId, actionId, value: typed })).options;
    },
    entered: () => undefined,
    error: () => undefined,
  };
}
