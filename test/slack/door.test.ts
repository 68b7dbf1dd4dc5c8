import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { reply } from '../../src/commands/reply.ts';
import { type Bench, startBench, until } from './bench.ts';
import { alert, type incident, known } from './samples.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await startBench();
});
afterEach(() => bench.close());

const open = async (number: number, parts: Parameters<typeof incident>[0] = {}): Promise<string> => {
  const now = Date.now();
  const times = { startedAt: now, openedAt: now, lastActivityAt: now };
  bench.ports.known.set(number, known({ number, ...times, ...parts }, [alert({ incidentNumber: number })]));
  await bench.door.delivery.deliverCard(number, bench.signal);
  return bench.ports.rows.get(`card:${number}`)?.ts ?? '';
};
const submitted = async (count = 1) => {
  await until(() => bench.ports.submitted.length >= count);
  const last = bench.ports.submitted[count - 1];
  if (!last) throw new Error('nothing was submitted');
  return last;
};

describe('a slash command', () => {
  test('is stored before it is acknowledged', async () => {
    const taken = await bench.people.command({ user: 'ana', channel: '#incidents', text: '/lambda diag jobs' });
    expect(bench.ports.submitted).toHaveLength(1);
    expect(bench.ports.submitted[0]?.invocation).toMatchObject({
      text: 'diag jobs',
      door: 'slash',
      actor: { type: 'slack', id: 'U0ANA', name: expect.any(String) },
      membership: 'member',
      verified: true,
      place: { channel: 'C0INCIDENTS', threadTs: null, external: false },
      incidentNumber: null,
    });
    expect(taken).toMatchObject({ outcome: 'acked' });
  });

  test('says so when the store cannot take it', async () => {
    bench.ports.trouble.submissions = 'failed';
    const taken = await bench.people.command({ user: 'ana', channel: '#incidents', text: '/lambda ack' });
    expect(JSON.stringify(taken.body)).toContain('nothing was run');
  });

  test('is acknowledged within three seconds although the store hangs', async () => {
    bench.ports.trouble.submissions = 'stuck';
    const taken = await bench.people.command({ user: 'ana', channel: '#incidents', text: '/lambda ack' });
    expect(taken.outcome).toBe('acked');
    expect(JSON.stringify(taken.body)).toContain('has not confirmed this yet');
  });

  test('is acknowledged in time although Slack is slow to say who somebody is', async () => {
    await bench.people.fault({ kind: 'slow', method: 'users.info', seconds: 5 });
    const taken = await bench.people.command({ user: 'kim', channel: '#incidents', text: '/lambda help' });
    expect(taken.outcome).toBe('acked');
    expect((await submitted()).invocation.membership).toBe('unknown');
  });

  test('is shown again as it was understood', async () => {
    await bench.people.command({ user: 'ana', channel: '#incidents', text: '/lambda `note it’s “me” & <you>`' });
    expect((await submitted()).target.command).toBe('note it\'s "me" & <you>');
  });

  test('of a guest is marked as such', async () => {
    await bench.people.command({ user: 'sam', channel: '#incidents', text: '/lambda help' });
    expect((await submitted()).invocation.membership).toBe('guest');
  });

  test('in a channel shared with another company is marked as such', async () => {
    const shared = await startBench({
      workspace: { seed: { channels: [{ name: 'partner', external: true, members: ['ana', 'U0RESPONDER'] }] } },
    });
    await shared.people.command({ user: 'ana', channel: '#partner', text: '/lambda diag jobs' });
    await until(() => shared.ports.submitted.length === 1);
    await shared.close();
    expect(shared.ports.submitted[0]?.invocation.place?.external).toBe(true);
  });

  test('of somebody of another organisation is marked as such', async () => {
    const shared = await startBench({ workspace: { seed: { users: [{ name: 'eve', stranger: true }] } } });
    await shared.people.command({ user: 'eve', channel: '#incidents', text: '/lambda diag jobs' });
    await until(() => shared.ports.submitted.length === 1);
    await shared.close();
    expect(shared.ports.submitted[0]?.invocation.membership).toBe('stranger');
  });

  test('gets its result in the incident’s thread, and a pointer to it', async () => {
    const ts = await open(7);
    await bench.people.command({ user: 'ana', channel: '#oncall', text: '/lambda diag jobs' });
    const { target } = await submitted();
    const answer = reply({ title: 'Jobs', summary: '1 of 3 failed', visibility: 'thread', incidentNumber: 7 });
    await bench.door.delivery.answer(target, answer, bench.signal);
    await bench.door.delivery.answer(target, answer, bench.signal);
    const shown = await bench.people.messages('#incidents', { thread: ts });
    expect(shown.map((message) => message.text)).toEqual([expect.any(String), 'Jobs: 1 of 3 failed']);
    expect(JSON.stringify(shown[1]?.blocks)).toContain('`diag jobs` by <@U0ANA>');
    expect(JSON.stringify(await bench.people.ephemerals('ana'))).toContain('in the thread of #7');
  });

  test('gets help and errors privately', async () => {
    await bench.people.command({ user: 'ana', channel: '#incidents', text: '/lambda hlep' });
    const { target } = await submitted();
    await bench.door.delivery.answer(
      target,
      reply({ title: 'There is no command hlep', tone: 'warning' }),
      bench.signal,
    );
    const seen = await bench.people.ephemerals('ana');
    expect(seen).toHaveLength(1);
    expect(JSON.stringify(seen)).toContain('There is no command hlep');
    expect(await bench.people.messages('#incidents')).toEqual([]);
  });

  test('that takes long is said to be running', async () => {
    await bench.people.command({ user: 'ana', channel: '#incidents', text: '/lambda diag jobs' });
    const { target } = await submitted();
    await bench.door.delivery.running(target, bench.signal);
    expect(JSON.stringify(await bench.people.ephemerals('ana'))).toContain('Running `diag jobs`');
  });

  test('is answered although its response URL no longer works', async () => {
    await bench.people.command({ user: 'ana', channel: '#incidents', text: '/lambda help' });
    const { target } = await submitted();
    const late = { ...target, responseUrlExpiresAt: Date.now() - 1 };
    await bench.door.delivery.answer(late, reply({ title: 'What I can do' }), bench.signal);
    expect(JSON.stringify(await bench.people.ephemerals('ana'))).toContain('What I can do');
  });
});

