import { setTimeout as pause } from 'node:timers/promises';
import type { Control, ShownMessage, Taken } from '../../simulator/workspace/control.ts';

/** What one person did, and how Slack saw it taken; a mention is an event, which Slack sends until it is taken. */
export interface Done {
  readonly kind: 'command' | 'mention' | 'press';
  /** Of a command, what stands in its answer and in no other; of a press, the incident's number; empty of a mention. */
  readonly mark: string;
  readonly outcome: Taken['outcome'] | 'sent';
  /** When, and how long until it was taken, in ms. */
  readonly at: number;
  readonly ms: number;
  readonly channel: string;
  /** The message it stands in or was pressed in; null of a command. */
  readonly ts: string | null;
}

/** People who type, mention and press, a few times a second, until they are told to stop. */
export interface People {
  /** Resolves to what they did once the last of it was taken or refused. */
  stop(): Promise<readonly Done[]>;
}

/**
 * @param channels where they type in turn: Slack takes about one message a second in each
 * @param cards where cards appear; each of a sev2 is acknowledged by a press
 */
export function startPeople(workspace: Control, channels: readonly string[], cards: readonly string[]): People {
  const under: Promise<Done>[] = [];
  const stop = new AbortController();
  const every = async (ms: number, act: (turn: number) => Promise<void>) => {
    for (let turn = 0; !stop.signal.aborted; turn += 1) {
      await act(turn);
      await pause(ms);
    }
  };
  const channelOf = (turn: number) => channels[turn % channels.length] ?? '';
  const pressed = new Set<string>();
  const loops = [
    every(400, async (turn) => {
      const mark = `typed-${turn}x`;
      const at = Date.now();
      const typed = { user: 'ana', channel: channelOf(turn), text: `/lambda note 1 ${mark}` };
      under.push(
        workspace.command(typed).then(({ outcome }) => ({
          ...since(at),
          kind: 'command',
          mark,
          outcome,
          channel: typed.channel,
          ts: null,
        })),
      );
    }),
    every(2_000, async (turn) => {
      const { channel, ts } = await workspace.mention({ user: 'jun', channel: channelOf(turn), text: 'diag jobs' });
      under.push(Promise.resolve({ at: Date.now(), ms: 0, kind: 'mention', mark: '', outcome: 'sent', channel, ts }));
    }),
    every(500, async (turn) => {
      const channel = cards[turn % cards.length] ?? '';
      const card = (await workspace.messages(channel)).find(
        // A small incident may resolve by itself before it is pressed.
        (message) => /\bSEV2\b/.test(message.text) && !pressed.has(message.ts) && buttonOf(message),
      );
      const button = card && buttonOf(card);
      if (!card || !button) return;
      pressed.add(card.ts);
      const at = Date.now();
      under.push(
        workspace.click({ user: 'kim', channel, ts: card.ts, ...button }).then(({ outcome }) => ({
          ...since(at),
          kind: 'press',
          mark: button.value.replace(/^#(\d+) ack$/, '$1'),
          outcome,
          channel,
          ts: card.ts,
        })),
      );
    }),
  ];
  return {
    async stop() {
      stop.abort();
      await Promise.all(loops);
      return Promise.all(under);
    },
  };
}

function since(at: number): { at: number; ms: number } {
  return { at, ms: Date.now() - at };
}

/** The button that acknowledges. */
function buttonOf(card: ShownMessage): { actionId: string; value: string } | null {
  const elements = (card.blocks ?? []).flatMap((block) => (Array.isArray(block.elements) ? block.elements : []));
  const button = elements.find((element) => /^#\d+ ack$/.test(String(element.value)));
  return button ? { actionId: String(button.action_id), value: String(button.value) } : null;
}
