import { expect, test } from '@jest/globals';
import { DEFAULT_POLICY } from '../../src/incidents/policy.ts';
import { createChanges } from '../../src/triage/changes.ts';
import { onEveryEngine } from './engines.ts';
import { aDraft, anEntry, anIncident, NOW } from './samples.ts';

onEveryEngine('two at the same moment', (engine) => {
  test('one step entry is kept under a key, its writer knows, and so does a repetition of it', async () => {
    const store = await engine.open();
    const number = await store.incidents.transact(async (tx) => {
      const numbers = await tx.save([aDraft(anIncident())], NOW);
      return [...numbers.values()][0] ?? 0;
    });
    const changes = createChanges({
      store: store.incidents,
      policy: DEFAULT_POLICY,
      defaultCluster: 'default',
      clock: () => NOW,
    });
    const entry = (invocation: string) => anEntry('done', { kind: 'step', detail: { invocation } });
    const mark = (invocation: string) => changes.markStep(number, entry(invocation), 'step:a:0');
    const won = await Promise.all(['p1', 'p2', 'p3', 'p4'].map(mark));
    expect(won.filter(Boolean)).toHaveLength(1);
    const winner = `p${won.indexOf(true) + 1}`;
    expect(await mark(winner)).toBe(true);
    expect((await store.incidents.stepEntries(number)).map((one) => one.detail.invocation)).toEqual([winner]);
  });

  test('a value is swapped by one of those who saw the same', async () => {
    const { settings } = await engine.open();
    const first = await Promise.all(['a', 'b', 'c'].map((value) => settings.swap('k', null, value)));
    expect(first.filter(Boolean)).toHaveLength(1);
    const now = await settings.get('k');
    const second = await Promise.all(['d', 'e', 'f'].map((value) => settings.swap('k', now, value)));
    expect(second.filter(Boolean)).toHaveLength(1);
    expect(await settings.swap('k', now, 'late')).toBe(false);
  });
});
