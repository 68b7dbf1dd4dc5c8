import { expect, test } from '@jest/globals';
import { type Presence, startPresence } from '../../src/app/presence.ts';
import type { Store } from '../../src/store/store.ts';
import { onPostgres, silent } from './engines.ts';

interface Side {
  readonly presence: Presence;
  connected: boolean;
}

function side(store: Store, connected: boolean, clock = Date.now): Side {
  const it = { connected };
  const slack = {
    status: () => ({
      connected: it.connected,
      since: 0,
      mode: 'socket' as const,
      team: null,
      botUserId: null,
      reachable: true,
      problem: null,
    }),
  };
  return Object.assign(it, { presence: startPresence({ store, slack, log: silent, clock }) });
}

async function living(store: Store, count: number): Promise<void> {
  while ((await store.replicas.list()).length < count) await new Promise((wake) => setTimeout(wake, 20));
}

onPostgres('a process that stops', (engine) => {
  test('keeps its connection to Slack until the one that replaces it has its own', async () => {
    const stores = [await engine.open(), await engine.again()] as const;
    const old = side(stores[0], true);
    const next = side(stores[1], false);
    await living(stores[0], 2);
    let handedOver = false;
    const handing = old.presence.handOver().then(() => {
      handedOver = true;
    });
    await new Promise((wake) => setTimeout(wake, 1_500));
    expect(handedOver).toBe(false);
    next.connected = true;
    await handing;
    await old.presence.close();
    expect(await stores[1].replicas.list()).toHaveLength(1);
    await next.presence.close();
  });

  test('does not count on another one that stops as well', async () => {
    const store = await engine.open();
    const both = [side(store, true), side(store, true)] as const;
    const next = side(store, false);
    await living(store, 3);
    expect(await Promise.all(both.map(({ presence }) => presence.leave()))).toEqual([true, true]);
    let handedOver = 0;
    const handing = both.map(({ presence }) =>
      presence.handOver().then(() => {
        handedOver += 1;
      }),
    );
    await new Promise((wake) => setTimeout(wake, 1_000));
    expect(handedOver).toBe(0);
    next.connected = true;
    await Promise.all(handing);
    expect(await next.presence.leave()).toBe(false);
    await Promise.all([...both, next].map(({ presence }) => presence.close()));
  });

  test('does not wait when it is the last one, nor for one that is gone', async () => {
    const store = await engine.open();
    const now = Date.now();
    await store.replicas.note({ id: 'crashed', at: now - 60_000, connected: false });
    // Its clock stands still: a wait for another one would have no end.
    const last = side(store, true, () => now);
    await last.presence.handOver();
    await last.presence.close();
  });
});
