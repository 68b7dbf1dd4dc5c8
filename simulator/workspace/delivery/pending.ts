import type { WebSocket } from 'ws';
import { z } from 'zod';
import type { Ack } from './ack.ts';

const ackFrame = z.object({
  envelope_id: z.string(),
  payload: z.union([z.record(z.string(), z.unknown()), z.string()]).optional(),
});

interface Waiting {
  readonly socket: WebSocket;
  readonly timer: NodeJS.Timeout;
  readonly waitWhenLost: boolean;
  readonly done: (ack: Ack) => void;
}

/** Envelopes sent and not yet acknowledged. */
export interface Pending {
  add(
    id: string,
    socket: WebSocket,
    timeoutMs: number,
    done: (ack: Ack) => void,
    how?: { waitWhenLost: boolean },
  ): void;
  /** Takes an acknowledgement frame; anything else a client sends is ignored, as Slack does. */
  acknowledge(text: string): void;
  /** The connection is gone: its events are free to go elsewhere at once, its commands run into their timeout. */
  lost(socket: WebSocket): void;
  close(): void;
}

export function createPending(): Pending {
  const waiting = new Map<string, Waiting>();
  const settle = (id: string, ack: Ack): void => {
    const entry = waiting.get(id);
    if (!entry) return;
    waiting.delete(id);
    clearTimeout(entry.timer);
    entry.done(ack);
  };
  return {
    add(id, socket, timeoutMs, done, how) {
      const timer = setTimeout(() => settle(id, { outcome: 'operation_timeout' }), timeoutMs);
      timer.unref();
      waiting.set(id, { socket, timer, waitWhenLost: how?.waitWhenLost ?? false, done });
    },
    acknowledge(text) {
      const frame = ackFrame.safeParse(parseJson(text));
      if (!frame.success) return;
      const { payload } = frame.data;
      const empty = payload === undefined || payload === '' || Object.keys(payload).length === 0;
      settle(frame.data.envelope_id, { outcome: 'acked', body: empty ? null : payload });
    },
    lost(socket) {
      for (const [id, entry] of waiting) {
        if (entry.socket === socket && !entry.waitWhenLost) settle(id, { outcome: 'operation_timeout' });
      }
    },
    close() {
      for (const entry of waiting.values()) clearTimeout(entry.timer);
      for (const id of [...waiting.keys()])
        settle(id, { outcome: 'dispatch_failed', because: 'the workspace stopped' });
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
