import type { ReactNode } from 'react';
import { Icon } from '../Icon.tsx';
import { go } from '../store.ts';

/** A panel beside the conversation; over it on a phone. */
export function Panel({ title, about, children }: { title: string; about?: string; children: ReactNode }) {
  return (
    <aside className="panel" aria-label={title}>
      <header className="bar">
        <h2>
          {title}
          {about && <small>{about}</small>}
        </h2>
        <button
          type="button"
          className="icon"
          aria-label={`Close ${title.toLowerCase()}`}
          onClick={() => go({ panel: null, thread: null })}
        >
          <Icon name="close" />
        </button>
      </header>
      {children}
    </aside>
  );
}