describe('a mention', () => {
  test('in a thread is the same command, answered there', async () => {
    const ts = await open(7);
    await bench.people.mention({ user: 'jun', channel: '#incidents', thread: ts, text: 'diag logs --tail=50' });
    const { invocation, target } = await submitted();
    expect(invocation).toMatchObject({
      door: 'mention',
      actor: { id: 'U0JUN' },
      place: { channel: 'C0INCIDENTS', threadTs: ts },
    });
    expect(invocation.text).toMatch(/^diag logs/);
    await bench.door.delivery.running(target, bench.signal);
    expect(JSON.stringify(await bench.people.messages('#incidents', { thread: ts }))).toContain('Running');
    await bench.door.delivery.answer(target, reply({ title: 'Logs', visibility: 'thread' }), bench.signal);
    const shown = await bench.people.messages('#incidents', { thread: ts });
    expect(shown).toHaveLength(3);
    expect(shown[2]?.text).toBe('Logs');
  });

  test('delivered twice is one command', async () => {
    await bench.people.fault({ kind: 'duplicate_delivery', count: 3 });
    await bench.people.mention({ user: 'jun', channel: '#incidents', text: 'help' });
    await submitted();
    await until(async () => (await bench.people.ephemerals('jun')).length === 0);
    expect(bench.ports.submitted).toHaveLength(1);
  });

  test('is taken again when the store could not take it the first time', async () => {
    bench.ports.trouble.submissions = 'failed';
    await bench.people.mention({ user: 'jun', channel: '#incidents', text: 'help' });
    await until(async () => JSON.stringify(await bench.people.ephemerals('jun')).includes('nothing was run'));
    bench.ports.trouble.submissions = 'none';
    expect((await submitted()).invocation.text).toBe('help');
  });

  test('with a private answer leaves no "running ..." behind', async () => {
    await bench.people.mention({ user: 'jun', channel: '#incidents', text: 'hlep' });
    const { target } = await submitted();
    await bench.door.delivery.running(target, bench.signal);
    await bench.door.delivery.answer(target, reply({ title: 'No such command' }), bench.signal);
    expect(JSON.stringify(await bench.people.messages('#incidents'))).not.toContain('Running');
    expect(JSON.stringify(await bench.people.ephemerals('jun'))).toContain('No such command');
  });

  test('is answered once although its command ran again, for longer, after a share whose answer was lost', async () => {
    const ts = await open(7);
    await bench.people.mention({ user: 'jun', channel: '#incidents', thread: ts, text: 'diag jobs' });
    const { target } = await submitted();
    await bench.people.fault({ kind: 'lost_answer', method: 'files.completeUploadExternal' });
    const file = { name: 'jobs.txt', title: 'Jobs', mime: 'text/plain', content: 'all of them' };
    const said = reply({ title: 'Jobs', file, visibility: 'thread' });
    await expect(bench.door.delivery.answer(target, said, bench.signal)).rejects.toMatchObject({ retryable: true });
    for (let run = 0; run < 2; run += 1) {
      await bench.door.delivery.running(target, bench.signal);
      await bench.door.delivery.answer(target, said, bench.signal);
    }
    await bench.door.delivery.answer(target, reply({ title: 'No jobs now', visibility: 'thread' }), bench.signal);
    const shown = await bench.people.messages('#incidents', { thread: ts });
    expect(shown.slice(2).flatMap((message) => message.files ?? [])).toHaveLength(1);
    expect(shown).toHaveLength(3);
  });

  test('in a direct message gets the whole result as a file', async () => {
    const { channel } = await bench.people.message({ user: 'ana', channel: 'dm', text: 'diag jobs' });
    const file = { name: 'jobs.txt', title: 'Jobs', mime: 'text/plain', content: 'all of them' };
    const { target } = await submitted();
    await bench.door.delivery.answer(target, reply({ title: 'Jobs', file }), bench.signal);
    const said = (await bench.people.messages(channel)).find((message) =>
      JSON.stringify(message.blocks ?? []).includes('Jobs'),
    );
    const thread = await bench.people.messages(channel, { thread: said?.ts ?? '' });
    expect(thread.flatMap((message) => message.files ?? []).map((one) => one.name)).toEqual([
      expect.stringMatching(/^jobs-[0-9a-f]{10}\.txt$/),
    ]);
  });

  describe('that only its asker sees', () => {
    const lines = Array.from({ length: 200 }, (_, index) => `row ${index}`);
    const ask = async () => {
      await bench.people.command({ user: 'ana', channel: '#incidents', text: '/lambda incidents' });
      return (await submitted()).target;
    };
    const told = async () => JSON.stringify(await bench.people.ephemerals('ana'));

    test('has its file in the direct messages with that person, once, and says where', async () => {
      const target = await ask();
      const answer = reply({ title: 'Incidents', lines, visibility: 'asker' });
      await bench.door.delivery.answer(target, answer, bench.signal);
      await bench.door.delivery.answer(target, answer, bench.signal);
      const { channel } = await bench.people.message({ user: 'ana', channel: 'dm', text: 'help' });
      const sent = (await bench.people.messages(channel)).flatMap((message) => message.files ?? []);
      expect(sent.map((one) => one.name)).toEqual([expect.stringMatching(/^incidents-[0-9a-f]{10}\.log$/)]);
      expect(await told()).toMatch(/25 of 200 lines, the full answer is in <http[^|]+\|our direct messages>/);
      expect((await bench.people.messages('#incidents')).flatMap((message) => message.files ?? [])).toEqual([]);
    });

    test('is not sent twice when Slack’s answer to its message was lost, and that is said', async () => {
      const target = await ask();
      const answer = reply({ title: 'Incidents', lines, visibility: 'asker' });
      await bench.people.fault({ kind: 'lost_answer', method: 'chat.postMessage' });
      await expect(bench.door.delivery.answer(target, answer, bench.signal)).rejects.toMatchObject({ retryable: true });
      await bench.door.delivery.answer(target, answer, bench.signal);
      expect(await told()).toContain('Slack did not say whether its message arrived');
      const { channel } = await bench.people.message({ user: 'ana', channel: 'dm', text: 'help' });
      const said = (await bench.people.messages(channel)).filter((message) =>
        JSON.stringify(message).includes('The full answer to'),
      );
      expect(said).toHaveLength(1);
    });

    test('is given without the file when the app may send none, and says so in one line', async () => {
      await bench.people.fault({ kind: 'refused', method: 'files.getUploadURLExternal', error: 'missing_scope' });
      await bench.door.delivery.answer(
        await ask(),
        reply({ title: 'Incidents', lines, visibility: 'asker' }),
        bench.signal,
      );
      expect(await told()).toMatch(/row 199.*the full answer could not be sent: Slack refused/s);
    });

    test('sends nothing when nothing of it was cut', async () => {
      await bench.door.delivery.answer(await ask(), reply({ title: 'Done', lines: ['one'] }), bench.signal);
      const { channel } = await bench.people.message({ user: 'ana', channel: 'dm', text: 'help' });
      expect(JSON.stringify(await bench.people.messages(channel))).not.toContain('full answer');
    });
  });

  test('has its file once although its command ran again, a second later, after an answer that was lost', async () => {
    const { channel } = await bench.people.message({ user: 'ana', channel: 'dm', text: 'diag jobs' });
    const file = (name: string) => ({ name, title: 'Jobs', mime: 'text/plain', content: 'all of them' });
    const { target } = await submitted();
    await bench.people.fault({ kind: 'lost_answer', method: 'files.completeUploadExternal' });
    const first = reply({ title: 'Jobs', file: file('jobs-2026-11-24T030000Z.txt') });
    await expect(bench.door.delivery.answer(target, first, bench.signal)).rejects.toMatchObject({ retryable: true });
    const second = reply({ title: 'Jobs', file: file('jobs-2026-11-24T030001Z.txt') });
    await bench.door.delivery.answer(target, second, bench.signal);
    const said = (await bench.people.messages(channel)).find((message) =>
      JSON.stringify(message.blocks ?? []).includes('Jobs'),
    );
    const thread = await bench.people.messages(channel, { thread: said?.ts ?? '' });
    expect(thread.flatMap((message) => message.files ?? []).map((one) => one.name)).toEqual([
      expect.stringMatching(/^jobs-2026-11-24T030000Z-[0-9a-f]{10}\.txt$/),
    ]);
  });

  test('in a direct message needs no name', async () => {
    await bench.people.message({ user: 'kim', channel: 'dm', text: 'incidents' });
    expect((await submitted()).invocation).toMatchObject({
      text: 'incidents',
      door: 'mention',
      actor: { id: 'U0KIM' },
    });
  });
});

