import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ShownMessage } from '../../simulator/workspace/control.ts';
import { reply } from '../../src/commands/reply.ts';
import { type Bench, startBench, untilDone } from './bench.ts';
import { alert, type incident, known } from './samples.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await startBench();
  open(1);
  await bench.door.delivery.deliverCard(1, bench.signal);
});
afterEach(() => bench.close());

const open = (number: number, parts: Parameters<typeof incident>[0] = {}): void => {
  const now = Date.now();
  const times = { startedAt: now, openedAt: now, lastActivityAt: now };
  bench.ports.known.set(number, known({ number, ...times, ...parts }, [alert({ incidentNumber: number })]));
};
const deliver = (id: number): Promise<void> => bench.door.delivery.deliverPost(id, bench.signal);
const thread = async (): Promise<ShownMessage[]> => {
  const ts = bench.ports.rows.get('card:1')?.ts ?? '';
  return (await bench.people.messages('#incidents', { thread: ts })).filter((message) => message.ts !== ts);
};
const news = { kind: 'news', text: 'Raised to sev1', broadcast: false, mention: false } as const;
const jobs = {
  columns: ['NAME', 'STATUS', 'COMPLETIONS', 'DURATION', 'AGE'],
  rows: Array.from({ length: 40 }, (_, index) => [
    `image-resizer-build-17611323${index}`,
    index === 33 ? 'Failed' : 'Complete',
    '1/1',
    '42s',
    `${index}m`,
  ]),
  total: 40,
};

