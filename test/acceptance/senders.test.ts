import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { ShownMessage } from '../../simulator/workspace/control.ts';
import { type Product, startProduct, TOKEN, until } from './product.ts';
import { SENDERS, type SenderSample } from './senderSamples.ts';

const PAGE = join(import.meta.dirname, '../../docs/senders.md');
const [BEGIN, END] = ['<!-- senders: made by test/acceptance/senders.test.ts -->', '<!-- /senders -->'];

interface Card {
  readonly number: number;
  readonly subject: string;
  readonly says: string;
}

/** What a delivery becomes: the answer, and the subject and the first line of the card it opened. */
async function sent(product: Product, { body, headers = {} }: SenderSample, before: number): Promise<Card | string> {
  const answer = await fetch(`${product.app.url}/webhooks/alertmanager`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  if (answer.status !== 200) return `${answer.status}: ${JSON.stringify(await answer.json())}`;
  const incident = await until('the incident', async () => {
    const {
      incidents,
    }: { incidents: { number: number; subject: { kind: string; name: string }; namespace: string | null }[] } = await (
      await product.api('/api/incidents')
    ).json();
    return incidents.find(({ number }) => number > before);
  });
  const { number, namespace, subject } = incident;
  const card = await until('the card', async () =>
    (await product.workspace.messages('#incidents')).find(({ text }: ShownMessage) => text.includes(`#${number} `)),
  );
  const place = namespace === null ? '' : ` in ${namespace}`;
  return {
    number,
    subject: `${subject.kind} ${subject.name}${place}`,
    says: card.text.replace('SIMULATED ', '').replace(`#${number}`, '#N'),
  };
}

test('what the card says of each sender’s payload is what the page of senders tells', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'senders-'));
  const settings = join(folder, 'responder.yaml');
  // So many at once are a storm, which has one card.
  await writeFile(settings, 'storm: { perMinute: 1000, perTenMinutes: 1000 }\n');
  const product = await startProduct({ PROMETHEUS_URL: 'none', RESPONDER_CONFIG: settings });
  const rows: string[] = [];
  try {
    let before = 1;
    await until(
      'the incident that greets',
      async () => (await (await product.api('/api/incidents/1')).json()).incident,
    );
    for (const sample of SENDERS) {
      const found = await sent(product, sample, before);
      if (typeof found !== 'string') before = found.number;
      const [subject, says] =
        typeof found === 'string'
          ? ['none', `answered ${found.slice(0, 3)} with what to change; no card of the alert`]
          : [found.subject, found.says];
      rows.push(`| ${sample.sender} | ${sample.what} | ${subject} | ${says.replaceAll('|', '\\|')} |`);
      // A refusal opens an incident of our own, once for all that are alike.
      if (typeof found === 'string') {
        const { incidents }: { incidents: { number: number }[] } = await (await product.api('/api/incidents')).json();
        before = Math.max(...incidents.map(({ number }) => number));
      }
    }
  } finally {
    await product.close();
    await rm(folder, { recursive: true });
  }
  const head = ['| sender | payload | subject | first line of the card |', '|---|---|---|---|'];
  const made = [BEGIN, '', ...head, ...rows, '', END].join('\n');
  const text = await readFile(PAGE, 'utf8');
  const now = `${text.slice(0, text.indexOf(BEGIN))}${made}${text.slice(text.indexOf(END) + END.length)}`;
  if (process.env.UPDATE_DOCS === '1') await writeFile(PAGE, now);
  else expect(text).toBe(now);
}, 300_000);
