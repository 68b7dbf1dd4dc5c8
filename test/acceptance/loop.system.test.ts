import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { queriesOf } from '../../manifests/grafana/dashboard.ts';
import { knativeLambdaDashboard } from '../../manifests/grafana/knativeLambda.ts';
import { RESPONDER_DASHBOARD } from '../../manifests/grafana/responder.ts';
import { namesOf } from '../../manifests/prometheus/names.ts';
import type { ShownMessage } from '../../simulator/workspace/control.ts';
import { filledIn } from '../rules/filledIn.ts';
import { FASTER, type Loop, startLoop } from './loop.ts';
import { shown, until } from './product.ts';

interface Story {
  readonly scenario: string;
  /** The alert that the card names. One of the scenario's alerts, whichever Prometheus fires first. */
  readonly card: RegExp;
  /** What the first look must conclude. */
  readonly cause: RegExp;
  /** A series born with the failure, a moment ago in this bringForward, has no past to draw yet. */
  readonly charted: boolean;
}

/** Those of a wave happen at once, in different namespaces. */
const WAVES: readonly (readonly Story[])[] = [
  [
    {
      scenario: 's01',
      card: /KnativeLambdaBuild(OOMKilled|JobFailed)/,
      cause: /more memory than its limit of 4Gi/,
      charted: false,
    },
    {
      scenario: 's05',
      card: /KnativeLambdaFunctionImagePullBackOff/,
      cause: /does not exist in its registry/,
      charted: false,
    },
    {
      scenario: 's08',
      card: /KnativeServingWebhookDown/,
      cause: /Deployment webhook\b.*crashes/,
      charted: true,
    },
  ],
  [
    {
      scenario: 's02',
      card: /KnativeLambdaBuild(JobFailed|FailureRateHigh|FailureRateElevated)/,
      cause: /the registry refuses the credentials/,
      charted: true,
    },
    {
      scenario: 's12',
      card: /KnativeLambdaFunctionErrorRate/,
      cause: /answers 500/,
      charted: true,
    },
  ],
  [
    {
      scenario: 's07',
      card: /KnativeLambda(BuildPodsMissing|QuotaNearlyExhausted)/,
      cause: /builds-quota of knative-lambda-builds is full/,
      charted: true,
    },
    {
      scenario: 's13',
      card: /KnativeLambdaOperatorDown/,
      cause: /killed for using more memory than its limit/,
      charted: true,
    },
  ],
];

const KNATIVE_LAMBDA = knativeLambdaDashboard(namesOf('builder', 'knative-1.18'));

let loop: Loop;
const seen = new Set<string>();
const log: string[] = [];

beforeAll(async () => {
  loop = await startLoop();
}, 240_000);
afterAll(async () => {
  await loop?.close();
  if (log.length > 0) process.stdout.write(`${log.join('\n')}\n`);
});

async function firing(): Promise<readonly string[]> {
  const response = await fetch(`${loop.prometheus}/api/v1/alerts`);
  const { data } = (await response.json()) as { data: { alerts: { state: string; labels: { alertname: string } }[] } }; // Prometheus's documented answer.
  return data.alerts.filter((alert) => alert.state === 'firing').map((alert) => alert.labels.alertname);
}

