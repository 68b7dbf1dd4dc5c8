import { useMemo } from 'react';
import { Composer } from './composer/Composer.tsx';
import { Icon } from './Icon.tsx';
import { MessageList } from './MessageList.tsx';
import type { Message } from './shapes.ts';
import { channelOf, go, usePage } from './store.ts';
import { Emoji } from './text/Emoji.tsx';
import { Mrkdwn } from './text/mrkdwn.tsx';

/** A channel: header, messages, composer. */
export function Conversation({ channelId }: { channelId: string }) {
  usePage((state) => state.workspace);
  const all = usePage((state) => state.messages[channelId]);
  const me = usePage((state) => state.me);
  const panel = usePage((state) => state.place.panel);
  const channel = channelOf(channelId);
  const messages = useMemo(() => topLevel(all, me), [all, me]);
  if (!channel) return <main className="conversation" />;
  const pins = messages.filter((message) => message.pinned_info).length;
  const name = channel.is_im ? 'Lambda Responder' : `#${channel.name}`;
  const member = channel.members.includes(me);
  return (
    <main className="conversation" aria-label={name}>
      <header className="bar">
        <button type="button" className="icon phone-only" aria-label="Channels" onClick={() => go({ browsing: true })}>
          <Icon name="back" />
        </button>
        <h1>
          {!channel.is_im && <Icon name={channel.is_private ? 'lock' : 'hash'} size={17} />}
          {channel.is_im ? name : channel.name}
        </h1>
        <p className="topic">
          <Mrkdwn text={channel.topic?.value ?? ''} />
        </p>
        <span className="bar-tools">
          <span className="count" title={`${channel.members.length} members`}>
            <Icon name="users" size={16} /> {channel.members.length}
            <span className="hidden"> members</span>
          </span>
          <button
            type="button"
            className="count"
            aria-pressed={panel === 'pins'}
            title="Pinned messages"
            onClick={() => go({ panel: panel === 'pins' ? null : 'pins', thread: null })}
          >
            <Icon name="pin" size={16} /> {pins}
            <span className="hidden"> pinned messages</span>
          </button>
        </span>
      </header>
      {channel.bookmarks.length > 0 && (
        <ul className="bookmarks" aria-label="Bookmarks">
          {channel.bookmarks.map((bookmark) => (
            <li key={bookmark.id}>
              <a href={bookmark.link} target="_blank" rel="noreferrer">
                {bookmark.emoji && <Emoji name={bookmark.emoji.replaceAll(':', '')} />} {bookmark.title}
              </a>
            </li>
          ))}
        </ul>
      )}
      {messages.length === 0 ? (
        <div className="messages empty">
          <p>
            This is the very beginning of <strong>{name}</strong>.
          </p>
        </div>
      ) : (
        <MessageList messages={messages} inThread={false} label={`Messages in ${name}`} />
      )}
      {channel.is_archived || !member ? (
        <p className="closed">
          {channel.is_archived ? 'This channel is archived.' : `You are looking at ${name} without being a member.`}
        </p>
      ) : (
        <Composer channel={channelId} placeholder={`Message ${name}`} />
      )}
    </main>
  );
}

/**
 * The messages shown in the channel itself: no replies but those sent to the channel too, and no ephemeral messages of
 * others.
 */
function topLevel(all: ReadonlyMap<string, Message> | undefined, me: string): Message[] {
  return [...(all?.values() ?? [])]
    .filter((message) => !message.thread_ts || message.thread_ts === message.ts || message.broadcast)
    .filter((message) => !message.ephemeral_to || message.ephemeral_to === me)
    .toSorted((a, b) => a.ts.localeCompare(b.ts));
}
