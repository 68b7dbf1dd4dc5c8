import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { startMetrics } from '../../simulator/metrics/start.ts';
import { createMetricStore } from '../../simulator/metrics/store.ts';
import { type RealPrometheus, startPrometheus } from '../prometheus/realPrometheus.ts';

const NOW = Math.floor(Date.now() / 60_000) * 60_000 - 5 * 60_000;
const closers: (() => Promise<void>)[] = [];
let real: RealPrometheus;
let simulated: { readonly url: string };

beforeAll(async () => {
  const clock = { now: () => NOW };
  const store = createMetricStore(clock);
  const series = [
    ['a', { l: '1' }, 2],
    ['a', { l: '2' }, 3],
    ['b', { l: '1' }, 5],
    ['b', { l: '3' }, 7],
    ['c', {}, 11],
  ] as const;
  for (const [name, labels, value] of series) store.set(name, labels, value, { at: NOW - 3 * 3_600_000 });
  const metrics = await startMetrics({ clock, store });
  closers.push(() => metrics.close());
  simulated = metrics;
  real = await startPrometheus({ history: { store, hours: 2, now: NOW } });
  closers.push(() => real.close());
}, 300_000);
afterAll(async () => {
  for (const close of closers) await close();
});

/** The answer as text that can be compared; `refused` for a text that is no PromQL or cannot be evaluated. */
async function answerOf(url: string, query: string): Promise<readonly string[] | 'refused'> {
  const body = new URLSearchParams({ query, time: String(NOW / 1000) });
  const answer = await (await fetch(`${url}/api/v1/query`, { method: 'POST', body })).json();
  if (answer.status !== 'success') return 'refused';
  if (answer.data.resultType === 'scalar') return [rounded(answer.data.result[1])];
  const found: readonly { metric: Record<string, string>; value: [number, string] }[] = answer.data.result;
  const labels = (metric: Record<string, string>) => JSON.stringify(Object.entries(metric).toSorted());
  return found.map(({ metric, value }) => `${labels(metric)} ${rounded(value[1])}`).toSorted();
}

function rounded(value: string): string {
  return Number.isFinite(Number(value)) ? Number(value).toPrecision(9) : value;
}

const operator = fc.constantFrom(...'+ - * / % ^ == != < > <= >= and or unless'.split(' '));
const bool = fc.constantFrom('', '', ' bool');
const matching = fc.constantFrom('', '', '', ' on (l)', ' ignoring (l)', ' on ()');
const joined = fc.tuple(operator, bool, matching).map(([op, flag, match]) => {
  const isSet = ['and', 'or', 'unless'].includes(op);
  return ` ${op}${/[=<>]/.test(op) && !isSet ? flag : ''}${match} `;
});
const postfix = fc.constantFrom('', '', '', ' offset 5m', ' offset -1m');
const leaf = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom('a', 'b', 'c', 'a{l="1"}', 'b{l!="1"}'), postfix)
      .map((parts) => parts.join('')),
  },
  { weight: 2, arbitrary: fc.constantFrom('1', '2', '-1', '0.5', '3', '+2') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'vector(1)',
      'max_over_time(a[10m])',
      'min_over_time((a + b)[20m:1m])',
      'sum(b)',
      'sum by (l) (a)',
    ),
  },
);
const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4 },
    leaf,
    { weight: 6, arbitrary: fc.tuple(tie('expression'), joined, tie('expression')).map((parts) => parts.join('')) },
    { weight: 1, arbitrary: tie('expression').map((inner) => `(${inner})`) },
    { weight: 1, arbitrary: fc.tuple(fc.constantFrom('-', '+'), tie('expression')).map((parts) => parts.join('')) },
  ),
}));

test('what binds to what is what the real Prometheus says, in any expression: the simulator’s answers are its answers', async () => {
  let answered = 0;
  const property = fc.asyncProperty(expression, async (text) => {
    const theirs = await answerOf(real.url, text);
    // What makes no sense to it (a comparison of scalars, an ambiguous match) is its evaluator's to say, not the grammar's.
    if (theirs === 'refused') return;
    answered += 1;
    expect(await answerOf(simulated.url, text)).toEqual(theirs);
  });
  await fc.assert(property, { numRuns: 1_500 });
  expect(answered).toBeGreaterThan(300);
});
