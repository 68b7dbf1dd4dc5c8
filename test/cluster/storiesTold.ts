import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DIAGNOSTICS } from '../../src/commands/diagnostics.ts';
import { alert, delivery, type Product, startProduct, until } from '../acceptance/product.ts';
import { comparedRows, namedObjects, playHealthy } from './beside.ts';
import { type Bot, openBot } from './bot.ts';
import { expectedToFail } from './expected.ts';
import { kubectlOf } from './kubectl.ts';
import type { Place } from './place.ts';
import { playPlatform } from './platform.ts';
import { besidePlatform, linesByColumn } from './platformBeside.ts';
import { eventually } from './player.ts';
import { STORIES } from './stories.ts';
import { firstLookAt } from './thread.ts';

/** What is not so yet, by `place kind: story or diagnostic`, and what will make it so. */
export type NotYet = Readonly<Record<string, string>>;

/**
 * Every failure of `stories.ts` on a place: what the first look of its alert says, and what each diagnostic says beside
 * kubectl. The same assertions on a real Kubernetes and on the simulator.
 */
export function describeStories(open: () => Promise<Place>, notYet: NotYet): void {
  let place: Place;
  let product: Product;
  let bot: Bot;

  /** Runs the assertion, or expects it to fail where the product is not so far. */
  const held = (key: string, assertion: () => Promise<void>) => {
    const until = notYet[key];
    return until === undefined ? assertion() : expectedToFail(until, assertion);
  };

  beforeAll(async () => {
    place = await open();
    await playHealthy(place);
    await playPlatform(place);
    await Promise.all(STORIES.map((story) => story.happens(place)));
    product = await startProduct({ KUBECONFIG: place.botKubeconfig, PROMETHEUS_URL: 'none' });
    bot = await openBot(place.botKubeconfig);
  }, 240_000);
  afterAll(async () => {
    await bot?.close();
    await product?.close();
    await place?.close();
  });

  test('every diagnostic that asks a cluster, and not Prometheus alone, is held beside kubectl', () => {
    const requests = [
      ...comparedRows(),
      ...namedObjects().map(([one]) => one),
      ...besidePlatform().map((one) => one.request),
    ];
    const held = new Set(requests.map(({ diagnostic }) => diagnostic));
    expect(DIAGNOSTICS.map(({ name }) => name).filter((name) => !held.has(name))).toEqual(['slo', 'golden']);
  });

  describe('the first look of an alert that comes by webhook', () => {
    test.each(STORIES.map((story) => [story.name, story] as const))('says what is wrong: %s', async (name, story) => {
      const severity = { severity: 'critical', namespace: name };
      const { alertname = '', ...labels } = story.alert;
      const pods = await podNames(place, name);
      const pod: Record<string, string> = alertname.startsWith('KubePod') && pods[0] ? { pod: pods[0] } : {};
      const one = alert(alertname, { ...severity, ...labels, ...pod });
      expect(await product.deliver(delivery([one], { groupKey: `{}:{namespace="${name}"}` }))).toBe(200);
      const look = await until(`the first look at ${name}`, () => firstLookAt(product, name), 40);
      await held(`first look: ${name}`, async () => {
        for (const words of story.said) expect(look).toMatch(words);
      });
    });
  });

  describe('a diagnostic with a table of its own names every object that kubectl lists', () => {
    test.each(namedObjects().map(([request, listing]) => [JSON.stringify(request), request, listing] as const))(
      '%s',
      async (key, request, listing) => {
        const { code, stdout } = await kubectlOf(place.adminKubeconfig)(...listing, '-o', 'name');
        const names = stdout
          .trim()
          .split('\n')
          .map((line) => line.slice(line.indexOf('/') + 1));
        expect({ code, listed: names.join('') !== '' }).toEqual({ code: 0, listed: true });
        await held(`names: ${key}`, async () => {
          const answer = JSON.stringify(await bot.ask(request));
          expect(names.filter((name) => !answer.includes(name))).toEqual([]);
        });
      },
    );
  });

  describe('a diagnostic of the platform says of every object what kubectl says', () => {
    test.each(
      besidePlatform().map(
        (one) => [`${JSON.stringify(one.request)} beside kubectl ${one.listing.slice(0, 6).join(' ')}`, one] as const,
      ),
    )('%s', async (_key, { request, listing, said }) => {
      const { code, stdout, stderr } = await kubectlOf(place.adminKubeconfig)(...listing);
      const lines = linesByColumn(stdout);
      expect({ code, stderr, listed: lines.length > 0 }).toEqual({ code: 0, stderr: '', listed: true });
      const rows = (await bot.ask(request)).table?.rows ?? [];
      const says = (row: readonly string[], cells: readonly string[]) =>
        cells.every((cell) => cell === '' || row.some((own) => own === cell || own.startsWith(`${cell}: `)));
      expect(lines.map(said).filter((cells) => !rows.some((row) => says(row, cells)))).toEqual([]);
    });
  });

  describe('a diagnostic shows what kubectl prints', () => {
    test.each(comparedRows())('%j', async (request) => {
      const kubectl = kubectlOf(place.adminKubeconfig);
      await held(`beside kubectl: ${JSON.stringify(request)}`, async () => {
        await sameRows(bot, kubectl, request);
      });
    });
  });
}

