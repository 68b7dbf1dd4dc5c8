import { type KeyboardEvent, useId, useLayoutEffect, useRef, useState } from 'react';
import { api } from '../api.ts';
import { EmojiPicker } from '../EmojiPicker.tsx';
import { Icon } from '../Icon.tsx';
import { attempt, current, usePage } from '../store.ts';
import { EMOJI } from '../text/emoji.ts';
import { complete } from './completion.ts';
import { Shortcuts } from './Shortcuts.tsx';

const drafts = new Map<string, string>();
const typedBefore: string[] = [];

/** Where people type: Enter sends, Shift+Enter breaks the line, `/`, `@`, `#` and `:` complete. */
export function Composer({ channel, thread, placeholder }: { channel: string; thread?: string; placeholder: string }) {
  const place = `${channel}:${thread ?? ''}`;
  const workspace = usePage((state) => state.workspace);
  const [text, setText] = useState(drafts.get(place) ?? '');
  const [cursor, setCursor] = useState(0);
  const [picked, setPicked] = useState(0);
  const [dismissed, setDismissed] = useState(false);
  const box = useRef<HTMLTextAreaElement>(null);
  const id = useId();
  const offers = workspace && !dismissed ? complete(text.slice(0, cursor), workspace, typedBefore) : [];
  const at = Math.min(picked, offers.length - 1);

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    element.style.height = 'auto';
    element.style.height = `${text === '' ? element.scrollHeight : Math.min(element.scrollHeight, 240)}px`;
  }, [text]);

  const write = (next: string, to = next.length) => {
    drafts.set(place, next);
    setText(next);
    setCursor(to);
    setPicked(0);
    setDismissed(false);
  };
  const take = (index: number) => {
    const offer = offers[index];
    if (!offer) return;
    const next = `${offer.insert}${text.slice(cursor)}`;
    write(next, offer.insert.length);
    requestAnimationFrame(() => box.current?.setSelectionRange(offer.insert.length, offer.insert.length));
    box.current?.focus();
  };
  const send = () => {
    const typed = text.trim();
    if (!typed) return;
    typedBefore.unshift(typed);
    write('');
    const said = { user: current().me, channel, text: typed, ...(thread ? { thread } : {}) };
    attempt(typed.startsWith('/') ? api.command(said) : api.message(said));
  };
  const keys = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (offers.length > 0 && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      event.preventDefault();
      setPicked((at + (event.key === 'ArrowDown' ? 1 : -1) + offers.length) % offers.length);
    } else if (offers.length > 0 && event.key === 'Escape') {
      event.stopPropagation();
      setDismissed(true);
    } else if (
      offers.length > 0 &&
      (event.key === 'Tab' || (event.key === 'Enter' && wants(text, offers[at]?.insert)))
    ) {
      event.preventDefault();
      take(at);
    } else if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      send();
    }
  };

  return (
    <div className="composer">
      {offers.length > 0 && (
        <div className="offers" role="listbox" id={id} aria-label="Completions">
          {offers.map((offer, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the text box it completes has the keyboard
            <div
              role="option"
              tabIndex={-1}
              key={offer.shown}
              id={`${id}-${index}`}
              aria-selected={index === at}
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => take(index)}
            >
              <span>{offer.shown}</span>
              <small>{offer.about}</small>
            </div>
          ))}
        </div>
      )}
      <div className="composer-box">
        <textarea
          ref={box}
          rows={1}
          value={text}
          placeholder={placeholder}
          aria-label={placeholder}
          role="combobox"
          aria-expanded={offers.length > 0}
          aria-controls={id}
          aria-autocomplete="list"
          aria-activedescendant={offers.length > 0 ? `${id}-${at}` : undefined}
          onChange={(event) => write(event.target.value, event.target.selectionStart)}
          onSelect={(event) => setCursor(event.currentTarget.selectionStart)}
          onKeyDown={keys}
        />
        <Shortcuts />
        <EmojiPicker label="Insert an emoji" onPick={(name) => write(`${text}${EMOJI[name] ?? ''}`)} />
        <button type="button" className="send" aria-label="Send" disabled={text.trim() === ''} onClick={send}>
          <Icon name="send" />
        </button>
      </div>
    </div>
  );
}

/** Enter completes a half-typed word, but sends a command that is already whole. */
function wants(text: string, insert: string | undefined): boolean {
  if (insert === undefined) return false;
  return !text.startsWith('/') || !/^\/\S+\s+\S/.test(text);
}
