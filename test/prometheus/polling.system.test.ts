import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { type Product, shown, startProduct, TOKEN, until } from '../acceptance/product.ts';
import { freePort, type RealAlertmanager, startAlertmanager } from './realAlertmanager.ts';

const LABELS = { alertname: 'QueueBacklog', severity: 'warning', namespace: 'shop', queue: 'orders' };

let closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.reverse()) await close();
  closers = [];
});

async function start(): Promise<{ product: Product; alertmanager: RealAlertmanager }> {
  const folder = mkdtempSync(join(tmpdir(), 'polling-'));
  closers.push(() => rmSync(folder, { recursive: true, force: true }));
  const settings = join(folder, 'responder.yaml');
  writeFileSync(settings, 'polling: {every: 1s, absentAfter: 3s}\n');
  const port = await freePort();
  const product = await startProduct({
    RESPONDER_CONFIG: settings,
    ALERTMANAGER_URL: `http://127.0.0.1:${port}/am/`,
  });
  closers.push(() => product.close());
  const alertmanager = await startAlertmanager(port, `${product.app.url}/webhooks/alertmanager`, TOKEN);
  closers.push(() => alertmanager.close());
  return { product, alertmanager };
}

interface Found {
  readonly incident: { readonly number: number; readonly status: string; readonly resolution: string | null };
  readonly alerts: readonly { readonly name: string; readonly silencedUntil: number | null }[];
  readonly timeline: readonly { readonly text: string }[];
}

/** The incident of the alert, as the API tells it. */
async function incidentOf(product: Product): Promise<Found | null> {
  const { incidents }: { incidents: { number: number }[] } = await (await product.api('/api/incidents')).json();
  for (const { number } of incidents) {
    const found: Found = await (await product.api(`/api/incidents/${number}`)).json();
    if (found.alerts.some(({ name }) => name === LABELS.alertname)) return found;
  }
  return null;
}

test('an alert that is silenced and ends without a word is shown as silenced, then resolved by the poll', async () => {
  const { product, alertmanager } = await start();
  const startsAt = new Date(Date.now() - 60_000).toISOString();
  await alertmanager.post('/api/v2/alerts', [{ labels: LABELS, startsAt, endsAt: inMinutes(60) }]);
  await until('the incident', async () => incidentOf(product));

  const endsAt = inMinutes(30);
  await alertmanager.post('/api/v2/silences', {
    matchers: [{ name: 'alertname', value: LABELS.alertname, isRegex: false, isEqual: true }],
    startsAt: new Date().toISOString(),
    endsAt,
    createdBy: 'ana',
    comment: 'known, being worked on',
  });
  const silenced = await until('the silence', async () => {
    const found = await incidentOf(product);
    return found?.alerts[0]?.silencedUntil ? found : null;
  });
  expect(Math.abs((silenced.alerts[0]?.silencedUntil ?? 0) - Date.parse(endsAt))).toBeLessThan(1_000);
  expect(silenced.incident.status).toBe('open');
  await until('the card to say so', async () =>
    (await product.workspace.messages('incidents')).some((message) => shown(message).includes('silenced until')),
  );

  await alertmanager.post('/api/v2/alerts', [{ labels: LABELS, startsAt, endsAt: new Date().toISOString() }]);
  const resolved = await until('the resolution', async () => {
    const found = await incidentOf(product);
    return found?.incident.status === 'resolved' ? found : null;
  });
  expect(resolved.incident.resolution).toBe('poll');
  expect(resolved.timeline.map(({ text }) => text)).toEqual(
    expect.arrayContaining([expect.stringContaining('source: poll')]),
  );
}, 180_000);

test('an Alertmanager that cannot be reached makes an incident stale and never resolves it', async () => {
  const { product, alertmanager } = await start();
  await alertmanager.post('/api/v2/alerts', [{ labels: LABELS, endsAt: inMinutes(60) }]);
  await until('the incident', async () => incidentOf(product));
  await alertmanager.close();
  const stale = await until(
    'the incident to be stale',
    async () => {
      const found = await incidentOf(product);
      return found?.timeline.some(({ text }) => text === 'Stale: Alertmanager cannot be reached') ? found : null;
    },
    40,
  );
  expect(stale.incident.status).toBe('open');
}, 240_000);

function inMinutes(minutes: number): string {
  return new Date(Date.now() + minutes * 60_000).toISOString();
}
