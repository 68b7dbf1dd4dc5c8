import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { KNATIVE_MATRIX } from '../../src/incidents/knativeMatrix.ts';
import { matcherProblem, matches } from '../../src/incidents/matchers.ts';

test('every entry must match: equality, or a whole-value regular expression in slashes', () => {
  const labels = { alertname: 'BuildSlow', namespace: 'team-a' };
  expect(matches(labels, {})).toBe(true);
  expect(matches(labels, { alertname: 'BuildSlow', namespace: '/team-.+/' })).toBe(true);
  expect(matches(labels, { alertname: '/Build/' })).toBe(false);
  expect(matches(labels, { alertname: '/Build.*|Other/' })).toBe(true);
  expect(matches(labels, { alertname: 'BuildSlow', namespace: 'team-b' })).toBe(false);
});

test('a missing label has the value of an empty one, whatever an object inherits', () => {
  expect(matches({}, { team: '' })).toBe(true);
  expect(matches({}, { team: '/.*/' })).toBe(true);
  expect(matches({}, { team: '/.+/' })).toBe(false);
  expect(matches({}, { constructor: '/.+/' })).toBe(false);
});

test.each([
  ['(a+)+', 'a repetition inside a repeated group'],
  ['(a*)*b', 'a repetition inside a repeated group'],
  ['(?:a|aa)+', 'alternatives in a repeated group that can begin alike'],
  ['(.|x)*', 'alternatives in a repeated group that can begin alike'],
  ['((?:ab?)c)+', 'a repetition inside a repeated group'],
  ['(?=a)b', 'look-around is not supported'],
  ['(a)\\1', 'back-references are not supported'],
  ['.*a.*b.*c.*d.*', 'more than 4 unbounded repetitions'],
  ['(', /Invalid regular expression/],
])('the pattern /%s/ is refused: %s', (pattern, problem) => {
  expect(matcherProblem(`/${pattern}/`)).toEqual(
    typeof problem === 'string' ? problem : expect.stringMatching(problem),
  );
  expect(matches({ x: 'a' }, { x: `/${pattern}/` })).toBe(false);
});

test('ordinary patterns are accepted, and so are values that are no pattern', () => {
  const fine = ['/prod-.*/', '/(a|b)+/', '/sev[12]/', '/[a-z]+\\.svc(\\.local)?/', 'plain (a+)+', '/', '/api/v1'];
  expect(fine.map(matcherProblem)).toEqual(fine.map(() => null));
});

test('every default matcher is accepted', () => {
  const values = KNATIVE_MATRIX.flatMap((matcher) => Object.values(matcher.match));
  expect(values.map(matcherProblem)).toEqual(values.map(() => null));
});

test('a value too long for a regular expression does not match one', () => {
  expect(matches({ x: 'a'.repeat(1024) }, { x: '/a+/' })).toBe(true);
  expect(matches({ x: 'a'.repeat(1025) }, { x: '/a+/' })).toBe(false);
  expect(matches({ x: 'a'.repeat(300) }, { x: '/.*a.*a.*/' })).toBe(false);
});

test('whatever the pattern, an answer comes', () => {
  const piece = fc.constantFrom(
    'a',
    'b',
    '.',
    'a*',
    'b+',
    '(',
    ')',
    '(?:',
    '|',
    '[ab]',
    '?',
    '{2,}',
    '\\w',
    ')+',
    ')*',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 10 }), (pieces) => {
      const pattern = `/${pieces.join('')}/`;
      // An exponential pattern would never return from the first value, a cubic one not soon from the second.
      const answers = [`${'a'.repeat(1023)}!`, `${'ab'.repeat(127)}!`].map((x) => matches({ x }, { x: pattern }));
      if (matcherProblem(pattern) !== null) expect(answers).toEqual([false, false]);
    }),
    { numRuns: 3000 },
  );
});
