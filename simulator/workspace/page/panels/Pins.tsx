import { MessageRow } from '../MessageRow.tsx';
import { usePage } from '../store.ts';
import { Panel } from './Panel.tsx';

/** The pinned messages of the channel. */
export function Pins() {
  const channel = usePage((state) => state.place.channel);
  const all = usePage((state) => state.messages[channel]);
  const pinned = [...(all?.values() ?? [])].filter((message) => message.pinned_info);
  return (
    <Panel title="Pinned messages">
      <div className="messages">
        {pinned.length === 0 && <p className="empty">Nothing is pinned here.</p>}
        <ol>
          {pinned.map((message) => (
            <MessageRow key={message.ts} message={message} joined={false} inThread={false} />
          ))}
        </ol>
      </div>
    </Panel>
  );
}
