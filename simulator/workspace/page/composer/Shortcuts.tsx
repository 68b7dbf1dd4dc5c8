import { api } from '../api.ts';
import { Icon } from '../Icon.tsx';
import { Menu } from '../Menu.tsx';
import { attempt, current, usePage } from '../store.ts';

/** The app's global shortcuts, as Slack offers them beside the text box; nothing when it has none. */
export function Shortcuts() {
  const workspace = usePage((state) => state.workspace);
  const shortcuts = workspace?.shortcuts.filter((shortcut) => shortcut.type === 'global') ?? [];
  if (shortcuts.length === 0) return null;
  return (
    <Menu label="Shortcuts" trigger={<Icon name="bolt" />}>
      {(close) =>
        shortcuts.map((shortcut) => (
          <button
            type="button"
            key={shortcut.callback_id}
            onClick={() => {
              close();
              attempt(api.shortcut({ user: current().me, callbackId: shortcut.callback_id }));
            }}
          >
            {shortcut.name}
          </button>
        ))
      }
    </Menu>
  );
}
