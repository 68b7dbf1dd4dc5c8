import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { coerceError } from '../../src/errors.ts';
import { type Bench, startBench, untilDone } from './bench.ts';
import { alert, type incident, known } from './samples.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await startBench();
});
afterEach(() => bench.close());

const open = (number: number, parts: Parameters<typeof incident>[0] = {}): void => {
  const now = Date.now();
  const times = { startedAt: now, openedAt: now, lastActivityAt: now };
  bench.ports.known.set(number, known({ number, ...times, ...parts }, [alert({ incidentNumber: number })]));
};
const removeAsBot = async (channel: string, ts: string): Promise<void> => {
  await fetch(`${bench.workspace.apiUrl}chat.delete`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${bench.workspace.botToken}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({ channel, ts }),
  });
};
const deliver = (number: number): Promise<void> => bench.door.delivery.deliverCard(number, bench.signal);
const cards = async (channel = '#incidents') =>
  (await bench.people.messages(channel)).filter((message) => message.metadata !== undefined || message.blocks);

describe('delivering a card', () => {
  test('posts one message and edits it in place', async () => {
    open(1);
    await deliver(1);
    open(1, {
      status: 'acknowledged',
      acknowledgedBy: { type: 'slack', id: 'U0ANA', name: 'ana' },
      acknowledgedAt: Date.now(),
    });
    await deliver(1);
    const shown = await cards();
    expect(shown).toHaveLength(1);
    expect(JSON.stringify(shown[0]?.blocks)).toContain('*Acknowledged* by <@U0ANA>');
  });

  test('leaves a card alone that shows the present state already', async () => {
    open(1);
    await deliver(1);
    await deliver(1);
    // The mention goes with the first message; what follows differs from it by nothing else.
    expect(await bench.people.calls('chat.update')).toHaveLength(0);
  });

  test('posts none for sev4, and keeps up one it has from when it was worse', async () => {
    open(1, { severity: 'sev4' });
    await deliver(1);
    expect(await cards()).toHaveLength(0);
    open(1, { severity: 'sev3' });
    await deliver(1);
    open(1, { severity: 'sev4' });
    await deliver(1);
    expect(JSON.stringify((await cards())[0]?.blocks)).toContain('SEV4');
  });

  test('is not doubled when Slack’s answer is lost', async () => {
    open(1);
    await bench.people.fault({ kind: 'lost_answer', method: 'chat.postMessage' });
    await expect(deliver(1)).rejects.toMatchObject({ retryable: true });
    await deliver(1);
    expect(await cards()).toHaveLength(1);
    expect(bench.ports.rows.get('card:1')).toMatchObject({ state: 'sent', channel: 'C0INCIDENTS' });
  });

  test('is not doubled when the process is killed between Slack’s answer and the commit', async () => {
    open(1);
    bench.ports.crash.commits = 1;
    await expect(deliver(1)).rejects.toThrow('killed before the commit');
    open(1, { status: 'mitigated', mitigatedAt: Date.now() });
    await deliver(1);
    const shown = await cards();
    expect(shown).toHaveLength(1);
    expect(JSON.stringify(shown[0]?.blocks)).toContain('*Mitigated*');
  });

  test('is brought up to date when it was found again and the edit that follows failed', async () => {
    open(1);
    await bench.people.fault({ kind: 'lost_answer', method: 'chat.postMessage' });
    await expect(deliver(1)).rejects.toMatchObject({ retryable: true });
    open(1, { status: 'mitigated', mitigatedAt: Date.now() });
    await bench.people.fault({ kind: 'down', method: 'chat.update' });
    await expect(deliver(1)).rejects.toMatchObject({ retryable: true });
    await bench.people.clearFaults();
    await deliver(1);
    const shown = await cards();
    expect(shown).toHaveLength(1);
    expect(JSON.stringify(shown[0]?.blocks)).toContain('*Mitigated*');
  });

  test('of an outage is looked up once with all others of its channel, also when it has to wait for its turn', async () => {
    const numbers = Array.from({ length: 12 }, (_, index) => index + 1);
    for (const number of numbers) {
      open(number);
      await bench.ports.messages.begin(`card:${number}`, 'C0INCIDENTS', Date.now() - 5 * 60_000);
    }
    const first = await Promise.allSettled(numbers.map(deliver));
    expect(first.filter(({ status }) => status === 'rejected').length).toBeGreaterThan(0);
    await Promise.allSettled(numbers.map(deliver));
    expect((await bench.people.calls('conversations.history')).length).toBeLessThanOrEqual(2);
    expect((await cards()).length).toBeGreaterThan(1);
  });

  test('that Slack refused is not looked up, because Slack does not have it', async () => {
    open(1);
    await bench.people.fault({ kind: 'rate_limited', method: 'chat.postMessage', seconds: 60 });
    await expect(deliver(1)).rejects.toMatchObject({ code: 'rate_limited' });
    expect(await bench.people.calls('chat.postMessage')).toHaveLength(1);
    expect(bench.ports.rows.get('card:1')?.state).toBe('unsent');
  });

  test('that Slack makes long after the connection broke is not doubled', async () => {
    open(1);
    await bench.people.fault({ kind: 'late', method: 'chat.postMessage', seconds: 2 });
    const made = sleep(2_500);
    await expect(deliver(1)).rejects.toMatchObject({ retryable: true });
    // Tried again at once and again, as the queue does: nothing is posted while it may still come.
    await untilDone(() => deliver(1));
    await made;
    expect(await cards()).toHaveLength(1);
    expect(await bench.people.calls('chat.postMessage')).toHaveLength(1);
    expect(bench.ports.rows.get('card:1')).toMatchObject({ state: 'sent' });
  });

  test('that never reached Slack is posted once it cannot come any more, once', async () => {
    open(1);
    await bench.people.fault({ kind: 'down', method: 'chat.postMessage', count: 1 });
    await expect(deliver(1)).rejects.toMatchObject({ retryable: true });
    await expect(deliver(1)).rejects.toMatchObject({ message: expect.stringContaining('may still be processing it') });
    expect(await bench.people.calls('chat.postMessage')).toHaveLength(0);
    bench.pass(41_000);
    await deliver(1);
    await deliver(1);
    expect(await cards()).toHaveLength(1);
  });

  test('is looked for again within seconds when Slack did not even show the channel, and posted when that is over', async () => {
    open(1);
    await bench.people.fault({ kind: 'down' });
    await expect(deliver(1)).rejects.toMatchObject({ retryable: true });
    const unread = await deliver(1).catch(coerceError);
    expect(unread).toMatchObject({ message: expect.stringContaining('does not allow the look-up'), isPunctual: true });
    expect(unread?.retryAfterMs).toBeLessThanOrEqual(5_000);
    await bench.people.clearFaults();
    const waits: number[] = [];
    for (let error = unread; error; error = await deliver(1).catch(coerceError)) {
      bench.pass(error.retryAfterMs ?? 0);
      waits.push(error.retryAfterMs ?? 0);
    }
    expect(waits.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(40_000);
    expect(await cards()).toHaveLength(1);
  });

  test('that is refused while an earlier one cannot come any more is not waited for again', async () => {
    open(1);
    await bench.ports.messages.begin('card:1', 'C0INCIDENTS', Date.now() - 60_000);
    await bench.people.fault({ kind: 'rate_limited', method: 'chat.postMessage', seconds: 60 });
    await expect(deliver(1)).rejects.toMatchObject({ code: 'rate_limited' });
    expect(bench.ports.rows.get('card:1')?.state).toBe('unsent');
  });

  test.each([
    ['refuses to show the channel', { kind: 'refused', error: 'missing_scope' }],
    ['refuses to show the channel to who is not in it', { kind: 'refused', error: 'not_in_channel' }],
    ['does not answer what is in the channel', { kind: 'down', status: 503 }],
  ] as const)('whose answers are all lost is not posted again and again when Slack %s', async (_what, fault) => {
    open(1);
    await bench.people.fault({ ...fault, method: 'conversations.history' });
    await bench.people.fault({ kind: 'lost_answer', method: 'chat.postMessage', count: 100 });
    for (let again = 0; again < 6; again += 1) await expect(deliver(1)).rejects.toMatchObject({ retryable: true });
    expect(await cards()).toHaveLength(1);
    // It may be one too many, and is worth it once: a card that is lost is worse.
    bench.pass(5 * 60_000 + 1_000);
    for (let again = 0; again < 6; again += 1) await expect(deliver(1)).rejects.toMatchObject({ retryable: true });
    expect(await cards()).toHaveLength(2);
    bench.pass(5 * 60_000 + 1_000);
    await expect(deliver(1)).rejects.toMatchObject({ retryable: true });
    expect(await cards()).toHaveLength(2);
  });

  test('takes no other store’s incident 1 for its own', async () => {
    open(1);
    await deliver(1);
    const other = await startBench({ config: { instance: 'store-2', apiUrl: bench.workspace.apiUrl } });
    other.ports.known.set(1, known({ number: 1 }));
    await other.ports.messages.begin('card:1', 'C0INCIDENTS', Date.now() - 60_000);
    await other.door.delivery.deliverCard(1, other.signal);
    await other.close();
    expect(await cards()).toHaveLength(2);
  });

  test('waits as long as Slack asks, and posts once', async () => {
    open(1);
    await bench.people.fault({ kind: 'rate_limited', method: 'chat.postMessage', count: 1 });
    await deliver(1);
    expect(await cards()).toHaveLength(1);
    expect((await bench.people.calls('chat.postMessage')).map((call) => call.ok)).toEqual([false, true]);
  });

  test('delivers the present state once after Slack was down', async () => {
    await bench.people.fault({ kind: 'down' });
    for (const status of ['open', 'acknowledged', 'mitigated'] as const) {
      open(1, { status });
      await expect(deliver(1)).rejects.toMatchObject({ retryable: true });
    }
    await bench.people.clearFaults();
    bench.pass(41_000);
    await deliver(1);
    const shown = await cards();
    expect(shown).toHaveLength(1);
    expect(JSON.stringify(shown[0]?.blocks)).toContain('*Mitigated*');
  });

  test('is posted again when somebody deleted it', async () => {
    open(1);
    await deliver(1);
    const [first] = await cards();
    await removeAsBot(first?.channel ?? '', first?.ts ?? '');
    open(1, { status: 'mitigated' });
    await deliver(1);
    const shown = (await cards()).filter((message) => message.ts !== first?.ts);
    expect(shown).toHaveLength(1);
    expect(bench.ports.rows.get('card:1')?.ts).toBe(shown[0]?.ts);
  });

  test('joins a public channel it is not in', async () => {
    open(1, { channel: '#oncall' });
    await deliver(1);
    expect(await cards('#oncall')).toHaveLength(1);
  });

  test('goes to the default channel when its own is archived, and says so', async () => {
    await bench.people.archive('#oncall');
    open(1, { channel: '#oncall' });
    await deliver(1);
    expect(JSON.stringify(await cards())).toContain('Meant for #oncall: the channel is archived');
  });

  test('goes to the default channel when the route names one that does not exist', async () => {
    open(1, { channel: '#payments' });
    await deliver(1);
    expect(JSON.stringify(await cards())).toContain('Meant for #payments: There is no channel #payments');
    expect(bench.ports.entries.map(({ entry }) => entry)).toMatchObject([
      { kind: 'delivery', text: expect.stringContaining('There is no channel #payments') },
    ]);
  });

  test('says what to do when the default channel is archived, keeps trying, and notes it once', async () => {
    await bench.people.archive('#incidents');
    open(1);
    await expect(deliver(1)).rejects.toMatchObject({
      code: 'conflict',
      retryable: true,
      hint: expect.stringContaining('Unarchive'),
    });
    await expect(deliver(1)).rejects.toMatchObject({ code: 'conflict' });
    expect(bench.ports.entries).toHaveLength(1);
    expect(bench.ports.entries[0]?.entry).toMatchObject({
      kind: 'delivery',
      text: expect.stringContaining('archived'),
    });
    expect(bench.door.status().problem).toContain('archived');
    await bench.people.archive('#incidents', false);
    await deliver(1);
    expect(bench.door.status().problem).toBeNull();
  });

  test('moves to the default channel when its channel is archived later', async () => {
    open(1, { channel: '#oncall' });
    await deliver(1);
    await bench.people.archive('#oncall');
    open(1, { channel: '#oncall', status: 'mitigated' });
    await deliver(1);
    expect(await cards()).toHaveLength(1);
  });
});

describe('mentioning the group on call', () => {
  const mentions = async (): Promise<number> =>
    (await cards()).filter((message) => JSON.stringify(message.blocks).includes('<!subteam^S0ONCALL>')).length;

  test('happens once for sev2, and survives a retry', async () => {
    open(1);
    await bench.people.fault({ kind: 'down', count: 1, method: 'chat.postMessage' });
    await expect(deliver(1)).rejects.toThrow();
    bench.pass(41_000);
    await deliver(1);
    expect(await mentions()).toBe(1);
  });

  test('does not happen for sev3, drills, flapping ones and what is old', async () => {
    open(1, { severity: 'sev3' });
    open(2, { drill: true });
    open(3, { flappingSince: Date.now(), flapCount: 3 });
    open(4, { openedAt: Date.now() - 16 * 60_000 });
    for (const number of [1, 2, 3, 4]) await deliver(number);
    expect(await cards()).toHaveLength(4);
    expect(await mentions()).toBe(0);
  });

  test('happens at most once per channel in five minutes', async () => {
    open(1);
    open(2);
    await deliver(1);
    await deliver(2);
    expect(await mentions()).toBe(1);
  });
});
