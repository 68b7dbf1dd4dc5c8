import { describe, expect, it, test } from '@jest/globals';
import { ALERTS } from '../../manifests/prometheus/catalogue.ts';
import { namesOf } from '../../manifests/prometheus/names.ts';
import { selectorsOf } from '../../promql/node.ts';
import { parsePromql, readPromql } from '../../promql/read.ts';
import { unquoted } from '../../promql/strings.ts';
import { PromqlSyntaxError, withoutComments } from '../../promql/syntax.ts';
import { bracketed } from './print.ts';

const read = (text: string) => bracketed(parsePromql(text));

describe('what binds to what', () => {
  // Each as Prometheus' own grammar has it; what is compared with the real one is in precedence.system.test.ts.
  test.each([
    ['a + b * c', '(a + (b * c))'],
    ['a - b - c', '((a - b) - c)'],
    ['a ^ b ^ c', '(a ^ (b ^ c))'],
    ['-a ^ 2', '(-(a ^ 2))'],
    ['-1 ^ 2', '(-(1 ^ 2))'],
    ['2 ^ -1 * 3', '((2 ^ -1) * 3)'],
    ['-a * b', '((-a) * b)'],
    ['a > b offset 1d * 2', '(a > (b offset 86400000 * 2))'],
    ['a unless b offset 15m', '(a unless b offset 900000)'],
    ['-b offset 5m', '(-b offset 300000)'],
    ['a + b @ end() * c', '(a + (b @ end * c))'],
    ['a or b and c', '(a or (b and c))'],
    ['a == bool b > c', '((a == bool b) > c)'],
    ['a / on (x, "y z") group_left (w) b', '(a / on(x,y z) group_left(w) b)'],
    ['a * ignoring (x) group_right b + c', '((a * ignoring(x) group_right() b) + c)'],
    ['(a + b) * c', '((a + b) * c)'],
    ['max_over_time((a + b)[1h:5m] offset -1h)', 'max_over_time((a + b)[3600000:300000] offset -3600000)'],
    ['SUM(x) BY (y) AND z', '(sum by(y)(x) and z)'],
    ['count without () (x)', 'count without()(x)'],
    ['quantile(0.9, rate(x[1h30m]))', 'quantile(0.9, rate(x[5400000]))'],
    ['{"a.b", "c d"=~`x\\y`, e!="\\n\\u00fc"}', 'a.b{c d=~"x\\\\y",e!="\\nü"}'],
    ['0x1F + 1_000 + .5e1 + 5m - Inf', '((((31 + 1000) + 5) + 300) - Infinity)'],
    ['# a\nx # b > 1\n > # c\n 2 # d', '(x > 2)'],
    ['+x', 'x'],
  ])('%j is %s', (text, expected) => {
    expect(read(text)).toBe(expected);
  });
});

describe('what is no PromQL', () => {
  test.each([
    ['', 1],
    ['sum(', 5],
    ['a b', 3],
    ['up{job=}', 8],
    ['"open', 1],
    ['up{a="\\q"}', 6],
    ['drop_everything(x)', 16],
    ['(x)[5m]', 1],
    ['rate(x)[5m]', 1],
    ['(a + b) offset 5m', 1],
    ['x[5m][5m]', 1],
    ['x{"a", "b"}', 8],
    ['rate(x[$__rate_interval])', 8],
  ])('%j is refused with the place', (text, character) => {
    expect(() => parsePromql(text)).toThrow(PromqlSyntaxError);
    try {
      parsePromql(text);
    } catch (thrown) {
      expect((thrown as PromqlSyntaxError).character).toBe(character);
    }
    expect(readPromql(text)).toBeNull();
  });

  test.each([
    ['parentheses', (n: number) => `${'('.repeat(n)}x${')'.repeat(n)}`],
    ['signs', (n: number) => `${'-'.repeat(n)}x`],
    ['alternatives', (n: number) => Array(n).fill('x').join(' or ')],
    ['powers', (n: number) => Array(n).fill('x').join('^')],
    ['subqueries', (n: number) => `x${'[5m:]'.repeat(n)}`],
    ['brackets that never close', (n: number) => '({['.repeat(n)],
  ])('of %s none vanishes: thousands are refused, hundreds are all read', (_what, text) => {
    for (const many of [1_000, 1_200, 3_000, 8_000, 20_000]) {
      const node = readPromql(text(many));
      // What is read at all is read whole.
      if (node !== null) expect(selectorsOf(node)).toHaveLength(many);
    }
    const some = readPromql(text(400));
    if (some !== null) expect(selectorsOf(some).length).toBe(text(400).match(/x/g)?.length);
    expect(some === null).toBe(_what === 'brackets that never close');
  });
});

it('reads every shipped rule, each metric of it', () => {
  for (const profile of ['builder', 'operator'] as const)
    for (const rule of ALERTS) {
      const expr = rule.expr(namesOf(profile, 'knative-1.18'));
      if (expr === null) continue;
      const node = parsePromql(expr);
      expect([rule.name, selectorsOf(node).every(({ metric }) => metric !== null)]).toEqual([rule.name, true]);
    }
});

it('blanks comments out and nothing that looks like one', () => {
  expect(withoutComments('a # b\n== "# c" # d')).toBe('a    \n== "# c"    ');
});

test.each([
  ['"a\\tb"', 'a\tb'],
  ["'it\\'s \"x\"'", 'it\'s "x"'],
  ['`\\n`', '\\n'],
  ['"\\x41\\101\\u00e4\\U0001F600"', 'AAä😀'],
  ['"\\\'"', null],
  ['"a\nb"', null],
  ['"a"b"', null],
  ['"', null],
])('the string %j has the value %j', (text, value) => {
  expect(unquoted(text)).toBe(value);
});
