import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { addResponder } from '../../src/alertmanager/addResponder.ts';
import { until } from '../acceptance/product.ts';
import { freePort, startAlertmanagerWith } from '../prometheus/realAlertmanager.ts';
import { amtoolReceivers } from './amtool.ts';
import { type Sinks, startSinks } from './sinks.ts';
import { nestedTeam, plainTeam, TEAM_ALERTS } from './teams.ts';

const SHIPPED = join(import.meta.dirname, '../../manifests/alertmanager/alertmanager.yaml');
/** Long after the last thing was heard: twenty flushes of every group. */
const QUIET_MS = 2_000;

let closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.reverse()) await close();
  closers = [];
});

/** The responder's receiver leads to the sinks too, without its token, and nothing waits for minutes. */
function shortened(config: string, sinks: Sinks): string {
  return config
    .replace('http://lambda-responder.lambda-responder/webhooks/alertmanager', `${sinks.url}/lambda-responder`)
    .replace(/\n *http_config:\n *authorization:\n *type: .*\n *credentials_file: .*/, '')
    .replaceAll(/group_wait: (0s|10s)/g, 'group_wait: 1s')
    .replaceAll('group_interval: 1m', 'group_interval: 1s');
}

/** What is heard by whom when the alerts fire and end, with a real Alertmanager of this configuration. */
async function heardWith(configOf: (sinks: Sinks) => string): Promise<readonly string[]> {
  const sinks = await startSinks();
  closers.push(() => sinks.close());
  const config = configOf(sinks);
  const folder = mkdtempSync(join(tmpdir(), 'routes-'));
  closers.push(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'alertmanager.yaml');
  writeFileSync(file, config);
  const alertmanager = await startAlertmanagerWith(await freePort(), config);
  closers.push(() => alertmanager.close());
  const startsAt = new Date(Date.now() - 60_000).toISOString();
  const expected: string[] = [];
  for (const status of ['firing', 'resolved']) {
    const endsAt = new Date(Date.now() + (status === 'firing' ? 3_600_000 : -1_000)).toISOString();
    await alertmanager.post(
      '/api/v2/alerts',
      TEAM_ALERTS.map((labels) => ({ labels, startsAt, endsAt })),
    );
    for (const labels of TEAM_ALERTS)
      for (const receiver of (await amtoolReceivers(file, labels)) ?? [])
        expected.push(`${receiver} heard ${labels.alertname} ${status}`);
    await until(`all that amtool says of ${status}`, async () => expected.every((one) => sinks.heard().includes(one)));
  }
  await new Promise((wake) => setTimeout(wake, QUIET_MS));
  return sinks.heard();
}

const ofOthers = (heard: readonly string[]) => heard.filter((one) => !one.startsWith('lambda-responder '));
const ofResponder = (heard: readonly string[]) => heard.filter((one) => one.startsWith('lambda-responder '));
const everything = TEAM_ALERTS.flatMap(({ alertname }) => [
  `lambda-responder heard ${alertname} firing`,
  `lambda-responder heard ${alertname} resolved`,
]).toSorted();

test('with the shipped file as it is the pager hears what it heard without it, and the responder everything', async () => {
  const before = await heardWith(({ url }) => plainTeam(url));
  const after = await heardWith((sinks) =>
    shortened(readFileSync(SHIPPED, 'utf8'), sinks)
      .replace('- name: pager', `- { name: pager, webhook_configs: [{ url: '${sinks.url}/pager' }] }`)
      .replace('receiver: pager #', 'group_wait: 1s\n  group_interval: 1s\n  receiver: pager #'),
  );
  expect(ofOthers(after)).toEqual(before);
  expect(before).toHaveLength(2 * TEAM_ALERTS.length);
  expect(ofResponder(after)).toEqual(everything);
});

test('with the responder added every receiver of a team with nested routes hears what it heard, no less and no more', async () => {
  const before = await heardWith(({ url }) => nestedTeam(url));
  const after = await heardWith((sinks) => shortened(addResponder('team.yaml', nestedTeam(sinks.url)), sinks));
  expect(ofOthers(after)).toEqual(before);
  expect(before).toContain('audit heard KnativeLambdaOperatorDown firing');
  expect(before).toContain('platform heard KnativeLambdaOperatorDown firing');
  expect(before).toContain('payments-pager heard CheckoutDown resolved');
  expect(ofResponder(after)).toEqual(everything);
});

test('a file with the responder’s routes beside the team’s own takes the pages away, which is why they are nested', async () => {
  const beside = await heardWith((sinks) =>
    shortened(addResponder('team.yaml', plainTeam(sinks.url)), sinks).replace(/\n *- receiver: pager\n/, '\n'),
  );
  expect(ofOthers(beside)).toEqual([]);
});

test('the example of an inhibition mutes the lesser stage of the same subject and nothing else', async () => {
  const example = readFileSync(join(SHIPPED, '../inhibition.example.yaml'), 'utf8');
  const alertmanager = await startAlertmanagerWith(await freePort(), `${plainTeam('http://127.0.0.1:9')}\n${example}`);
  closers.push(() => alertmanager.close());
  const backlog = { alertname: 'KnativeLambdaQueueBacklog', namespace: 'rabbitmq', component: 'knative-eventing' };
  const sets = [
    { ...backlog, queue: 'orders', severity: 'critical' },
    { ...backlog, queue: 'orders', severity: 'warning' },
    { ...backlog, queue: 'mails', severity: 'warning' },
    { ...backlog, alertname: 'KnativeLambdaDLQNotEmpty', queue: 'orders', severity: 'warning' },
    { ...backlog, alertname: 'TheirOwn', queue: 'orders', severity: 'warning' },
  ];
  await alertmanager.post(
    '/api/v2/alerts',
    sets.map((labels) => ({ labels })),
  );
  const muted = await until('the verdict on all', async () => {
    const found: Found[] = await (await fetch(`${alertmanager.url}/api/v2/alerts`)).json();
    const known = found.length === sets.length && found.every(({ status }) => status.state !== 'unprocessed');
    return known ? found.filter(({ status }) => status.state === 'suppressed') : null;
  });
  expect(muted.map(({ labels }) => labels)).toEqual([sets[1]]);
});

interface Found {
  readonly labels: Readonly<Record<string, string>>;
  readonly status: { readonly state: string };
}
