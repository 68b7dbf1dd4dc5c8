import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { MessageRow } from './MessageRow.tsx';
import type { Message } from './shapes.ts';
import { dayOf } from './text/dates.ts';

/** Messages shown at first; older ones on request, so that a storm stays light. */
const STEP = 80;
/** Messages of one author within five minutes stand together under one name. */
const TOGETHER_SECONDS = 300;

/** Messages oldest first, kept at the end while the reader is there. */
export function MessageList({
  messages,
  inThread,
  label,
}: {
  messages: readonly Message[];
  inThread: boolean;
  label: string;
}) {
  const [shown, setShown] = useState(STEP);
  const list = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const visible = messages.slice(-shown);
  const last = messages.at(-1);

  useLayoutEffect(() => {
    if (last && atEnd.current) list.current?.scrollTo({ top: list.current.scrollHeight });
  }, [last]);

  useEffect(() => {
    const element = list.current;
    if (!element) return;
    // Pictures and folded text change heights after the fact; the reader at the end stays at the end.
    const observer = new ResizeObserver(() => {
      if (atEnd.current) element.scrollTo({ top: element.scrollHeight });
    });
    for (const child of element.children) observer.observe(child);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  return (
    <div
      className="messages"
      ref={list}
      onScroll={({ currentTarget: at }) => {
        atEnd.current = at.scrollHeight - at.scrollTop - at.clientHeight < 60;
      }}
    >
      <div className="messages-inner">
        {messages.length > shown && (
          <button type="button" className="plain earlier" onClick={() => setShown(shown + STEP)}>
            Show {Math.min(STEP, messages.length - shown)} earlier messages
          </button>
        )}
        <ol aria-label={label} aria-live="polite" aria-relevant="additions">
          {visible.flatMap((message, index) => {
            const before = visible[index - 1];
            const day = dayOf(message.ts);
            const newDay = !inThread && (!before || dayOf(before.ts) !== day);
            return [
              newDay ? (
                <li key={`day ${day}`} className="day">
                  <span>{day}</span>
                </li>
              ) : null,
              <MessageRow
                key={message.ts}
                message={message}
                joined={!newDay && together(before, message)}
                inThread={inThread}
              />,
            ];
          })}
        </ol>
      </div>
    </div>
  );
}

function together(before: Message | undefined, message: Message): boolean {
  if (!before || before.user !== message.user || before.is_ephemeral !== message.is_ephemeral) return false;
  if (message.pinned_info || message.broadcast || message.is_ephemeral || before.username !== message.username)
    return false;
  // Cards and what follows them stand apart: they are read as one thing each.
  if (message.blocks || before.blocks) return false;
  return Number(message.ts) - Number(before.ts) < TOGETHER_SECONDS;
}
