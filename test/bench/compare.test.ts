import { expect, test } from '@jest/globals';
import { compared } from '../../bench/compare.ts';

const OUTPUT = `commits a row for each
  as many as it can    2200 posts/s  p50 2.0 ms, p99 9.0 ms
  event loop delay     p99 2.6 ms
lambda-responder: delivery and its job
  as many as it can    6,100 posts/s  p50 1.8 ms, p99 8.9 ms
`;

const worst = (before: readonly string[], after: readonly string[]) =>
  compared(before, after).map(({ value, worse }) => [value, Number(worse.toFixed(2))]);

test('the same output is as good', () => {
  expect(worst([OUTPUT], [OUTPUT])).toEqual([2200, 2, 9, 2.6, 6100, 1.8, 8.9].map((value) => [value, 1]));
});

test('fewer a second and more milliseconds are worse, and the other way round better', () => {
  const after = OUTPUT.replace('6,100', '3,050').replace('1.8 ms', '3.6 ms').replace('2.6 ms', '1.3 ms');
  expect(worst([OUTPUT], [after]).filter(([, worse]) => worse !== 1)).toEqual([
    [1.3, 0.5],
    [3050, 2],
    [3.6, 2],
  ]);
});

test('one run out of three that was slow is no verdict', () => {
  const slow = OUTPUT.replace('2.0 ms', '40.0 ms');
  expect(worst([OUTPUT, OUTPUT, OUTPUT], [slow, OUTPUT, OUTPUT]).every(([, worse]) => worse === 1)).toBe(true);
});

test('two outputs that have nothing in common have no figure', () => {
  expect(compared([OUTPUT], ['redaction: 35 ms a MB of a log\n'])).toEqual([]);
});
