import { Avatar } from './Avatar.tsx';
import { api } from './api.ts';
import { Icon } from './Icon.tsx';
import { Menu } from './Menu.tsx';
import { actAs, attempt, go, usePage, userOf } from './store.ts';

/** Channels, the app, and the person the reader acts as. */
export function Sidebar() {
  const workspace = usePage((state) => state.workspace);
  const me = usePage((state) => state.me);
  const place = usePage((state) => state.place);
  const unread = usePage((state) => state.unread);
  if (!workspace) return null;
  const user = userOf(me);
  const channels = workspace.channels
    .filter((channel) => !channel.is_im && !channel.is_archived)
    .filter((channel) => channel.members.includes(me) || (!channel.is_private && !user?.is_restricted))
    .toSorted((a, b) => a.name.localeCompare(b.name));
  const direct = workspace.channels.find((channel) => channel.is_im && channel.members.includes(me));
  return (
    <nav className="sidebar" aria-label="Channels">
      <header>
        <strong>{workspace.name}</strong>
        <span className="simulated">simulated</span>
        <ThemeButton />
      </header>
      <div className="sidebar-list">
        <h2>Channels</h2>
        <ul>
          {channels.map((channel) => {
            const news = unread[channel.id];
            return (
              <li key={channel.id}>
                <button
                  type="button"
                  className={news ? 'place place-unread' : 'place'}
                  aria-current={place.channel === channel.id ? 'page' : undefined}
                  onClick={() => go({ channel: channel.id, thread: null, panel: keep(place.panel) })}
                >
                  <Icon name={channel.is_private ? 'lock' : 'hash'} size={16} />
                  <span className="place-name">{channel.name}</span>
                  {news && (
                    <span className={news.mention ? 'badge badge-mention' : 'badge'}>
                      {news.count}
                      <span className="hidden"> unread</span>
                    </span>
                  )}
                </button>
              </li>
            );
          })}
        </ul>
        <h2>Apps</h2>
        <ul>
          <li>
            <button
              type="button"
              className={direct && unread[direct.id] ? 'place place-unread' : 'place'}
              aria-current={place.channel === 'home' || place.channel === direct?.id ? 'page' : undefined}
              onClick={() => {
                go({ channel: 'home', thread: null, panel: null });
                attempt(api.openHome(me));
              }}
            >
              <Avatar user={userOf(workspace.app.user)} size={18} />
              <span className="place-name">{userOf(workspace.app.user)?.real_name}</span>
            </button>
          </li>
        </ul>
        {workspace.scenarios && (
          <button
            type="button"
            className="place practise"
            aria-pressed={place.panel === 'scenarios'}
            onClick={() => go({ panel: place.panel === 'scenarios' ? null : 'scenarios', thread: null })}
          >
            <Icon name="bolt" size={16} />
            <span className="place-name">Practise a failure</span>
          </button>
        )}
      </div>
      <UserSwitcher />
    </nav>
  );
}

function keep(panel: string | null): 'scenarios' | null {
  return panel === 'scenarios' ? 'scenarios' : null;
}

function UserSwitcher() {
  const workspace = usePage((state) => state.workspace);
  const me = usePage((state) => state.me);
  const people = workspace?.users.filter((user) => !user.is_bot) ?? [];
  const user = userOf(me);
  return (
    <footer>
      <Menu
        label={`Acting as ${user?.real_name ?? me}. Change`}
        className="switcher"
        align="start"
        trigger={
          <>
            <Avatar user={user} size={32} />
            <span className="switcher-name">
              <strong>{user?.real_name}</strong>
              <small>{user?.profile.title || 'Member'}</small>
            </span>
          </>
        }
      >
        {(close) => (
          <fieldset className="people">
            <legend>Act as</legend>
            {people.map((person) => (
              <label key={person.id}>
                <input
                  type="radio"
                  name="me"
                  checked={person.id === me}
                  onChange={() => {
                    actAs(person.id);
                    close();
                  }}
                />
                <Avatar user={person} size={28} />
                <span>
                  {person.real_name} <small>{person.profile.title}</small>
                </span>
              </label>
            ))}
          </fieldset>
        )}
      </Menu>
    </footer>
  );
}

function ThemeButton() {
  const toggle = () => {
    const root = document.documentElement;
    const dark = root.dataset.theme
      ? root.dataset.theme === 'dark'
      : matchMedia('(prefers-color-scheme: dark)').matches;
    root.dataset.theme = dark ? 'light' : 'dark';
    localStorage.setItem('theme', root.dataset.theme);
  };
  return (
    <button type="button" className="icon" aria-label="Light or dark" title="Light or dark" onClick={toggle}>
      <Icon name="sun" />
    </button>
  );
}
