import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ShownMessage } from '../../simulator/workspace/control.ts';
import { alert, delivery, type Product, shown, startProduct, until } from './product.ts';

/** The waits are seconds here and minutes in life; who acknowledged is asked in a span that a slow machine does not miss. */
const SETTINGS = `
mentions: { group: oncall }
acknowledgement: { sev1: 40s, remindBefore: 30s }
escalation:
  sev1: platform
  policies:
    - name: platform
      rounds: 1
      pause: 1h
      rungs:
        - { after: 0s, notify: [group: oncall] }
        - { after: 1s, notify: [user: U0JUN] }
        - { after: 3s, notify: [channel: '#oncall'] }
`;

let product: Product;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'escalation-'));
  const file = join(folder, 'responder.yaml');
  writeFileSync(file, SETTINGS);
  product = await startProduct({ RESPONDER_CONFIG: file });
}, 180_000);

afterAll(async () => {
  await product?.close();
  rmSync(folder, { recursive: true, force: true });
}, 180_000);

interface Entry {
  readonly kind: string;
  readonly text: string;
}

/** Beside the incident that greets a new user. */
async function numberOf(subject: string): Promise<number | null> {
  const { incidents }: { incidents: { number: number; title: string }[] } = await (
    await product.api('/api/incidents')
  ).json();
  return incidents.find(({ title }) => title.includes(subject))?.number ?? null;
}

async function timeline(): Promise<readonly Entry[]> {
  const number = await numberOf('checkout');
  if (number === null) return [];
  const incident: { timeline: Entry[] } = await (await product.api(`/api/incidents/${number}`)).json();
  return incident.timeline;
}

function written(pattern: RegExp, times = 1): Promise<readonly Entry[]> {
  return until(
    `${times} × ${pattern}`,
    async () => {
      const found = (await timeline()).filter(({ text }) => pattern.test(text));
      return found.length >= times && found;
    },
    90,
  );
}

/** What the channel and its threads show: the times of the messages. */
async function seen(channel = '#incidents'): Promise<ReadonlySet<string>> {
  return new Set((await everything(channel)).map(({ ts }) => ts));
}

async function everything(channel: string): Promise<readonly ShownMessage[]> {
  const top = await product.workspace.messages(channel);
  const threads = await Promise.all(top.map(({ ts }) => product.workspace.messages(channel, { thread: ts })));
  return [...top, ...threads.flat()];
}

/** A message of the thread of the incident's card, or of another channel, that shows this and was not there before. */
function message(text: string, channel = '#incidents', before: ReadonlySet<string> = new Set()): Promise<ShownMessage> {
  return until(
    `a message with ${text} in ${channel}`,
    async () => (await everything(channel)).find((one) => !before.has(one.ts) && shown(one).includes(text)),
    90,
  );
}

test('a sev1 that nobody takes calls one rung after the other until somebody does, and again when that expires', async () => {
  const down = alert('CheckoutDown', { incident_severity: 'sev1', deployment: 'checkout' });
  expect(await product.deliver(delivery([down]))).toBe(200);
  await written(/^Called @oncall \(rung 1 of 3 of platform\)/);
  const number = await numberOf('checkout');
  const call = await message('<@U0JUN>');
  expect(shown(call)).toContain('SEV1 #');
  expect(shown(await message('SEV1 #', '#oncall'))).toContain('Acknowledge');

  await product.workspace.click({ user: 'jun', channel: call.channel, ts: call.ts, actionId: 'lambda:ack' });
  await written(/^Acknowledged by /);
  // Nobody confirms that it holds.
  await written(/^Asked .* to confirm/);
  await message('Still on it');
  const before = await seen();
  await written(/^The acknowledgement of .* expired/);
  await written(/^Called @oncall \(rung 1 of 3/, 2);
  // This time the card mentioned nobody: the call itself does.
  expect(shown(await message('<!subteam^', '#incidents', before))).toContain('waits for somebody to take it');

  await product.workspace.command({ user: 'jun', channel: '#incidents', text: `/lambda ack ${number}` });
  await written(/^Acknowledged by /, 2);
  await product.workspace.command({
    user: 'jun',
    channel: '#incidents',
    text: `/lambda resolve ${number} rolled back`,
  });
  await written(/^Resolved by /);
  const kinds = (await timeline()).map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === 'unacknowledged')).toHaveLength(1);
}, 300_000);
