import { useState } from 'react';
import { Icon } from './Icon.tsx';
import { Menu } from './Menu.tsx';
import { Emoji } from './text/Emoji.tsx';
import { EMOJI, FREQUENT } from './text/emoji.ts';

/** A searchable grid of emoji. */
export function EmojiPicker({ label, onPick }: { label: string; onPick: (name: string) => void }) {
  const [wanted, setWanted] = useState('');
  const names = wanted ? Object.keys(EMOJI).filter((name) => name.includes(wanted.toLowerCase())) : everyOne();
  return (
    <Menu label={label} trigger={<Icon name="smile" />}>
      {(close) => (
        <div className="picker">
          <input
            type="search"
            placeholder="Search emoji"
            aria-label="Search emoji"
            value={wanted}
            onChange={(event) => setWanted(event.target.value)}
          />
          <div className="picker-grid">
            {names.slice(0, 96).map((name) => (
              <button
                type="button"
                key={name}
                title={`:${name}:`}
                aria-label={name.replaceAll('_', ' ')}
                onClick={() => {
                  close();
                  onPick(name);
                }}
              >
                <Emoji name={name} />
              </button>
            ))}
          </div>
        </div>
      )}
    </Menu>
  );
}

function everyOne(): string[] {
  // Several names stand for one picture: each is offered once, by the name that comes first.
  const byPicture = new Map<string | undefined, string>();
  for (const name of [...FREQUENT, ...Object.keys(EMOJI)]) {
    if (!byPicture.has(EMOJI[name])) byPicture.set(EMOJI[name], name);
  }
  return [...byPicture.values()];
}
