import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { ShownMessage } from '../../simulator/workspace/control.ts';
import { type Product, shown, startProduct, until } from './product.ts';

const open: Product[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((product) => product.close()));
});

async function start(env: Readonly<Record<string, string>> = {}): Promise<Product> {
  const product = await startProduct(env);
  open.push(product);
  return product;
}

const cardOf = (product: Product): Promise<ShownMessage> =>
  until('the card', async () =>
    (await product.workspace.messages('#incidents')).find((message) => shown(message).includes('KnativeLambdaBuild')),
  );

/** The one message with the steps; it is a mistake when there are two. */
async function stepsOf(product: Product, expected: RegExp): Promise<ShownMessage> {
  const card = await cardOf(product);
  return until(`the steps with ${expected}`, async () => {
    const found = (await product.workspace.messages('#incidents', { thread: card.ts })).filter((message) =>
      message.text.startsWith('Runbook of #1'),
    );
    expect(found.length).toBeLessThanOrEqual(1);
    return found[0] && expected.test(shown(found[0])) ? found[0] : null;
  });
}

const press = (product: Product, user: string, message: ShownMessage, actionId: string) =>
  product.workspace.click({ user, channel: '#incidents', ts: message.ts, actionId });

interface Recorded {
  readonly kind: string;
  readonly text: string;
  readonly actor: { readonly name: string };
}

async function stepEntries(product: Product): Promise<readonly string[]> {
  const { timeline }: { timeline: Recorded[] } = await (await product.api('/api/incidents/1')).json();
  return timeline.filter((entry) => entry.kind === 'step').map((entry) => entry.text.split(':')[0] ?? '');
}

describe('a runbook in an incident’s thread', () => {
  test('is worked through by buttons, by mention and by slash command, and the post-mortem tells it', async () => {
    const product = await start();
    await press(product, 'ana', await cardOf(product), 'lambda:runbook');
    // The first look has run what the runbook has run by itself.
    const steps = await stepsOf(product, /2 of \d+ steps.*run by/s);

    await press(product, 'ana', steps, 'lambda:step:1:run');
    const card = await cardOf(product);
    await until('the result in the thread', async () =>
      (await product.workspace.messages('#incidents', { thread: card.ts })).some((message) =>
        /Step 1 of \d+: See which builds failed.*Jobs in/s.test(shown(message)),
      ),
    );
    await product.workspace.mention({
      user: 'jun',
      channel: '#incidents',
      thread: card.ts,
      text: 'runbook skip 2 no logs',
    });
    await stepsOf(product, /1 of \d+ steps, 1 skipped/);
    await product.workspace.command({ user: 'ana', channel: '#incidents', text: '/lambda runbook done 3 -i 1' });
    await stepsOf(product, /2 of \d+ steps, 1 skipped/);
    await until('the progress on the card', async () => /2 of \d+ steps/.test(shown(await cardOf(product))));

    expect(await stepEntries(product)).toEqual([
      expect.stringMatching(/^Runbook step 1 of \d+ run$/),
      expect.stringMatching(/^Runbook step 2 of \d+ skipped \(no logs\)$/),
      expect.stringMatching(/^Runbook step 3 of \d+ done$/),
    ]);
    const postmortem = await (await product.api('/api/incidents/1/postmortem')).text();
    expect(postmortem).toMatch(/Runbook: A build ran out of memory .*: 1 of \d+ steps done, 1 skipped\./);
    expect(postmortem).toMatch(/ {2}- 2\. .*: skipped by \*\*Jun.*\(no logs\)/i);
  });

  test('records a step once, however often and by however many it is pressed', async () => {
    const product = await start();
    const card = await cardOf(product);
    await Promise.all(['ana', 'jun', 'ana'].map((user) => press(product, user, card, 'lambda:runbook')));
    const steps = await stepsOf(product, /2 of \d+ steps/);
    await Promise.all(['ana', 'jun', 'ana', 'jun'].map((user) => press(product, user, steps, 'lambda:step:3:done')));
    await stepsOf(product, /3 of \d+ steps/);
    await until('those who came second are told', async () => {
      const told = [...(await product.workspace.ephemerals('ana')), ...(await product.workspace.ephemerals('jun'))];
      return told.filter((message) => /Step 3 was done by/.test(shown(message))).length === 3;
    });
    expect(await stepEntries(product)).toHaveLength(1);
  });

  test('is where it was after a restart', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'runbook-'));
    try {
      const store = { DATABASE_URL: `sqlite:${join(folder, 'responder.db')}` };
      const first = await start(store);
      await press(first, 'ana', await cardOf(first), 'lambda:runbook');
      await press(first, 'ana', await stepsOf(first, /2 of/), 'lambda:step:3:done');
      await stepsOf(first, /3 of/);
      await open.pop()?.close();

      const second = await start(store);
      const answer = await fetch(`${second.app.url}/api/commands`, {
        method: 'POST',
        headers: { authorization: 'Bearer acceptance-token', 'content-type': 'application/json' },
        body: JSON.stringify({ text: 'runbook', user: 'ben', incident: 1 }),
      });
      const { lines, summary }: { lines: string[]; summary: string } = await answer.json();
      expect(summary).toMatch(/^3 of \d+ steps, 1 excluded\./);
      expect(lines).toContainEqual(expect.stringMatching(/^\[x\] 3\. .* \(done by Ana.*, \d\d:\d\d UTC\)$/i));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

test('a team’s own runbook serves a shipped alert, and the start says so once, not as something that is wrong', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'own-'));
  try {
    const alert = 'KubePodCrashLooping';
    writeFileSync(join(folder, 'Ours.md'), `---\nalerts: [${alert}]\n---\n# Ours\n\n## Steps\n\n1. Look.\n`);
    writeFileSync(join(folder, 'responder.yaml'), `runbooks: { folders: [${folder}] }\n`);
    const product = await start({ RESPONDER_CONFIG: join(folder, 'responder.yaml') });
    const lines = () =>
      product
        .log()
        .split('\n')
        .filter((line) => /runbook/i.test(line) && line.includes(alert))
        .map((line) => JSON.parse(line));
    // The runbooks are read a moment after the start.
    await until('the runbooks to be read', async () => lines().length > 0);
    expect(lines()).toEqual([
      expect.objectContaining({
        level: 30, // info
        msg: 'runbooks of a later folder are used in place of earlier ones',
        replaced: [
          {
            file: join(folder, 'Ours.md'),
            inPlaceOf: expect.stringMatching(/runbooks\/kubernetes\/KubePodCrashLooping\.md$/),
            alerts: [alert],
          },
        ],
      }),
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 180_000);
