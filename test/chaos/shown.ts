import { expect } from '@jest/globals';
import type { ShownMessage } from '../../simulator/workspace/control.ts';
import { shown } from '../acceptance/product.ts';
import { NOTE } from './load.ts';
import { type Known, viewOf } from './outcome.ts';
import type { Stage } from './stage.ts';

/** Every grave incident has one card that shows what the store knows, and nothing stands in Slack twice. */
export async function verifySlack(on: Stage, channels: readonly string[], chaos: readonly Known[]): Promise<void> {
  const cards: ShownMessage[] = [];
  const views: string[] = [];
  const threads = new Map<string, readonly ShownMessage[]>();
  for (const channel of channels)
    for (const message of await on.workspace.messages(channel)) {
      const view = viewOf(message);
      if (view === null) continue;
      views.push(view);
      cards.push(message);
      const replies = (await on.workspace.messages(message.channel, { thread: message.ts })).filter(
        ({ ts }) => ts !== message.ts,
      );
      threads.set(view, replies);
      // What is also shown in the channel is one message.
      views.push(
        ...replies.filter((reply) => reply.subtype !== 'thread_broadcast').flatMap((one) => viewOf(one) ?? []),
      );
    }
  expect(views.filter((view, place) => views.indexOf(view) !== place)).toEqual([]);

  for (const { incident, alerts, timeline } of chaos) {
    const view = `card:${incident.number}`;
    const card = cards.find((message) => viewOf(message) === view);
    // In a storm a small incident may have no card of its own.
    if (incident.severity === 'sev2') expect([view, card !== undefined]).toEqual([view, true]);
    if (!card) continue;
    const firing = alerts.some(({ status }) => status === 'firing');
    expect([view, JSON.stringify(card.blocks)]).toEqual([
      view,
      expect.stringMatching(firing ? /Firing/ : /Quiet|Resolved/),
    ]);
    const texts = (threads.get(view) ?? []).map(shown);
    for (const [kind, said] of SAID) {
      const entries = timeline.filter((entry) => entry.kind === kind).length;
      expect([view, kind, texts.filter((text) => said.test(text)).length <= entries, texts]).toEqual([
        view,
        kind,
        true,
        texts,
      ]);
    }
  }
}

/** What a thread says of an entry of the timeline; after an outage not all of it. */
const SAID: readonly (readonly [kind: string, said: RegExp])[] = [
  ['quiet', /All its alerts are resolved/],
  ['refired', /Fires again/],
  ['reopened', /Reopened/],
  ['resolved', /Resolved after/],
  ['reminder', /Quiet for/],
  ['first_look', /First look/i],
];

/** A note that a person was told of is written, and none is written twice. */
export async function verifyNotes(on: Stage, known: readonly Known[]): Promise<void> {
  const written = known.flatMap(({ timeline }) =>
    timeline.flatMap(({ kind, text }) => (kind === 'note' ? (NOTE.exec(text) ?? []) : [])),
  );
  expect(written.filter((mark, place) => written.indexOf(mark) !== place)).toEqual([]);
  const answers = (await on.workspace.ephemerals('ana')).map((message) => JSON.stringify(message));
  const told = answers.filter((answer) => answer.includes('Noted on')).flatMap((answer) => NOTE.exec(answer) ?? []);
  expect(told.length).toBeGreaterThan(3);
  expect(told.filter((mark) => !written.includes(mark))).toEqual([]);
  expect(told.filter((mark, place) => told.indexOf(mark) !== place)).toEqual([]);
}
