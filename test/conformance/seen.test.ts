import { expect, test } from '@jest/globals';
import { onEveryEngine } from './engines.ts';

const NOW = 1_800_000_000_000;
const DAY = 24 * 3_600_000;

onEveryEngine('who was seen', (engine) => {
  test('is known by when they were last, whoever noted it first, until Slack says no', async () => {
    const { seen } = await engine.open();
    expect(await seen.find('U1')).toBeNull();
    await seen.note('U1', NOW, 'ana');
    await seen.note('U1', NOW - 5, 'an older name');
    await seen.note('C1', NOW, null);
    expect(await seen.find('U1')).toEqual({ at: NOW, name: 'ana' });
    await seen.note('U1', NOW + 5, 'ana c');
    expect(await seen.find('U1')).toEqual({ at: NOW + 5, name: 'ana c' });
    await seen.forget('U1');
    expect(await seen.find('U1')).toBeNull();
    expect(await seen.find('C1')).toEqual({ at: NOW, name: null });
  });

  test('is forgotten when it no longer matters', async () => {
    const store = await engine.open();
    await store.seen.note('U1', NOW - 8 * DAY, 'ana');
    await store.seen.note('U2', NOW - DAY, 'jun');
    await store.trim({ evidenceOlderThanMs: DAY, maxEvidenceBytes: 1_000, now: NOW });
    expect(await store.seen.find('U1')).toBeNull();
    expect(await store.seen.find('U2')).not.toBeNull();
  });
});
