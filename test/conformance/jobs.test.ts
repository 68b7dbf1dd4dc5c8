import { expect, test } from '@jest/globals';
import type { Job, LaneName } from '../../src/queue/job.ts';
import type { Store } from '../../src/store/store.ts';
import { onEveryEngine } from './engines.ts';
import { aJob, NOW } from './samples.ts';

const ALL: Readonly<Record<LaneName, number>> = { person: 50, incident: 50, edit: 50, evidence: 50, reading: 50 };

async function claim(store: Store, now = NOW, lanes: Partial<Record<LaneName, number>> = ALL): Promise<readonly Job[]> {
  return store.jobs.claim({ lanes, leaseMs: 30_000, now });
}

const names = (jobs: readonly Job[]) => jobs.map((job) => job.payload);

onEveryEngine('jobs', (engine) => {
  test('are claimed by lane, then time, then age', async () => {
    const store = await engine.open();
    await store.jobs.enqueue(
      [
        aJob({ payload: 'edit' }),
        aJob({ payload: 'evidence', lane: 'evidence' }),
        aJob({ payload: 'incident 2', lane: 'incident' }),
        aJob({ payload: 'incident 1', lane: 'incident', runAt: NOW - 5 }),
        aJob({ payload: 'person', lane: 'person' }),
        aJob({ payload: 'later', lane: 'person', runAt: NOW + 1 }),
      ],
      NOW,
    );
    expect(names(await claim(store))).toEqual(['person', 'incident 1', 'incident 2', 'edit', 'evidence']);
    expect(await store.jobs.nextDueAt(NOW)).toBe(NOW + 1);
    expect(names(await claim(store, NOW + 1))).toEqual(['later']);
    expect(await claim(store, NOW + 1)).toEqual([]);
  });

  test('of one ordering key run one at a time, oldest first', async () => {
    const store = await engine.open();
    await store.jobs.enqueue(
      [1, 2, 3].map((payload) => aJob({ payload, orderingKey: 'k' })),
      NOW,
    );
    await store.jobs.enqueue(
      [aJob({ payload: 4, orderingKey: 'k' }), aJob({ payload: 'other', orderingKey: 'o' })],
      NOW,
    );
    const first = await claim(store);
    expect(names(first)).toEqual([1, 'other']);
    expect(await claim(store)).toEqual([]);
    for (const expected of [2, 3, 4]) {
      await store.jobs.complete((expected === 2 ? first : []).concat());
      const [next] = await claim(store);
      expect(next?.payload).toBe(expected);
      if (next) await store.jobs.complete([next]);
    }
    expect((await store.jobs.depth(NOW)).every((lane) => lane.due === 0)).toBe(true);
  });

  test('backing off hold their own key and no other', async () => {
    const store = await engine.open();
    await store.jobs.enqueue(
      [aJob({ payload: 'a1', orderingKey: 'a' }), aJob({ payload: 'a2', orderingKey: 'a' })],
      NOW,
    );
    const [failing] = await claim(store);
    if (failing) await store.jobs.retry(failing, NOW + 1_000, 'unavailable: down');
    await store.jobs.enqueue(
      [aJob({ payload: 'b', orderingKey: 'b' }), aJob({ payload: 'a3', orderingKey: 'a' })],
      NOW,
    );
    expect(names(await claim(store))).toEqual(['b']);
    const again = await claim(store, NOW + 1_000);
    expect(names(again)).toEqual(['a1']);
    expect(again[0]?.attempt).toBe(2);
  });

  test('that are dead hold nothing, are listed, and can be revived', async () => {
    const store = await engine.open();
    await store.jobs.enqueue(
      [1, 2].map((payload) => aJob({ payload, orderingKey: 'k' })),
      NOW,
    );
    const [first] = await claim(store);
    if (first) await store.jobs.dead(first, 'forbidden: no scope', NOW + 5);
    expect(names(await claim(store))).toEqual([2]);
    const [letter] = await store.jobs.deadLetters(10);
    expect(letter).toMatchObject({ payload: 1, error: 'forbidden: no scope', deadAt: NOW + 5, attempts: 1 });
    expect(await store.jobs.deadCount()).toBe(1);
    expect(await store.jobs.revive(letter?.id ?? 0, NOW)).toBe(true);
    expect(await store.jobs.revive(letter?.id ?? 0, NOW)).toBe(false);
    // The second one runs: the revived one waits for its key.
    expect(await claim(store)).toEqual([]);
    expect(await store.jobs.deadCount()).toBe(0);
  });

  test('planned for later hold nothing until they are due', async () => {
    const store = await engine.open();
    await store.jobs.enqueue([aJob({ payload: 'timer', orderingKey: 'k', runAt: NOW + 1_000 })], NOW);
    await store.jobs.enqueue([aJob({ payload: 'now', orderingKey: 'k' })], NOW);
    const [now] = await claim(store);
    expect(now?.payload).toBe('now');
    expect(await claim(store, NOW + 1_000)).toEqual([]);
    if (now) await store.jobs.complete([now]);
    expect(names(await claim(store, NOW + 1_000))).toEqual(['timer']);
  });

  test('whose lease ran out are claimed again, and the old lease can end nothing', async () => {
    const store = await engine.open();
    await store.jobs.enqueue([aJob({ payload: 'x', orderingKey: 'k' }), aJob({ payload: 'y', orderingKey: 'k' })], NOW);
    const [old] = await claim(store);
    expect(await claim(store, NOW + 29_999)).toEqual([]);
    const [again] = await claim(store, NOW + 30_000);
    expect(again).toMatchObject({ payload: 'x', attempt: 2, expiries: 1 });
    if (!old || !again) throw new Error('nothing was claimed');
    await store.jobs.complete([old]);
    await store.jobs.retry(old, NOW, 'late');
    await store.jobs.dead(old, 'late', NOW);
    expect(await store.jobs.renew([old], NOW + 90_000)).toEqual([]);
    expect(await store.jobs.renew([again], NOW + 90_000)).toEqual([again.id]);
    expect(await claim(store, NOW + 60_001)).toEqual([]);
    await store.jobs.complete([again]);
    expect(names(await claim(store, NOW + 60_001))).toEqual(['y']);
  });

  test('with a coalesce key are absorbed by the one that waits; the earlier time and the better lane win', async () => {
    const store = await engine.open();
    const card = (changes: object) => aJob({ orderingKey: 'card:1', coalesceKey: 'card:1', ...changes });
    await store.jobs.enqueue(
      [card({ payload: 'first', runAt: NOW + 60_000 }), card({ payload: 'same time' })],
      NOW + 1,
    );
    await store.jobs.enqueue([card({ payload: 'second', lane: 'incident' })], NOW);
    const claimed = await claim(store);
    expect(claimed).toMatchObject([{ payload: 'first', lane: 'incident' }]);
    await store.jobs.enqueue([card({ payload: 'while it runs' }), card({ payload: 'and again' })], NOW);
    expect(await claim(store)).toEqual([]);
    await store.jobs.complete(claimed);
    expect(names(await claim(store))).toEqual(['while it runs']);
  });

  test('that back off absorb without being hurried', async () => {
    const store = await engine.open();
    const card = aJob({ payload: 'card', coalesceKey: 'card:1' });
    await store.jobs.enqueue([card], NOW);
    const [job] = await claim(store);
    if (job) await store.jobs.retry(job, NOW + 5_000, 'rate_limited');
    await store.jobs.enqueue([card], NOW);
    expect(await claim(store)).toEqual([]);
    expect(await claim(store, NOW + 5_000)).toHaveLength(1);
  });

  test('that back off run at once when they are hurried, and no others', async () => {
    const store = await engine.open();
    const job = (kind: string) => ({ kind, payload: null, lane: 'edit' as const, orderingKey: null });
    await store.jobs.enqueue([job('card'), job('other')], 1_000);
    await store.jobs.enqueue([{ ...job('card'), runAt: 90_000 }], 1_000);
    const claim = (now: number) => store.jobs.claim({ lanes: { edit: 10 }, leaseMs: 1_000, now });
    for (const claimed of await claim(1_000)) await store.jobs.retry(claimed, 60_000, 'down');
    expect(await store.jobs.bringForward(['card'], 2_000)).toBe(1);
    expect((await claim(2_000)).map(({ kind }) => kind)).toEqual(['card']);
  });

  test('of a thread that backed off for want of a card run as soon as there is one', async () => {
    const store = await engine.open();
    const post = (incident: number) =>
      aJob({ kind: 'deliverPost', payload: incident, orderingKey: `thread:${incident}` });
    await store.jobs.enqueue([post(1), post(2)], NOW);
    const late = Date.now() + 3_600_000;
    for (const job of await claim(store)) await store.jobs.retry(job, late, 'no card yet');
    await store.messages.sent('card:1', 'C1', '1.2', null);
    expect(names(await claim(store, Date.now() + 1_000))).toEqual([1]);
  });

  test('enqueued under a key once are not enqueued again', async () => {
    const store = await engine.open();
    const click = [aJob({ kind: 'runCommand', lane: 'person' })];
    expect(await store.jobs.enqueueOnce('click:1', click, NOW)).toBe(true);
    const claimed = await claim(store);
    await store.jobs.complete(claimed);
    expect(await store.jobs.enqueueOnce('click:1', click, NOW)).toBe(false);
    expect(await claim(store)).toEqual([]);
  });

  test('are taken only as many as asked for of each lane, and only of the kinds asked for', async () => {
    const store = await engine.open();
    await store.jobs.enqueue(
      [aJob({ lane: 'person' }), aJob(), aJob(), aJob({ kind: 'new in the next release' })],
      NOW,
    );
    expect(await claim(store, NOW, { edit: 1 })).toHaveLength(1);
    expect(await store.jobs.claim({ lanes: ALL, leaseMs: 1, now: NOW, kinds: ['work'] })).toHaveLength(2);
    expect(await claim(store, NOW, {})).toEqual([]);
  });

  test('are counted by lane with the age of the oldest', async () => {
    const store = await engine.open();
    await store.jobs.enqueue([aJob({ runAt: NOW - 10 }), aJob(), aJob({ runAt: NOW + 10 })], NOW);
    const depth = await store.jobs.depth(NOW);
    expect(depth.find(({ lane }) => lane === 'edit')).toEqual({
      lane: 'edit',
      due: 2,
      scheduled: 1,
      oldestDueAt: NOW - 10,
    });
    expect(depth.find(({ lane }) => lane === 'person')).toEqual({
      lane: 'person',
      due: 0,
      scheduled: 0,
      oldestDueAt: null,
    });
  });

  test('wake who listens, after the commit', async () => {
    const store = await engine.open();
    let woken = 0;
    const end = store.jobs.subscribe(() => {
      woken += 1;
    });
    await store.jobs.enqueue([aJob()], NOW);
    expect(woken).toBeGreaterThan(0);
    end();
    const before = woken;
    await store.jobs.enqueue([aJob()], NOW);
    expect(woken).toBe(before);
  });

  test('of thousands behind one key do not slow the claim of another', async () => {
    const store = await engine.open();
    await store.jobs.enqueue(
      Array.from({ length: 5_000 }, (_, n) => aJob({ payload: n, orderingKey: 'busy' })),
      NOW,
    );
    await store.jobs.enqueue([aJob({ payload: 'free', orderingKey: 'free' })], NOW);
    expect(names(await claim(store))).toEqual([0, 'free']);
  });
});