describe('a press', () => {
  test.each([
    ['lambda:ack', 'ack'],
    ['lambda:diagnose', 'diag all'],
    ['lambda:runbook', 'runbook'],
  ])('on %s is the command %s about the card’s incident, stored before it is acknowledged', async (actionId, text) => {
    const ts = await open(7);
    const taken = await bench.people.click({ user: 'ana', channel: '#incidents', ts, actionId });
    expect(taken.outcome).toBe('acked');
    expect(bench.ports.submitted[0]?.invocation).toMatchObject({
      text,
      door: 'button',
      incidentNumber: 7,
      place: { channel: 'C0INCIDENTS', threadTs: ts },
    });
  });

  test('in the menu is a command too', async () => {
    const ts = await open(7);
    await bench.people.click({
      user: 'ana',
      channel: '#incidents',
      ts,
      actionId: 'lambda:more',
      value: '#7 postmortem',
    });
    expect((await submitted()).invocation).toMatchObject({ text: 'postmortem', incidentNumber: 7 });
  });

  test('delivered twice is one command', async () => {
    const ts = await open(7);
    await bench.people.fault({ kind: 'duplicate_delivery' });
    await bench.people.click({ user: 'ana', channel: '#incidents', ts, actionId: 'lambda:ack' });
    await until(async () => (await bench.people.status()).faults.length === 0);
    expect(bench.ports.submitted).toHaveLength(1);
  });

  test('never replaces the card, whatever it is answered', async () => {
    const ts = await open(7);
    await bench.people.click({ user: 'ana', channel: '#incidents', ts, actionId: 'lambda:ack' });
    const { target } = await submitted();
    await bench.door.delivery.answer(target, reply({ title: 'Already acknowledged', tone: 'warning' }), bench.signal);
    const [card] = await bench.people.messages('#incidents');
    expect(JSON.stringify(card?.blocks)).toContain('BuildOOMKilled');
    expect(JSON.stringify(await bench.people.ephemerals('ana'))).toContain('Already acknowledged');
  });

  test('that did what it says adds no message: the card shows it', async () => {
    const ts = await open(7);
    await bench.people.click({ user: 'ana', channel: '#incidents', ts, actionId: 'lambda:ack' });
    const { target } = await submitted();
    await bench.door.delivery.answer(target, reply({ title: '#7 is yours.', visibility: 'channel' }), bench.signal);
    expect(await bench.people.messages('#incidents', { thread: ts })).toHaveLength(1);
    expect(await bench.people.ephemerals('ana')).toEqual([]);
  });

  test('says so when the store cannot take it', async () => {
    const ts = await open(7);
    bench.ports.trouble.submissions = 'failed';
    const taken = await bench.people.click({ user: 'ana', channel: '#incidents', ts, actionId: 'lambda:ack' });
    expect(taken.outcome).toBe('acked');
    await until(async () => JSON.stringify(await bench.people.ephemerals('ana')).includes('nothing was run'));
  });

  test('of a suggestion under an answer runs what it says', async () => {
    const ts = await open(7);
    await bench.people.mention({ user: 'jun', channel: '#incidents', thread: ts, text: 'diag jobs' });
    const { target } = await submitted();
    const next = [{ label: 'Logs', command: 'diag logs image-resizer', readOnly: true }];
    await bench.door.delivery.answer(
      target,
      reply({ title: 'Jobs', visibility: 'thread', incidentNumber: 7, next }),
      bench.signal,
    );
    const shown = (await bench.people.messages('#incidents', { thread: ts })).at(-1);
    await bench.people.click({ user: 'jun', channel: '#incidents', ts: shown?.ts ?? '', actionId: 'lambda:next:0' });
    expect((await submitted(2)).invocation).toMatchObject({
      text: 'diag logs image-resizer',
      incidentNumber: 7,
      place: { threadTs: ts },
    });
  });
});

