import { describe, expect, test } from '@jest/globals';
import type { ClusterAccess, Read } from '../../src/k8s/client/cluster.ts';
import { createTurns, shareLists } from '../../src/k8s/client/sharing.ts';

const NEVER = new AbortController().signal;
const read = (over: Partial<Read> = {}): Read => ({
  path: ['api', 'v1', 'pods'],
  priority: 'automatic',
  signal: NEVER,
  ...over,
});

function counting(answer: () => Promise<unknown> = async () => ({})) {
  let asked = 0;
  const cluster: ClusterAccess = {
    name: 'test',
    server: 'http://here',
    simulated: false,
    json: () => {
      asked += 1;
      return answer();
    },
    text: async () => ({ text: '', truncated: false }),
    paceMs: () => null,
    close: async () => {},
  };
  return { cluster, asked: () => asked };
}

describe('lists of first looks', () => {
  test('are read once in ten seconds, and again after them', async () => {
    let now = 0;
    const { cluster, asked } = counting();
    const shared = shareLists(cluster, () => now);
    await Promise.all([shared.json(read()), shared.json(read({ query: { limit: null } }))]);
    expect(asked()).toBe(1);
    await shared.json(read({ query: { limit: 500 } }));
    expect(asked()).toBe(2);
    now = 10_000;
    await shared.json(read());
    expect(asked()).toBe(3);
  });

  test('are never what a person gets', async () => {
    const { cluster, asked } = counting();
    const shared = shareLists(cluster, () => 0);
    await shared.json(read());
    await shared.json(read({ priority: 'person' }));
    expect(asked()).toBe(2);
  });

  test('that could not be read are read anew by who comes next', async () => {
    let fails = true;
    const { cluster, asked } = counting(async () => {
      if (fails) throw new Error('gone');
      return 'here';
    });
    const shared = shareLists(cluster, () => 0);
    const first = shared.json(read());
    const second = shared.json(read());
    fails = false;
    await expect(first).rejects.toThrow('gone');
    await expect(second).resolves.toBe('here');
    expect(asked()).toBe(2);
  });
});

describe('first looks at one cluster', () => {
  test('are two at once; the third waits', async () => {
    const turn = createTurns();
    const ends: (() => void)[] = [];
    let inside = 0;
    const work = () =>
      turn(async () => {
        inside += 1;
        await new Promise<void>((resolve) => ends.push(resolve));
        inside -= 1;
      }, NEVER);
    const all = [work(), work(), work()];
    await Promise.resolve();
    expect(inside).toBe(2);
    ends.shift()?.();
    await all[0];
    await new Promise((wake) => setTimeout(wake, 0));
    expect(inside).toBe(2);
    for (const end of ends.splice(0)) end();
    await Promise.all(all);
    expect(inside).toBe(0);
  });

  test('leave the queue when their time is over', async () => {
    const turn = createTurns(1);
    let end = () => {};
    const first = turn(
      () =>
        new Promise<void>((resolve) => {
          end = resolve;
        }),
      NEVER,
    );
    const gone = new AbortController();
    const second = turn(async () => 'never', gone.signal);
    gone.abort(new Error('too late'));
    await expect(second).rejects.toThrow('too late');
    end();
    await first;
    await expect(turn(async () => 'next', NEVER)).resolves.toBe('next');
  });
});
