import { describe, expect, test } from '@jest/globals';
import { counted, listed, severityName } from '../../src/wording/counts.ts';
import { cut, cutBy, cutMiddle, oneLine, short } from '../../src/wording/cuts.ts';
import { clockMinute, clockTime, isoSeconds, utc, utcMinute } from '../../src/wording/instants.ts';
import { coarse, compact, exact, seconds, spoken } from '../../src/wording/lengths.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('a length of time', () => {
  test.each([
    [-5, '0s', '0s', '0 s', '1 min'],
    [400, '0s', '0s', '0 s', '1 min'],
    [42 * SECOND, '42s', '42s', '42 s', '1 min'],
    [4 * MINUTE + 12 * SECOND, '4m12s', '4m', '4 min 12 s', '4 min'],
    [3 * HOUR + 10 * MINUTE, '3h10m', '3h', '3 h 10 min', '3 h'],
    [119 * MINUTE, '1h59m', '1h', '1 h 59 min', '119 min'],
    [2 * DAY + 30 * SECOND, '2d', '2d', '2 d', '2 d'],
    [2 * DAY + 5 * HOUR, '2d5h', '2d', '2 d 5 h', '2 d'],
    [47 * HOUR, '1d23h', '1d', '1 d 23 h', '47 h'],
  ])(
    'of %d ms has one writing for a table, a narrow one, an exact sentence and speech',
    (ms, table, narrow, full, said) => {
      expect([compact(ms), coarse(ms), exact(ms), spoken(ms)]).toEqual([table, narrow, full, said]);
    },
  );

  test('of a setting is written in seconds', () => {
    expect([seconds(15_000), seconds(500)]).toEqual(['15 s', '0.5 s']);
  });
});

test('an instant names its zone, and one that is missing is not recorded', () => {
  const at = Date.UTC(2026, 10, 24, 4, 31, 45, 678);
  expect([utc(at), utcMinute(at), clockTime(at), clockMinute(at), isoSeconds(at)]).toEqual([
    '2026-11-24 04:31:45 UTC',
    '2026-11-24 04:31 UTC',
    '04:31:45 UTC',
    '04:31 UTC',
    '2026-11-24T04:31:45Z',
  ]);
  expect(utc(null)).toBe('not recorded');
});

describe('a text that is too long', () => {
  test('is cut to the length asked for, the ellipsis counted', () => {
    expect(cut('abcdef', 6)).toBe('abcdef');
    expect(cut('abcdefg', 6)).toBe('abcde…');
    expect(cut('abc    defg', 6)).toBe('abc…');
    expect(short(' a\n b\tc ')).toBe('a b c');
    expect(oneLine('a \r\n b')).toBe('a b');
  });

  test('is not cut within what people see as one character', () => {
    const family = '👨‍👩‍👧';
    expect(cut(`ab${family}${family}`, 12)).toBe(`ab${family}…`);
    expect(cut(`abc${family}`, 6)).toBe('abc…');
  });

  test('is cut by the width it has when it is shown', () => {
    const escaped = (character: string) => (character === '&' ? 5 : character.length);
    expect(cutBy('a&b', 7, escaped)).toBe('a&b');
    expect(cutBy('a&&b', 7, escaped)).toBe('a&…');
  });

  test('of a pod keeps both ends', () => {
    expect(cutMiddle('builder-7c9f-abcde', 9)).toBe('buil…bcde');
  });
});

test('counts, lists and severities are said as people say them', () => {
  expect([counted(1, 'pod'), counted(0, 'pod'), counted(2, 'entry', 'entries')]).toEqual([
    '1 pod',
    '0 pods',
    '2 entries',
  ]);
  expect([listed([]), listed(['a']), listed(['a', 'b', 'a']), listed(['a', 'b', 'c', 'd', 'e'])]).toEqual([
    '',
    'a',
    'a and b',
    'a, b, c and 2 more',
  ]);
  expect(severityName('sev2')).toBe('SEV2');
});
