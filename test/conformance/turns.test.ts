import { expect, test } from '@jest/globals';
import { onEveryEngine, onPostgres } from './engines.ts';

onEveryEngine('turns', (engine) => {
  test('a round is taken once in its time, by whoever asks first', async () => {
    const store = await engine.open();
    const taken = await Promise.all(Array.from({ length: 10 }, () => store.turns.take('poll', 60_000, 1_000_000)));
    expect(taken.filter(Boolean)).toHaveLength(1);
    expect(await store.turns.take('poll', 60_000, 1_059_999)).toBe(false);
    expect(await store.turns.take('other', 60_000, 1_000_000)).toBe(true);
    expect(await store.turns.take('poll', 60_000, 1_060_000)).toBe(true);
  });

  test('a clock that was set back does not stop the rounds', async () => {
    const store = await engine.open();
    await store.turns.take('poll', 60_000, 9_000_000);
    expect(await store.turns.take('poll', 60_000, 1_000_000)).toBe(true);
  });
});

onPostgres('turns of two replicas', (engine) => {
  test('are taken by one of them', async () => {
    const stores = [await engine.open(), await engine.again()];
    const taken = await Promise.all(
      stores.flatMap((store) => [1, 2, 3].map(() => store.turns.take('poll', 60_000, 5))),
    );
    expect(taken.filter(Boolean)).toHaveLength(1);
  });
});