async function podNames(place: Place, namespace: string): Promise<readonly string[]> {
  const { text } = await place.api.call('GET', `/api/v1/namespaces/${namespace}/pods`);
  return JSON.parse(text).items.map((pod: { metadata: { name: string } }) => pod.metadata.name);
}

/** Controllers may write between two readings: both are read until they agree. */
async function sameRows(
  bot: Bot,
  kubectl: ReturnType<typeof kubectlOf>,
  request: Parameters<Bot['ask']>[0],
): Promise<void> {
  let difference: unknown = null;
  await eventually(
    `${JSON.stringify(request)} and kubectl to agree`,
    async () => {
      const answer = await bot.ask(request);
      const ran = await kubectl(...answer.kubectl.split(' ').slice(1));
      difference = compare(answer, ran);
      return difference === null;
    },
    8,
  ).catch(() => {});
  expect(difference).toBeNull();
}

type Answer = Awaited<ReturnType<Bot['ask']>>;

/** Null when both say the same; what they said otherwise. */
function compare(answer: Answer, ran: { code: number; stdout: string; stderr: string }): unknown {
  if (ran.code !== 0) return { command: answer.kubectl, said: ran.stderr };
  if (answer.lines) {
    const lines = ran.stdout.trimEnd().split('\n');
    return JSON.stringify(answer.lines) === JSON.stringify(lines) ? null : { ours: answer.lines, kubectl: lines };
  }
  // Millicores look like minutes: what is measured is compared as it stands.
  const text = answer.diagnostic.startsWith('top') ? spaced : (line: string) => withoutAges(spaced(line));
  // kubectl writes CPU(%) since 1.32, CPU% before.
  const [head = '', ...lines] = ran.stdout
    .replaceAll(/ (CPU|MEMORY)%/g, ' $1(%)')
    .trimEnd()
    .split('\n')
    .map(text);
  const rows = (answer.table?.rows ?? []).map((cells) => text(cells.join(' '))).toSorted();
  const ours = { head: answer.table?.columns.join(' '), rows, total: answer.table?.total };
  const theirs = { head, rows: lines.toSorted(), total: lines.length };
  return JSON.stringify(ours) === JSON.stringify(theirs) ? null : { command: answer.kubectl, ours, theirs };
}

function spaced(line: string): string {
  return line.trim().replaceAll(/\s+/g, ' ');
}

/** Ages go on between two readings; `rowForRow.system.test.ts` compares them, by a clock that stands. */
function withoutAges(line: string): string {
  return line.replaceAll(/(?<=^|[ (])(\d+[dhms]){1,2}(?=$|[ )])/g, 'age');
}
