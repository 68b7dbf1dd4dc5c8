import { expect, test } from '@jest/globals';
import { createPostmortems } from '../../src/app/postmortems.ts';
import { createRedactor } from '../../src/redaction/redactor.ts';
import { MINUTE } from '../builders/alerts.ts';
import { story } from '../incidents/postmortem/story.ts';

/** A store of three incidents: 2 was merged into 1 and is part of it, 3 was merged and split again. */
function storeOfThree(): Parameters<typeof createPostmortems>[0]['store'] {
  const { known, timeline } = story();
  const [entry] = timeline;
  if (!entry) throw new Error('no entry');
  const merged = (from: number, id: number) => ({
    ...{ ...entry, id, kind: 'merged' as const, text: `#${from} was merged into this`, detail: { from } },
  });
  const timelines = new Map([
    [1, [...timeline, merged(2, 90), merged(3, 91)]],
    [2, [{ ...entry, id: 1, text: 'The second began' }]],
    [3, [{ ...entry, id: 2, text: 'The third began' }]],
  ]);
  const mergedInto = new Map([[2, 1]]);
  const store = {
    incidents: {
      find: async (number: number) => ({
        ...known,
        incident: { ...known.incident, number, mergedInto: mergedInto.get(number) ?? null },
      }),
      timeline: async (number: number) => timelines.get(number) ?? [],
    },
    evidence: { list: async () => [], findings: async () => [] },
  };
  return store as never; // only these are read
}

const PARTS = { runbooks: { forIncident: () => null } as never, redaction: createRedactor(), clock: () => 0 };

test('a post-mortem has the timeline of what is merged into it, and not of what was split again', async () => {
  const { markdown, json } = await createPostmortems({ ...PARTS, store: storeOfThree() }).of(1);
  expect(markdown).toContain('(incident 2) · The second began');
  expect(markdown).not.toContain('The third began');
  expect(JSON.parse(json).timeline).toContainEqual(expect.objectContaining({ incident: 2, text: 'The second began' }));
});

test('it is written when nobody can say what the rule waits', async () => {
  const store = storeOfThree();
  const failing = createPostmortems({ ...PARTS, store, pendingOf: () => Promise.reject(new Error('no Prometheus')) });
  const waiting = createPostmortems({ ...PARTS, store, pendingOf: async () => ({ ms: 5 * MINUTE, source: 'rule' }) });
  const startOf = async (one: typeof failing) => Date.parse(JSON.parse((await one.of(1)).json).incident.startedAt);
  expect((await startOf(failing)) - (await startOf(waiting))).toBe(5 * MINUTE);
});
