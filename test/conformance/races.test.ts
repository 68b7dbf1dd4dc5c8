import { expect, test } from '@jest/globals';
import type { Actor } from '../../src/incidents/incident.ts';
import { DEFAULT_POLICY } from '../../src/incidents/policy.ts';
import { createChanges } from '../../src/jobs/incidentChanges.ts';
import type { Store } from '../../src/store/store.ts';
import { onEveryEngine } from './engines.ts';
import { aDraft, anEntry, anIncident, asked, NOW } from './samples.ts';

const ANA: Actor = { type: 'slack', id: 'U1', name: 'Ana' };

function changesOf(store: Store) {
  return createChanges({
    store: store.incidents,
    policy: DEFAULT_POLICY,
    defaultCluster: 'default',
    clock: () => NOW,
  });
}

/** The number of an incident that is open. */
function opened(store: Store): Promise<number> {
  return store.incidents.transact(async (tx) => {
    const numbers = await tx.save([aDraft(anIncident())], NOW);
    return [...numbers.values()][0] ?? 0;
  });
}

onEveryEngine('two at the same moment', (engine) => {
  test('one step entry is kept under a key, its writer knows, and so does a repetition of it', async () => {
    const store = await engine.open();
    const number = await opened(store);
    const changes = changesOf(store);
    const entry = (invocation: string) => anEntry('done', { kind: 'step', detail: { invocation } });
    const mark = (invocation: string) => changes.markStep(number, entry(invocation), 'step:a:0');
    const won = await Promise.all(['p1', 'p2', 'p3', 'p4'].map(mark));
    expect(won.filter(Boolean)).toHaveLength(1);
    const winner = `p${won.indexOf(true) + 1}`;
    expect(await mark(winner)).toBe(true);
    expect(
      (await store.incidents.timeline(number)).flatMap((one) => (one.kind === 'step' ? [one.detail.invocation] : [])),
    ).toEqual([winner]);
  });

  test('a command that two carry out at once, or that is carried out again, changes its incident once', async () => {
    const store = await engine.open();
    const number = await opened(store);
    const changes = changesOf(store);
    const note = { kind: 'note', text: 'restarted the builder' } as const;
    const by = { actor: ANA, at: NOW, once: 'press-1' };
    const together = await Promise.all([1, 2, 3].map(() => changes.apply(number, note, by)));
    expect(together.map((incident) => incident.number)).toEqual([number, number, number]);
    await changes.apply(number, { kind: 'resolve', note: null, dismissed: false }, asked(ANA, NOW + 1));
    // The state allows no acknowledgement by now, yet this wish was carried out before: it is answered, not refused.
    expect((await changes.apply(number, note, by)).status).toBe('resolved');
    expect((await changes.made(by.once))?.number).toBe(number);
    expect(await changes.made('press-2')).toBeNull();
    const notes = (await store.incidents.timeline(number)).filter(({ kind }) => kind === 'note');
    expect(notes.map(({ text }) => text)).toEqual(['restarted the builder']);
  });

  test('a command that failed can be carried out under its key later', async () => {
    const store = await engine.open();
    const number = await opened(store);
    const changes = changesOf(store);
    const by = { actor: ANA, at: NOW, once: 'press-1' };
    await expect(changes.apply(99, { kind: 'acknowledge' }, by)).rejects.toMatchObject({ code: 'not_found' });
    expect((await changes.apply(number, { kind: 'acknowledge' }, by)).status).toBe('acknowledged');
  });

  test('an incident that two declare for one wish is one', async () => {
    const store = await engine.open();
    const changes = changesOf(store);
    const draft = { title: 'Down', severity: 'sev2', namespace: null, subject: null, channel: null } as const;
    const by = { actor: ANA, at: NOW, once: 'press-1' };
    const made = await Promise.all([1, 2, 3].map(() => changes.declare(draft, by)));
    expect(new Set(made.map((incident) => incident.number)).size).toBe(1);
    expect(await store.incidents.list({ limit: 10 })).toHaveLength(1);
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
