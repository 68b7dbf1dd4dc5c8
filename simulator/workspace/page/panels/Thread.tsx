import { useMemo } from 'react';
import { Composer } from '../composer/Composer.tsx';
import { MessageList } from '../MessageList.tsx';
import { channelOf, usePage } from '../store.ts';
import { Panel } from './Panel.tsx';

/** A message and its replies. */
export function Thread() {
  const { channel: channelId, thread } = usePage((state) => state.place);
  const all = usePage((state) => state.messages[channelId]);
  const me = usePage((state) => state.me);
  const messages = useMemo(
    () =>
      [...(all?.values() ?? [])]
        .filter((message) => message.ts === thread || message.thread_ts === thread)
        .filter((message) => !message.ephemeral_to || message.ephemeral_to === me)
        .toSorted((a, b) => a.ts.localeCompare(b.ts)),
    [all, thread, me],
  );
  const channel = channelOf(channelId);
  if (!channel || !thread) return null;
  return (
    <Panel title="Thread" about={channel.is_im ? '' : `#${channel.name}`}>
      <MessageList messages={messages} inThread={true} label="Thread" />
      {channel.members.includes(me) && !channel.is_archived && (
        <Composer channel={channelId} thread={thread} placeholder="Reply…" />
      )}
    </Panel>
  );
}
