import { expect, test } from '@jest/globals';
import { createPacing, type Slot } from '../../src/slack/delivery/pacing.ts';
import type { Clock } from '../../src/slack/ports.ts';
import type { Store } from '../../src/store/store.ts';
import { onEveryEngine, onPostgres, silent } from './engines.ts';

const START = 1_000_000;
const never = new AbortController().signal;
const card: Slot = { method: 'chat.postMessage', channel: 'C1', priority: 'urgent' };

onEveryEngine('meters', (engine) => {
  test('are changed by one after the other, whoever asks at once', async () => {
    const store = await engine.open();
    const count = () =>
      store.meters.change(['a', 'b'], ([a]) => ({
        meters: [{ sentAt: [...(a?.sentAt ?? []), 1], spentUntil: 2, heldUntil: 3 }],
        result: a?.sentAt.length ?? 0,
      }));
    const seen = await Promise.all(Array.from({ length: 10 }, count));
    expect(seen.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const now = await store.meters.change(['b', 'a'], (meters) => ({ meters: [], result: meters }));
    expect(now).toEqual([
      { sentAt: [], spentUntil: 0, heldUntil: 0 },
      { sentAt: Array(10).fill(1), spentUntil: 2, heldUntil: 3 },
    ]);
  });

  test('of channels that were not used for an hour are forgotten', async () => {
    const store = await engine.open();
    const spend = (name: string, spentUntil: number) =>
      store.meters.change([name], () => ({ meters: [{ sentAt: [], spentUntil, heldUntil: 0 }], result: null }));
    await spend('old', START);
    await spend('new', START + 3_600_000);
    await store.trim({ evidenceOlderThanMs: 1, maxEvidenceBytes: 1, now: START + 3_600_001 });
    const left = await store.meters.change(['old', 'new'], (meters) => ({ meters: [], result: meters }));
    expect(left.map((meter) => meter?.spentUntil)).toEqual([0, START + 3_600_000]);
  });
});

/** One clock for all of them, which goes on when somebody waits. */
function sharedClock(): Clock & { at: number } {
  const clock = {
    at: START,
    now: () => clock.at,
    sleep: async (ms: number) => {
      const until = clock.at + ms;
      await new Promise((resolve) => setImmediate(resolve));
      clock.at = Math.max(clock.at, until);
    },
  };
  return clock;
}

function replica(store: Store, clock: Clock) {
  // What bounds the wait for the store must not move the clock of the test.
  const sleep: Clock['sleep'] = (ms, signal) => (signal === never ? clock.sleep(ms, signal) : new Promise(() => {}));
  return createPacing({ clock: { now: clock.now, sleep }, log: silent, shared: store.meters });
}

onPostgres('two replicas', (engine) => {
  test('keep to one message a second in a channel together', async () => {
    const clock = sharedClock();
    const pacings = [replica(await engine.open(), clock), replica(await engine.again(), clock)] as const;
    for (let round = 0; round < 4; round += 1) for (const pacing of pacings) await pacing.take(card, never);
    // Three at once, then one a second.
    expect(clock.at - START).toBe(5_000);
  });

  test('keep still together when Slack says 429 to one of them', async () => {
    const clock = sharedClock();
    const [one, other] = [replica(await engine.open(), clock), replica(await engine.again(), clock)];
    await one.hold(card, 2_000);
    await other.take({ ...card, channel: 'C2' }, never);
    expect(clock.at).toBe(START);
    await other.take(card, never);
    expect(clock.at - START).toBe(2_000);
  });
});
