import { expect, test } from '@jest/globals';
import { matcher, parseMatchers } from '../../src/alertmanager/matcher.ts';
import { textsFitting } from '../../src/alertmanager/witness.ts';

const read = (text: string) => parseMatchers(text).map(({ label, op, value }) => [label, op, value]);

/** Read by Alertmanager 0.27 and later; amtool 0.28.1 says the same of each. Older ones refuse the file. */
test.each([
  ['"service.name"="checkout"', [['service.name', '=', 'checkout']]],
  [
    '{"service.name"=~"a|b",team!=c}',
    [
      ['service.name', '=~', 'a|b'],
      ['team', '!=', 'c'],
    ],
  ],
  ['te-am=a', [['te-am', '=', 'a']]],
  ['größe="\\u00fc\\t"', [['größe', '=', 'ü\t']]],
])('the matcher %s of UTF-8 names is read', (text, expected) => {
  expect(read(text)).toEqual(expected);
});

test.each([
  'team',
  '"team"',
  'team=="a"',
  'te am=a',
  '"te am"="\\q"',
  'team=~"[a"',
  'team=~"a(?=b)"',
  'team=~"(a)\\1"',
])('the matcher %s is refused, naming it', (text) => {
  expect(() => parseMatchers(text)).toThrow(/is no (matcher|regular expression of Alertmanager)/);
});

test('a regular expression takes no longer for a hostile value than for any other: it is RE2’s, as Alertmanager’s is', () => {
  const hostile = matcher('team', '=~', '(a+)+b');
  expect(hostile.fits('a'.repeat(50_000))).toBe(false);
  expect(hostile.fits(`${'a'.repeat(50_000)}b`)).toBe(true);
});

test.each([
  ['^(foo1|foo2|baz)$', ['foo1', 'foo2', 'baz']],
  ['checkout-.*|basket-[0-9]{2}', ['checkout-', 'basket-00']],
  ['(?i)kube(let)?', ['kube', 'kubelet']],
  ['a\\.b\\d+', ['a.b0']],
  ['[^a-z^]x', ['0x']],
  ['(?P<n>a|b)c', ['ac', 'bc']],
  ['.+', ['x']],
])('texts that fit %s are made from it', (pattern, texts) => {
  expect(textsFitting(pattern)).toEqual(texts);
});

test.each(['a\\bb', '[a', 'a{3,2}'])('no text is made up for %s, which none fits', (pattern) => {
  expect(textsFitting(pattern)).toEqual([]);
});
