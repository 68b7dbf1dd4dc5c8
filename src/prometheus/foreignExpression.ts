import { childrenOf, type PromqlNode, type PromqlSelector, selectorsOf, walk } from '../../promql/node.ts';
import { parsePromql } from '../../promql/read.ts';
import { PromqlSyntaxError, withoutComments } from '../../promql/syntax.ts';
import { ResponderError } from '../errors.ts';
import { FOREIGN_PER_MINUTE, type ForeignPace } from './foreignPace.ts';
import type { Prometheus } from './openPrometheus.ts';

/** What an expression that came with an alert may ask of Prometheus. */
const MOST = {
  characters: 4_096,
  selectors: 20,
  /** Longest range, including the range inside a subquery, in milliseconds. */
  rangeMs: 24 * 3_600_000,
  offsetMs: 7 * 24 * 3_600_000,
  /** Evaluations of subqueries for one point of the result. */
  subqueryPoints: 1_500,
  /** Samples read for one point, a scrape each 15 s. */
  samples: 200_000,
} as const;
const SCRAPE_MS = 15_000;
/** Step assumed for a subquery that names none: the server's evaluation interval, 15 s or more on most servers. */
const STEP_MS = SCRAPE_MS;

/**
 * Admits an expression from an alert's link, which anybody who can post an alert chooses. It must be PromQL of ordinary
 * size, name the metric of each selector, look back a day at most, and read no more than 200,000 samples for a point,
 * which is measured first with a count. At most ten a minute are admitted.
 * @throws ResponderError bad_input or rate_limited naming the bound; what the count failed with.
 */
export async function admitForeign(
  expression: string,
  {
    prometheus,
    pace,
    signal,
  }: { readonly prometheus: Prometheus; readonly pace: ForeignPace; readonly signal: AbortSignal },
): Promise<void> {
  const node = readForeign(expression);
  const selectors = selectorsOf(node);
  const unnamed = selectors.find((selector) => metricOf(selector) === null);
  if (unnamed) throw refused('it does not name the metric of each selector');
  if (selectors.length > MOST.selectors) throw refused(`it has more than ${MOST.selectors} selectors`);
  if (walk(node).some(isFarBack)) throw refused('its offset is more than a week, or it names an instant');
  const windows = windowsOf(node, { backMs: 0, points: 1 });
  if (windows.some(({ backMs }) => !(backMs <= MOST.rangeMs))) throw refused('it looks back more than a day');
  if (windows.some(({ points }) => points > MOST.subqueryPoints))
    throw refused(`its subqueries have more than ${MOST.subqueryPoints} points`);
  if (!pace())
    throw new ResponderError(
      'rate_limited',
      `The expression in the alert's link is not run: more than ${FOREIGN_PER_MINUTE} of senders in a minute`,
    );
  const samples = await samplesOf(windows, withoutComments(expression), prometheus, signal);
  if (samples > MOST.samples)
    throw refused(
      `it reads about ${samples.toLocaleString('en')} samples for each point, more than ${MOST.samples.toLocaleString('en')}`,
    );
}

function readForeign(expression: string): PromqlNode {
  if (expression.length > MOST.characters) throw refused(`it is longer than ${MOST.characters} characters`);
  try {
    return parsePromql(expression);
  } catch (thrown) {
    if (!(thrown instanceof PromqlSyntaxError)) throw thrown;
    throw refused(`it is not PromQL: ${thrown.message} at character ${thrown.character}`);
  }
}

function metricOf({ metric, matchers }: PromqlSelector): string | null {
  return metric || matchers.find(({ label, op, value }) => label === '__name__' && op === '=' && value)?.value || null;
}

function isFarBack(node: PromqlNode): boolean {
  if (node.kind !== 'selector' && node.kind !== 'subquery') return false;
  return !(Math.abs(node.offsetMs) <= MOST.offsetMs) || typeof node.at === 'number';
}

/** The range that one selector reads for a single point of the result. */
interface Window {
  readonly selector: PromqlSelector;
  readonly backMs: number;
  /** Evaluations for one point of the result. */
  readonly points: number;
}

function windowsOf(node: PromqlNode, around: { readonly backMs: number; readonly points: number }): readonly Window[] {
  if (node.kind === 'selector')
    return [{ selector: node, backMs: around.backMs + (node.rangeMs ?? 0), points: around.points }];
  if (node.kind !== 'subquery') return childrenOf(node).flatMap((child) => windowsOf(child, around));
  const points = around.points * Math.ceil(node.rangeMs / (node.stepMs ?? STEP_MS));
  return windowsOf(node.expr, { backMs: around.backMs + node.rangeMs, points });
}

/** The sum of `count` over all selectors, in one query. */
async function samplesOf(
  windows: readonly Window[],
  text: string,
  prometheus: Prometheus,
  signal: AbortSignal,
): Promise<number> {
  if (windows.length === 0) return 0;
  const counts = windows.map(({ selector, points }) => {
    const each = points * Math.max(1, Math.ceil((selector.rangeMs ?? 0) / SCRAPE_MS));
    return `(count(${text.slice(selector.from, selector.selectorTo)}) or vector(0)) * ${each}`;
  });
  const [sum] = await prometheus.query(counts.join(' + '), { signal });
  return sum?.value ?? 0;
}

function refused(why: string): ResponderError {
  return new ResponderError('bad_input', `The expression in the alert's link is not run: ${why}`);
}
