import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Control, createControl, type ShownMessage } from '../../simulator/workspace/control.ts';
import { startWorkspace, type Workspace } from '../../simulator/workspace/start.ts';
import { alert, delivery, type Product, shown, startProduct, until } from './product.ts';

let workspace: Workspace;
let people: Control;
let product: Product;
let folder: string;
let card: ShownMessage;

const start = (): Promise<Product> =>
  startProduct({
    SLACK_BOT_TOKEN: workspace.botToken,
    SLACK_APP_TOKEN: workspace.appToken,
    SLACK_API_URL: workspace.apiUrl,
    SIMULATE: 'cluster,metrics',
    DATABASE_URL: `sqlite:${join(folder, 'responder.db')}`,
  });

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'live-'));
  workspace = await startWorkspace();
  people = createControl(workspace.url);
  product = await start();
  await product.deliver(delivery([alert('BuilderSlow', { namespace: 'knative-lambda' })]));
  card = await until('the card', async () =>
    (await people.messages('#incidents')).find((message) => shown(message).includes('BuilderSlow')),
  );
});
afterEach(async () => {
  await product.close();
  await workspace.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The message in the card's thread whose text or blocks fit. */
const inThread = (expected: RegExp): Promise<ShownMessage> =>
  until(`a message with ${expected}`, async () =>
    (await people.messages('#incidents', { thread: card.ts })).find((message) => expected.test(shown(message))),
  );
const mention = (text: string, user = 'ana') => people.mention({ user, channel: '#incidents', thread: card.ts, text });
const told = async (): Promise<readonly string[]> => {
  const { timeline }: { timeline: { text: string }[] } = await (await product.api('/api/incidents/1')).json();
  return timeline.map((entry) => entry.text).filter((text) => text.startsWith('/lambda diag top pods'));
};

describe('a table that is watched', () => {
  test('is edited in place, one at a time, until somebody presses Stop', async () => {
    await mention('diag top pods --watch');
    const first = await inThread(/Kept up to date every 5 s/);
    await mention('diag top nodes --watch', 'jun');
    await inThread(/Shown once: .* keeps “diag top pods” up to date/);

    const edited = await inThread(/As of \d\d:\d\d:\d\d UTC, every 5 s until/);
    expect(edited.ts).toBe(first.ts);
    await people.click({ user: 'jun', channel: '#incidents', ts: first.ts, actionId: 'lambda:live:stop' });
    const ended = await inThread(/Ended at .*: stopped by/);
    expect(ended.ts).toBe(first.ts);
    expect(shown(ended)).toMatch(/knative-lambda-builder/);
    expect(shown(ended)).not.toContain('lambda:live:stop');
    // Once that it was asked for, once how it ended: not every round.
    await until('the end on the timeline', async () => (await told()).length > 1);
    expect(await told()).toEqual([
      expect.stringMatching(/^\/lambda diag top pods --watch: /),
      expect.stringMatching(/kept up to date for \d+ s, ended: stopped by/),
    ]);
  }, 180_000);

  test('goes on in the same message after a short restart', async () => {
    await people.command({ user: 'ana', channel: '#incidents', text: '/lambda diag top pods --watch -i 1' });
    const first = await inThread(/As of /);
    await product.close();
    product = await start();
    const before = shown(first);
    const later = await until('a newer state', async () => {
      const thread = await people.messages('#incidents', { thread: card.ts });
      const message = thread.find((one) => one.ts === first.ts);
      return message && /As of /.test(shown(message)) && shown(message) !== before ? message : null;
    });
    await people.click({ user: 'ana', channel: '#incidents', ts: later.ts, actionId: 'lambda:live:stop' });
    expect((await inThread(/Ended at .*: stopped by/)).ts).toBe(first.ts);
  }, 180_000);

  test('ends when its message is deleted, and another may begin', async () => {
    await mention('diag top pods --watch');
    const message = await inThread(/Kept up to date every 5 s/);
    const headers = { authorization: `Bearer ${workspace.botToken}` };
    const body = new URLSearchParams({ channel: message.channel, ts: message.ts });
    await fetch(`${workspace.apiUrl}chat.delete`, { method: 'POST', headers, body });
    await until('its end on the timeline', async () => /its message is gone/.test((await told()).at(-1) ?? ''));
    await mention('diag logs --follow', 'jun');
    await inThread(/diag logs --follow.*Kept up to date every 5 s/s);
  }, 180_000);
});
