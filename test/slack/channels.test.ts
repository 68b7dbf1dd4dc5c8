import { afterEach, describe, expect, test } from '@jest/globals';
import { WebAPIRateLimitedError, WebClient } from '@slack/web-api';
import { pino } from 'pino';
import type { Fault } from '../../simulator/workspace/faults.ts';
import type { SeedChannel } from '../../simulator/workspace/seed.ts';
import { systemClock } from '../../src/slack/clock.ts';
import { createChannels } from '../../src/slack/delivery/channels.ts';
import { slackFailure } from '../../src/slack/delivery/slackErrors.ts';
import { type Bench, startBench, until } from './bench.ts';
import { alert, known } from './samples.ts';

let bench: Bench | null = null;
afterEach(async () => {
  await bench?.close();
  bench = null;
});

/** A workspace with 4,400 other channels before `#payments`. */
async function large(
  payments: Partial<SeedChannel>,
  channel = '#payments',
  faults: readonly Fault[] = [],
): Promise<Bench> {
  const channels = Array.from({ length: 4_400 }, (_, index) => ({
    id: `C1${index}`.padEnd(9, 'X'),
    name: `team-${index}`,
  }));
  const seed = { channels: [...channels, { id: 'C0PAYMENTS', name: 'payments', ...payments }] };
  bench = await startBench({ workspace: { seed }, config: { channel }, faults });
  return bench;
}

async function deliver(to: Bench, number: number): Promise<void> {
  const now = Date.now();
  const times = { startedAt: now, openedAt: now, lastActivityAt: now };
  to.ports.known.set(number, known({ number, ...times }, [alert({ incidentNumber: number })]));
  await to.door.delivery.deliverCard(number, to.signal);
}

describe('in a workspace with thousands of channels', () => {
  test('a card of a channel that is far down the list is posted by name at once, and the status says what is looked for', async () => {
    const one = await large({ members: ['U0RESPONDER'] }, '#payments', [
      { kind: 'refused', method: 'users.conversations', error: 'unknown_method' },
    ]);
    await deliver(one, 1);
    expect((await one.people.messages('#payments')).length).toBe(1);
    expect(one.ports.rows.get('card:1')).toMatchObject({ state: 'sent', channel: 'C0PAYMENTS' });
    await until(() => one.door.status().problem?.includes('#payments is still being looked for') === true);
    // Slack told the id with the first message: nothing is looked for any more.
    await until(() => one.door.status().problem === null);
  });

  test('a channel the bot is in is found without reading the whole list', async () => {
    const one = await large({ members: ['U0RESPONDER'], private: true });
    await deliver(one, 1);
    expect(one.ports.rows.get('card:1')?.channel).toBe('C0PAYMENTS');
    expect(await one.people.calls('conversations.list')).toEqual([]);
  });

  test('a channel the bot is not in is not written to before it is found, and the reason says to invite it', async () => {
    const one = await large({});
    await expect(deliver(one, 1)).rejects.toMatchObject({ retryable: true, hint: expect.stringContaining('/invite') });
    expect(one.door.status().problem).toContain('the bot is not in the channel');
  });

  test('a channel given by its id is not looked for', async () => {
    const one = await large({}, 'C0PAYMENTS');
    await deliver(one, 1);
    expect((await one.people.messages('#payments')).filter(({ blocks }) => blocks)).toHaveLength(1);
    for (const method of ['conversations.list', 'users.conversations'])
      expect(await one.people.calls(method)).toEqual([]);
  });
});

/** Channels over thirty pages; Slack gives `perTurn` pages and then wants a minute. */
function paged(perTurn: number) {
  let ahead = 0;
  const clock = { ...systemClock, now: () => Date.now() + ahead };
  const pages: string[] = [];
  let left = perTurn;
  const answer = (method: string, cursor = '0') => {
    if (method === 'users.conversations') return { ok: true, channels: [] };
    if (left === 0) {
      left = perTurn;
      throw slackFailure(new WebAPIRateLimitedError(60), method, null);
    }
    left -= 1;
    pages.push(cursor);
    const page = Number(cursor);
    const channels = [{ id: `C00000${page}`, name: `page-${page}` }];
    return { ok: true, channels, response_metadata: { next_cursor: page < 29 ? String(page + 1) : '' } };
  };
  const client = new WebClient('xoxb-test');
  Object.assign(client.conversations, {
    list: async ({ cursor }: { cursor?: string }) => answer('conversations.list', cursor),
  });
  Object.assign(client.users, { conversations: async () => answer('users.conversations') });
  const channels = createChannels(
    { client, call: (_slot, _signal, run) => run(client) },
    clock,
    pino({ level: 'silent' }),
  );
  const resolve = (name: string) => channels.resolve(name, new AbortController().signal);
  return {
    channels,
    pages,
    resolve,
    pass: (ms: number) => {
      ahead += ms;
    },
  };
}

describe('the search for a name', () => {
  test('goes on at the page where Slack’s limit stopped it, and names the channel until then', async () => {
    const { channels, pages, resolve, pass } = paged(12);
    expect(await resolve('#page-25')).toBe('#page-25');
    expect(channels.searching()).toBe(12);
    expect(await resolve('#page-25')).toBe('#page-25');
    pass(61_000);
    expect(await resolve('#page-25')).toBe('#page-25');
    pass(61_000);
    expect(await resolve('#page-25')).toBe('C0000025');
    expect(channels.searching()).toBeNull();
    expect(pages).toEqual(Array.from({ length: 26 }, (_, page) => String(page)));
    // Whatever was read on the way is known.
    expect(await resolve('#page-3')).toBe('C000003');
  });

  test('says that there is none only when all was read', async () => {
    const { resolve, pass } = paged(20);
    expect(await resolve('#nowhere')).toBe('#nowhere');
    pass(61_000);
    await expect(resolve('#nowhere')).rejects.toMatchObject({ code: 'not_found' });
    await expect(resolve('#nowhere')).rejects.toMatchObject({ code: 'not_found' });
  });
});
