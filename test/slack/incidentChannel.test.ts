import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { channelName } from '../../src/slack/delivery/incidentChannel.ts';
import { type Bench, startBench } from './bench.ts';
import { alert, known } from './samples.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await startBench();
  const now = Date.now();
  const ana = { type: 'slack', id: 'U0ANA', name: 'ana' } as const;
  bench.ports.known.set(
    12,
    known({ severity: 'sev1', status: 'acknowledged', acknowledgedBy: ana, startedAt: now, openedAt: now }),
  );
  await bench.door.delivery.deliverCard(12, bench.signal);
});
afterEach(() => bench.close());

const ownChannel = (): Promise<void> => bench.door.delivery.ownChannel(12, bench.signal);
const made = async () => (await bench.people.channels()).filter((channel) => String(channel.name).startsWith('inc-'));

describe('an incident’s own channel', () => {
  test('is named after it, has its topic, who is on it and the live card with its buttons, and the card elsewhere links to it', async () => {
    await ownChannel();
    await ownChannel();
    const channels = await made();
    expect(channels.map((channel) => channel.name)).toEqual(['inc-12-buildoomkilled']);
    expect(JSON.stringify(channels[0])).toContain('SEV1 #12');
    expect(JSON.stringify(channels[0])).toContain('U0ANA');
    const intro = await bench.people.messages('#inc-12-buildoomkilled');
    expect(intro.filter((message) => message.metadata)).toHaveLength(1);
    expect(JSON.stringify(intro)).toContain('#12 form resolve');
    await bench.door.delivery.deliverCard(12, bench.signal);
    const thread = await bench.people.messages('#incidents', { thread: bench.ports.rows.get('card:12')?.ts ?? '' });
    expect(JSON.stringify(thread)).toContain(`<#${String(channels[0]?.id)}>`);
    expect(thread).toHaveLength(1);
  });

  test('is opened once although Slack’s answer was lost', async () => {
    await bench.people.fault({ kind: 'lost_answer', method: 'conversations.create' });
    await expect(ownChannel()).rejects.toMatchObject({ retryable: true });
    await ownChannel();
    expect(await made()).toHaveLength(1);
    expect(bench.ports.rows.get('channel:12')?.state).toBe('sent');
  });

  test('takes another name when the name is taken', async () => {
    await fetch(`${bench.workspace.apiUrl}conversations.create`, {
      method: 'POST',
      headers: { authorization: `Bearer ${bench.workspace.botToken}` },
      body: new URLSearchParams({ name: 'inc-12-buildoomkilled' }),
    });
    await ownChannel();
    expect((await made()).map((channel) => channel.name)).toContain('inc-12-buildoomkilled-2');
  });

  test('has a name Slack allows, whatever the alert is called', () => {
    const named = (name: string): string => channelName(known({}, [alert({ name })]));
    expect(named('Überlast: Größe!')).toBe('inc-12-uberlast-gro-e');
    expect(named('')).toBe('inc-12');
    expect(named('漢字')).toBe('inc-12');
    expect(named('x'.repeat(300)).length).toBeLessThanOrEqual(80);
  });
});
