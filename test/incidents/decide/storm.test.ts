import { expect, test } from '@jest/globals';
import { cardPlace, NO_STORM, type Opening, stormState } from '../../../src/incidents/decide/storm.ts';
import { watchdogStep } from '../../../src/incidents/decide/watchdog.ts';
import { MINUTE, T0 } from '../../builders/alerts.ts';

function openings(count: number, over: Partial<Opening> = {}, every = 1000): readonly Opening[] {
  return Array.from({ length: count }, (_, index) => ({
    number: index + 1,
    at: T0 + index * every,
    severity: 'sev3' as const,
    alertName: 'BuildPodPending',
    ...over,
  }));
}

test('more than ten sev3 or sev4 incidents a minute are a storm; sev1 and sev2 make none', () => {
  const now = T0 + 20_000;
  expect(stormState(NO_STORM, openings(10), null, now)).toEqual({ since: null, reason: 'calm' });
  expect(stormState(NO_STORM, openings(11), null, now)).toEqual({ since: now, reason: 'per_minute' });
  expect(stormState(NO_STORM, openings(50, { severity: 'sev2' }), null, now).since).toBeNull();
});

test('thirty within ten minutes are a storm, and so is a card that waits for 15 s', () => {
  const now = T0 + 9.5 * MINUTE;
  expect(stormState(NO_STORM, openings(29, {}, 19_000), null, now).since).toBeNull();
  expect(stormState(NO_STORM, openings(30, {}, 19_000), null, now).reason).toBe('per_ten_minutes');
  expect(stormState(NO_STORM, [], 14_999, now).since).toBeNull();
  expect(stormState(NO_STORM, [], 15_000, now)).toEqual({ since: now, reason: 'unsent_card' });
});

test('a storm is over after ten minutes in which no minute opened three', () => {
  const storm = { since: T0, reason: 'per_minute' } as const;
  expect(stormState(storm, [], null, T0 + 9 * MINUTE)).toEqual({ since: T0, reason: 'not_calm_yet' });
  expect(stormState(storm, [], null, T0 + 10 * MINUTE).since).toBeNull();
  const late = openings(3).map((each) => ({ ...each, at: each.at + 5 * MINUTE }));
  expect(stormState(storm, late, null, T0 + 12 * MINUTE).reason).toBe('not_calm_yet');
  expect(stormState(storm, late, null, T0 + 16 * MINUTE).since).toBeNull();
});

test('sev1 and sev2 keep their own card in a storm, but from the eleventh of one name they share one', () => {
  const storm = { since: T0, reason: 'per_minute' } as const;
  const grave = openings(12, { severity: 'sev2' });
  const place = (index: number) => cardPlace(grave[index] as Opening, grave, storm).kind;
  expect([place(0), place(9), place(10), place(11)]).toEqual(['own', 'own', 'shared', 'shared']);
  const slow = openings(12, { severity: 'sev1' }, MINUTE);
  expect(cardPlace(slow[11] as Opening, slow, storm).kind).toBe('own');
  const [minor] = openings(1);
  expect(cardPlace(minor as Opening, [], storm).kind).toBe('storm');
  expect(cardPlace(minor as Opening, [], NO_STORM).kind).toBe('own');
});

test('the dead man’s switch is armed by two beats and fires after 15 min of silence', () => {
  const step = (beats: number, minutes: number) => watchdogStep({ lastAt: T0, beats }, null, 0, T0 + minutes * MINUTE);
  expect([step(1, 60), step(2, 15), step(2, 16)]).toEqual(['stay', 'stay', 'fire']);
});

test('it does not blame the cluster for the time the responder was down, and resolves with the next beat', () => {
  const down = T0 + 60 * MINUTE;
  expect(watchdogStep({ lastAt: T0, beats: 9 }, null, down, down + MINUTE)).toBe('stay');
  expect(watchdogStep({ lastAt: T0, beats: 9 }, null, down, down + 16 * MINUTE)).toBe('fire');
  expect(watchdogStep({ lastAt: T0, beats: 9 }, T0, down, down + 20 * MINUTE)).toBe('stay');
  expect(watchdogStep({ lastAt: down, beats: 10 }, T0, down, down + 20 * MINUTE)).toBe('resolve');
});