describe('the timeline', () => {
  test.each([
    ['a pushpin', (ts: string) => bench.people.react({ user: 'kim', channel: '#incidents', ts, name: 'pushpin' })],
    ['a pin', (ts: string) => bench.people.pin({ user: 'kim', channel: '#incidents', ts })],
    [
      'the message shortcut',
      (ts: string) => bench.people.shortcut({ user: 'kim', callbackId: 'add_to_timeline', channel: '#incidents', ts }),
    ],
  ])('takes in a message of the thread by %s, once', async (_how, keep) => {
    const thread = await open(7);
    const { ts } = await bench.people.message({
      user: 'ana',
      channel: '#incidents',
      thread,
      text: 'limit raised & redeployed',
    });
    await keep(ts);
    await until(() => bench.ports.entries.length > 0);
    expect(bench.ports.entries[0]).toMatchObject({
      incident: 7,
      entry: {
        kind: 'message',
        actor: { type: 'slack', id: 'U0KIM' },
        text: expect.stringMatching(/: limit raised & redeployed$/),
        detail: { permalink: expect.stringContaining('http') },
      },
    });
    await bench.people.react({ user: 'jun', channel: '#incidents', ts, name: 'round_pushpin' });
    expect(bench.ports.entries).toHaveLength(1);
  });
});

test('the App Home lists what is open', async () => {
  await open(7);
  await bench.people.openHome('ana');
  await until(async () => JSON.stringify(await bench.people.home('ana')).includes('BuildOOMKilled'));
});
