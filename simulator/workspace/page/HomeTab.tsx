import { Avatar } from './Avatar.tsx';
import { api } from './api.ts';
import { Blocks } from './blocks/Blocks.tsx';
import { BlockHostProvider } from './blocks/host.ts';
import { Icon } from './Icon.tsx';
import type { View } from './shapes.ts';
import { attempt, go, usePage, userOf } from './store.ts';
import { useViewHost } from './viewHost.ts';

/** The app's Home tab, and the way to its direct messages. */
export function HomeTab() {
  const workspace = usePage((state) => state.workspace);
  const home = usePage((state) => state.personal.home);
  const me = usePage((state) => state.me);
  const app = userOf(workspace?.app.user ?? '');
  return (
    <main className="conversation" aria-label={app?.real_name}>
      <header className="bar">
        <button type="button" className="icon phone-only" aria-label="Channels" onClick={() => go({ browsing: true })}>
          <Icon name="back" />
        </button>
        <h1>
          <Avatar user={app} size={26} /> {app?.real_name}
        </h1>
        <span className="bar-tools">
          <button
            type="button"
            className="button button-default"
            onClick={() => attempt(api.direct(me).then(({ channel }) => go({ channel, panel: null, thread: null })))}
          >
            Messages
          </button>
        </span>
      </header>
      <div className="home">
        {home ? (
          <Home key={home.id} view={home} user={me} />
        ) : (
          <p className="empty">The app has published nothing here yet.</p>
        )}
      </div>
    </main>
  );
}

function Home({ view, user }: { view: View; user: string }) {
  const { host } = useViewHost(view, user);
  return (
    <BlockHostProvider value={host}>
      <Blocks key={view.hash} blocks={view.blocks} />
    </BlockHostProvider>
  );
}
