import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { CardGroup } from '../../src/incidents/decide/storm.ts';
import { type Bench, startBench } from './bench.ts';
import { alert, type incident, known } from './samples.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await startBench();
});
afterEach(() => bench.close());

/** A card for two incidents, numbers 11 and 12. */
const open = (parts: Partial<CardGroup> = {}, over: Parameters<typeof incident>[0] = {}): void => {
  const now = Date.now();
  for (const number of [11, 12])
    bench.ports.known.set(
      number,
      known({ number, severity: 'sev1', startedAt: now, openedAt: now, lastActivityAt: now, ...over }, [
        alert({ incidentNumber: number }),
      ]),
    );
  bench.ports.cardGroups.set(1, {
    id: 1,
    kind: 'shared',
    cluster: 'default',
    alertName: 'Down',
    channel: null,
    worst: 11,
    since: now,
    endedAt: null,
    total: 2,
    unresolved: 2,
    top: [{ alertName: 'Down', total: 2, unresolved: 2, last: 12 }],
    otherNames: 0,
    ...parts,
  });
};
const deliver = (): Promise<void> => bench.door.delivery.deliverGroup(1, bench.signal);
const cards = async (channel: string): Promise<readonly string[]> =>
  (await bench.people.messages(channel)).filter(({ blocks }) => blocks).map(({ blocks }) => JSON.stringify(blocks));
const MENTION = '<!subteam^S0ONCALL>';

describe('delivering a card that many sev1 share', () => {
  test('posts it in the channel of their route, with a mention, and edits it there', async () => {
    open({ channel: '#oncall' });
    await deliver();
    expect(await cards('#incidents')).toEqual([]);
    expect(await cards('#oncall')).toEqual([expect.stringContaining('2 more Down')]);
    expect((await cards('#oncall'))[0]).toContain(MENTION);
    open({ channel: '#oncall', total: 3, unresolved: 3 });
    await deliver();
    expect(await cards('#oncall')).toEqual([expect.stringContaining('3 more Down')]);
  });

  test('mentions within the limits of a channel, and nobody in a drill', async () => {
    open({}, { drill: true });
    await deliver();
    expect((await cards('#incidents'))[0]).not.toContain(MENTION);
    bench.ports.rows.clear();
    open();
    bench.ports.known.set(1, known({ number: 1, severity: 'sev1', openedAt: Date.now() }, [alert()]));
    await bench.door.delivery.deliverCard(1, bench.signal);
    await deliver();
    const said = (await cards('#incidents')).filter((card) => card.includes(MENTION));
    expect(said).toEqual([expect.stringContaining('SEV1 #1')]);
  });

  test('mentions nobody on the card of a storm', async () => {
    open({ kind: 'storm', alertName: null });
    await deliver();
    expect(await cards('#incidents')).toEqual([expect.not.stringContaining(MENTION)]);
  });

  test('says on the card of a storm what is broken, and the worst of it in its own sentence', async () => {
    const top = [{ alertName: 'KubePodCrashLooping', total: 2, unresolved: 2, last: 12 }];
    open({ kind: 'storm', alertName: null, top });
    await deliver();
    const [card = ''] = await cards('#incidents');
    expect(card).toContain('2 incidents, all KubePodCrashLooping');
    expect(card).toMatch(/\*Worst:\* SEV1 #11 /);
    expect(card).toContain('"# status 11"');
  });

  test('posts it in the default channel when theirs is archived, and says so there and on the timeline', async () => {
    await bench.people.archive('#oncall');
    open({ channel: '#oncall' });
    await deliver();
    expect(await cards('#incidents')).toEqual([expect.stringContaining('Meant for #oncall: the channel is archived')]);
    expect(bench.ports.entries).toMatchObject([{ incident: 11, entry: { kind: 'delivery' } }]);
  });

  test('moves it to the default channel when theirs is archived later', async () => {
    open({ channel: '#oncall' });
    await deliver();
    await bench.people.archive('#oncall');
    open({ channel: '#oncall', total: 3, unresolved: 3 });
    await deliver();
    expect(await cards('#incidents')).toEqual([expect.stringContaining('3 more Down')]);
  });

  test('posts it once when Slack’s answer is lost, and shows what they are now', async () => {
    open({ channel: '#oncall' });
    bench.ports.crash.commits = 1;
    await expect(deliver()).rejects.toThrow();
    open({ channel: '#oncall', total: 5, unresolved: 5 });
    await deliver();
    expect(await cards('#oncall')).toEqual([expect.stringContaining('5 more Down')]);
  });
});