/** From the fault to the resolved card, with what took how long. */
async function play({ scenario, card: expected, cause, charted }: Story): Promise<void> {
  const begin = performance.now();
  const seconds = () => ((performance.now() - begin) / 1000).toFixed(1);
  const run = loop.director.start(scenario, { speed: FASTER });
  const card = await until(
    `${scenario}: its card`,
    async () =>
      (await loop.workspace.messages('#incidents')).find((one) => !seen.has(one.ts) && expected.test(shown(one))),
    60,
  );
  seen.add(card.ts);
  const times = [`card ${seconds()} s (${card.text})`];
  const thread = async () => (await loop.workspace.messages('#incidents', { thread: card.ts })).slice(1);
  const look = await until(
    `${scenario}: the first look says ${cause}`,
    async () =>
      (await thread()).find((message) => /First look at #/.test(shown(message)) && cause.test(shown(message))),
    30,
  );
  times.push(`first look ${seconds()} s`);
  if (charted) {
    await until(
      `${scenario}: the chart of its expression`,
      async () => (await thread()).some(({ files }) => files?.some((file) => file.name.endsWith('.png'))),
      30,
    );
    times.push(`chart ${seconds()} s`);
  }
  const number = /First look at #(\d+)/.exec(shown(look))?.[1];
  loop.director.heal(run.id);
  await until(`${scenario}: the card is quiet`, async () => /quiet/i.test(shown(await current(card))), 90);
  times.push(`quiet ${seconds()} s`);
  loop.director.end(run.id);
  await loop.workspace.command({ user: 'ana', channel: '#incidents', text: `/lambda resolve ${number} fixed` });
  await until(`${scenario}: the card is resolved`, async () => /resolved/i.test(shown(await current(card))));
  log.push(`${scenario}: ${times.join(', ')}, resolved ${seconds()} s`);
}

async function current({ ts }: ShownMessage): Promise<ShownMessage> {
  const found = (await loop.workspace.messages('#incidents')).find((message) => message.ts === ts);
  if (!found) throw new Error('the card is gone');
  return found;
}

/** How many series a query of a dashboard yields now, as Grafana asks with everything chosen; null when it is refused. */
async function seriesOf(expr: string): Promise<number | null> {
  const query = filledIn(expr, '1m');
  const response = await fetch(`${loop.prometheus}/api/v1/query?${new URLSearchParams({ query })}`);
  if (!response.ok) return null;
  const { data } = (await response.json()) as { data: { result: readonly unknown[] } }; // Prometheus's documented answer.
  return data.result.length;
}

describe('Prometheus, Alertmanager and the responder', () => {
  test('are quiet while nothing is wrong, and the heartbeat arrives', async () => {
    await until('the Watchdog fires', async () => (await firing()).includes('Watchdog'), 30);
    // Every rule that waits up to five minutes has had the time to fire.
    await new Promise((wake) => setTimeout(wake, (5 * 60_000) / FASTER + 2_000));
    expect(await firing()).toEqual(['Watchdog']);
    expect(await loop.workspace.messages('#incidents')).toEqual([]);
  });

  test.each(WAVES.map((wave) => [wave.map(({ scenario }) => scenario).join(', '), wave] as const))(
    'take %s from the fault to a card, its cause and its resolution',
    async (_name, wave) => {
      const played = await Promise.allSettled(wave.map(play));
      const problems = played.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : []));
      const threads = problems.length > 0 ? await everything() : '';
      expect({ problems, threads }).toEqual({ problems: [], threads: '' });
    },
    360_000,
  );

  test('answer every query of the dashboards, those of the responder with data', async () => {
    const own = await Promise.all(queriesOf(RESPONDER_DASHBOARD).map(async (expr) => [expr, await seriesOf(expr)]));
    // No breaker was open, nothing is wrong with the responder, and nobody used a command but to resolve.
    const may = /responder_breaker_open|^ALERTS/;
    expect(own.filter(([expr, series]) => !series && !may.test(String(expr)))).toEqual([]);
    const all = await Promise.all(queriesOf(KNATIVE_LAMBDA).map(async (expr) => [expr, await seriesOf(expr)]));
    expect(all.filter(([, series]) => series === null)).toEqual([]);
  });
});

/** All that was said, for whoever reads a failure. */
async function everything(): Promise<string> {
  const lines: string[] = [`firing: ${(await firing()).join(', ')}`];
  for (const card of await loop.workspace.messages('#incidents')) {
    lines.push(shown(card).slice(0, 600));
    for (const message of (await loop.workspace.messages('#incidents', { thread: card.ts })).slice(1))
      lines.push(`    ${shown(message).slice(0, 900)}`);
  }
  return `${lines.join('\n')}\n${loop.output()}`;
}