describe('posting into an incident’s thread', () => {
  test('puts news under the card, and into the channel too when it is a raise', async () => {
    await deliver(bench.ports.post(1, news));
    await deliver(bench.ports.post(1, { ...news, text: 'It fires again', broadcast: true }));
    const shown = await thread();
    expect(shown.map((message) => message.text)).toEqual(['Raised to sev1', 'It fires again']);
    expect(shown[1]?.subtype).toBe('thread_broadcast');
  });

  test('posts once although Slack’s answer was lost', async () => {
    const id = bench.ports.post(1, news);
    await bench.people.fault({ kind: 'lost_answer', method: 'chat.postMessage' });
    await expect(deliver(id)).rejects.toMatchObject({ retryable: true });
    await deliver(id);
    expect(await thread()).toHaveLength(1);
  });

  test('posts once although Slack makes the message long after the connection broke', async () => {
    const id = bench.ports.post(1, news);
    await bench.people.fault({ kind: 'late', method: 'chat.postMessage', seconds: 1 });
    const made = sleep(1_500);
    await untilDone(() => deliver(id));
    await made;
    expect(await thread()).toHaveLength(1);
  });

  test('posts once although the process was killed before the commit', async () => {
    const id = bench.ports.post(1, news);
    bench.ports.crash.commits = 1;
    await expect(deliver(id)).rejects.toThrow();
    await deliver(id);
    await deliver(id);
    expect(await thread()).toHaveLength(1);
  });

  test('waits for the card', async () => {
    open(2);
    const id = bench.ports.post(2, news);
    await expect(deliver(id)).rejects.toMatchObject({ retryable: true, retryAfterMs: 500 });
    await bench.door.delivery.deliverCard(2, bench.signal);
    await deliver(id);
    expect(bench.ports.outbox.get(id)?.state).toBe('sent');
  });

  test('does not wait for a card that never comes: sev4 has none', async () => {
    open(3, { severity: 'sev4' });
    const id = bench.ports.post(3, news);
    await deliver(id);
    expect(bench.ports.outbox.get(id)?.state).toBe('dead');
  });

  test('leaves the group to a card that has just mentioned it, and calls it for every later round', async () => {
    await bench.close();
    bench = await startBench({ config: { mentionGroup: 'S0ONCALL' } });
    const opened = Date.now();
    const begun = (since: number) => ({ policy: 'all', since, done: 1, lastAt: since, nextAt: null });
    const call = { ask: 'acknowledge', groups: ['S0ONCALL'], users: [], withCard: true, by: null } as const;
    open(1, { severity: 'sev1', escalation: begun(opened) });
    await bench.door.delivery.deliverCard(1, bench.signal);
    await deliver(bench.ports.post(1, { kind: 'call', call: { ...call, since: opened } }));
    expect(await thread()).toEqual([]);
    const later = opened + 3_600_000;
    bench.pass(later - opened);
    open(1, { severity: 'sev1', openedAt: opened, escalation: begun(later) });
    await deliver(bench.ports.post(1, { kind: 'call', call: { ...call, since: later } }));
    expect(JSON.stringify(await thread())).toContain('<!subteam^S0ONCALL>');
  });

  test('calls the same people once after an outage, however many of their rungs were missed', async () => {
    const now = Date.now();
    open(1, { severity: 'sev1', escalation: { policy: 'all', since: now, done: 3, lastAt: now, nextAt: null } });
    const of = (users: readonly string[], by: string | null = null) =>
      bench.ports.post(1, {
        kind: 'call',
        call: { ask: 'acknowledge', groups: [], users, since: by === null ? now : null, withCard: false, by },
      });
    for (const id of [of(['U0JUN']), of(['U0ANA']), of(['U0JUN']), of(['U0JUN'], 'Ana'), of(['U0JUN'], 'Ana')])
      await deliver(id);
    // Whichever is tried first.
    const [older, newer] = [of(['U0KIM']), of(['U0KIM'])];
    await deliver(newer);
    await deliver(older);
    const called = (await thread()).map((message) => /<@(U0\w+)>/.exec(JSON.stringify(message.blocks))?.[1]);
    expect(called.toSorted()).toEqual(['U0ANA', 'U0JUN', 'U0JUN', 'U0JUN', 'U0KIM']);
  });

  test('asks who holds it to confirm, and says what comes otherwise', async () => {
    const now = Date.now();
    const actor = { type: 'slack', id: 'U0JUN', name: 'jun' } as const;
    open(1, { severity: 'sev2', status: 'acknowledged', acknowledgedAt: now, acknowledgedBy: actor });
    const call = { ask: 'confirm', groups: [], users: ['U0JUN'], since: now, withCard: false, by: null } as const;
    await deliver(bench.ports.post(1, { kind: 'call', call }));
    expect(JSON.stringify(await thread())).toContain('without an answer it is open again');
  });

  test('does not replay old news: the card shows the present state', async () => {
    const id = bench.ports.post(1, news, Date.now() - 16 * 60_000);
    await deliver(id);
    expect(await thread()).toHaveLength(0);
    expect(bench.ports.outbox.get(id)?.state).toBe('dead');
  });

  test('does not replay what waited through an outage either, but knows what had arrived', async () => {
    const lost = bench.ports.post(1, { ...news, text: 'lost' });
    const arrived = bench.ports.post(1, { ...news, text: 'arrived' });
    await bench.people.fault({ kind: 'down', method: 'chat.postMessage', count: 1 });
    await expect(deliver(lost)).rejects.toMatchObject({ retryable: true });
    await bench.people.fault({ kind: 'lost_answer', method: 'chat.postMessage' });
    await expect(deliver(arrived)).rejects.toMatchObject({ retryable: true });
    for (const id of [lost, arrived]) {
      const row = bench.ports.outbox.get(id);
      if (row) bench.ports.outbox.set(id, { ...row, createdAt: Date.now() - 16 * 60_000 });
      await deliver(id);
    }
    expect((await thread()).map((message) => message.text)).toEqual(['arrived']);
    expect([lost, arrived].map((id) => bench.ports.outbox.get(id)?.state)).toEqual(['dead', 'sent']);
  });

  test('shows a first look with its worst rows and the full table as its file, in one message', async () => {
    const look = reply({ title: 'First look', summary: '1 of 40 Jobs failed', table: jobs, visibility: 'thread' });
    const id = bench.ports.post(1, {
      kind: 'reply',
      reply: JSON.parse(JSON.stringify(look)),
      actorId: null,
      command: null,
    });
    await deliver(id);
    const [message, ...others] = await thread();
    expect(others).toEqual([]);
    const text = JSON.stringify(message?.blocks);
    expect(text).toContain('Failed');
    expect(text).toContain('12 of 40 rows, the worst first, the rest is in the file');
    expect(text.length).toBeLessThan(2_500);
    const content = await download(message);
    expect(content.split('\n').filter((line) => line.includes('image-resizer'))).toHaveLength(40);
  });

  test('says a first look without its file first when Slack takes no files from us, and tries the file after it', async () => {
    const look = reply({ title: 'First look', table: jobs, visibility: 'thread' });
    const body = { kind: 'reply', reply: JSON.parse(JSON.stringify(look)), actorId: null, command: null } as const;
    const id = bench.ports.post(1, body);
    await bench.people.fault({
      kind: 'refused',
      method: 'files.completeUploadExternal',
      error: 'invalid_blocks',
      count: 1,
    });
    // The file waits for its turn in the channel; the queue comes back for it.
    await deliver(id).catch((thrown: unknown) => {
      expect(thrown).toMatchObject({ code: 'rate_limited' });
      bench.pass(5_000);
      return deliver(id);
    });
    expect((await thread()).map((message) => message.files?.length ?? 0)).toEqual([0, 1]);
  });

  test('uploads the file once although the answer to the upload was lost', async () => {
    const look = reply({ title: 'First look', table: jobs, visibility: 'thread' });
    const id = bench.ports.post(1, {
      kind: 'reply',
      reply: JSON.parse(JSON.stringify(look)),
      actorId: null,
      command: null,
    });
    await bench.people.fault({ kind: 'lost_answer', method: 'files.completeUploadExternal' });
    await expect(deliver(id)).rejects.toMatchObject({ retryable: true });
    await deliver(id);
    const shown = await thread();
    expect(shown.map((message) => message.files?.length)).toEqual([1]);
  });

  test('uploads the file once although Slack takes it long after the connection broke', async () => {
    const look = reply({ title: 'First look', table: jobs, visibility: 'thread' });
    const body = { kind: 'reply', reply: JSON.parse(JSON.stringify(look)), actorId: null, command: null } as const;
    const id = bench.ports.post(1, body);
    await bench.people.fault({ kind: 'late', method: 'files.completeUploadExternal', seconds: 1 });
    const made = sleep(1_500);
    await untilDone(() => deliver(id));
    await made;
    expect((await thread()).filter((message) => message.files)).toHaveLength(1);
  });

  test('uploads a picture with a line above it', async () => {
    const evidence = {
      source: 'memory',
      capturedAt: Date.now(),
      mime: 'image/png',
      content: PIXEL,
      truncated: false,
    } as const;
    await deliver(
      bench.ports.post(1, {
        kind: 'file',
        text: 'Memory of <!channel>',
        name: 'memory.png',
        title: 'Memory',
        evidence,
      }),
    );
    const [message] = await thread();
    expect(JSON.stringify(message?.blocks)).toContain('Memory of &lt;!channel&gt;');
    expect(message?.files?.[0]?.name).toBe('memory-post-1.png');
  });
});

async function download(message: ShownMessage | undefined): Promise<string> {
  const url = message?.files?.[0]?.url_private ?? '';
  const answer = await fetch(url, { headers: { authorization: `Bearer ${bench.workspace.botToken}` } });
  return await answer.text();
}

const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
