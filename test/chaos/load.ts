import { setTimeout as pause } from 'node:timers/promises';
import { createDice } from './dice.ts';
import type { Sender } from './sender.ts';
import type { Stage } from './stage.ts';

/** New alerts all the time: most resolve, many of those fire again and most of these resolve once more. */
export async function sendAlerts(sender: Sender, seed: number, channels: number, stop: AbortSignal): Promise<void> {
  const dice = createDice(seed, 'alerts');
  const lives: Promise<void>[] = [];
  for (let index = 0; !stop.aborted; index += 1) {
    // Drawn whole and first, so that what becomes of an alert does not hang on how long others take.
    const drawn = [0.75, 0.5, 0.7].map((odds) => ({ comes: dice() < odds, afterMs: 800 + dice() * 5_000 }));
    const isGrave = dice() < 0.8;
    // Every eighth is a small one that resolves, is left alone until its incident is resolved, and fires again.
    const turns = index % 8 === 4 ? WHOLE_LIFE : drawn;
    const severity = isGrave && turns === drawn ? 'critical' : 'warning';
    const nextMs = 400 + dice() * 400;
    sender.fire(index, { severity, slot: String(index % channels) });
    lives.push(live(sender, index, turns));
    await pause(nextMs);
  }
  await Promise.all(lives);
}

const WHOLE_LIFE = [
  { comes: true, afterMs: 1_000 },
  { comes: true, afterMs: 10_000 },
  { comes: true, afterMs: 1_000 },
];

async function live(sender: Sender, index: number, turns: readonly { comes: boolean; afterMs: number }[]) {
  for (const [turn, { comes, afterMs }] of turns.entries()) {
    if (!comes) return;
    await pause(afterMs);
    if (turn % 2 === 0) sender.resolve(index);
    else sender.refire(index);
  }
}

/** What a note says and no other; by it the answer and the entry are found again. */
export const NOTE = /chaos-note-\d+x/;

/** Somebody who writes a note about an incident once a second. */
export async function writeNotes(on: Stage, seed: number, stop: AbortSignal): Promise<number> {
  const dice = createDice(seed, 'notes');
  let acknowledged = 0;
  const under: Promise<void>[] = [];
  for (let turn = 0; !stop.aborted; turn += 1) {
    const number = 1 + Math.floor(dice() * (turn + 1));
    const typed = { user: 'ana', channel: '#incidents', text: `/lambda note #${number} chaos-note-${turn}x` };
    const note = on.workspace.command(typed).then(({ outcome }) => {
      if (outcome === 'acked') acknowledged += 1;
    });
    under.push(note);
    await pause(700 + dice() * 700);
  }
  await Promise.all(under);
  return acknowledged;
}
