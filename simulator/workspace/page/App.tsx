import { Conversation } from './Conversation.tsx';
import { HomeTab } from './HomeTab.tsx';
import { ModalStack } from './ModalStack.tsx';
import { Pins } from './panels/Pins.tsx';
import { Scenarios } from './panels/Scenarios.tsx';
import { Thread } from './panels/Thread.tsx';
import { Sidebar } from './Sidebar.tsx';
import { change, usePage } from './store.ts';

/** The whole client: channel list, conversation, side panel, modals. */
export function App() {
  const workspace = usePage((state) => state.workspace);
  const place = usePage((state) => state.place);
  const notice = usePage((state) => state.notice);
  const connected = usePage((state) => state.connected);
  if (!workspace || !place.channel) {
    return <p className="loading">{notice ?? 'Opening the workspace…'}</p>;
  }
  return (
    <div className="client" data-browsing={place.browsing} data-panel={place.panel ?? 'none'}>
      <Sidebar />
      {place.channel === 'home' ? <HomeTab /> : <Conversation key={place.channel} channelId={place.channel} />}
      {place.panel === 'thread' && place.thread && <Thread key={place.thread} />}
      {place.panel === 'pins' && <Pins />}
      {place.panel === 'scenarios' && <Scenarios />}
      <ModalStack />
      <div className="notices" aria-live="assertive">
        {!connected && <p className="notice">The workspace does not answer. Trying again…</p>}
        {notice && (
          <p className="notice">
            {notice}{' '}
            <button type="button" className="plain" onClick={() => change({ notice: null })}>
              Dismiss
            </button>
          </p>
        )}
      </div>
    </div>
  );
}
