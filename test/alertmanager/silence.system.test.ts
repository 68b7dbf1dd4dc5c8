import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, expect, test } from '@jest/globals';
import type { Labels } from '../../src/alerts/alert.ts';
import { silenceMatchers, writeMatcher } from '../../src/incidents/silenceMatchers.ts';
import { until } from '../acceptance/product.ts';
import { freePort, startAlertmanagerWith } from '../prometheus/realAlertmanager.ts';

const run = promisify(execFile);

let close: (() => unknown) | null = null;
afterEach(async () => {
  await close?.();
  close = null;
});

/** Which of some alerts a real Alertmanager mutes once the real amtool has made the silence that our link prepares. */
async function silencedBy(all: readonly Labels[], incident: readonly Labels[]): Promise<readonly string[]> {
  const alertmanager = await startAlertmanagerWith(
    await freePort(),
    'route: { receiver: none }\nreceivers: [{ name: none }]\n',
  );
  close = () => alertmanager.close();
  await alertmanager.post(
    '/api/v2/alerts',
    all.map((labels) => ({ labels })),
  );
  const matchers = silenceMatchers(incident).map(writeMatcher);
  const to = `--alertmanager.url=${alertmanager.url}`;
  await run('amtool', ['silence', 'add', to, '--author=ana', '--comment=test', '--duration=1h', ...matchers]);
  const ask = async () => {
    const answer = await fetch(`${alertmanager.url}/api/v2/alerts?active=false&silenced=true`);
    // The documented answer of Alertmanager's API.
    const alerts = (await answer.json()) as readonly { readonly labels: { readonly instance: string } }[];
    return alerts.map(({ labels }) => labels.instance).toSorted();
  };
  await until('all silenced', async () => (await ask()).length >= incident.length);
  return ask();
}

const down = (instance: string): Labels => ({ alertname: 'InstanceDown', job: 'node', instance });

test('a silence from the card of one host leaves its siblings alone', async () => {
  const all = [down('db-1:9100'), down('cache-7:9100')];
  expect(await silencedBy(all, [down('db-1:9100')])).toEqual(['db-1:9100']);
});

test('a silence from the card of several hosts mutes these and no other', async () => {
  const all = ['db-1:9100', 'cache-7:9100', 'dbx1:9100', 'a"b\\c (x)'].map(down);
  const [first = {}, second = {}, , odd = {}] = all;
  expect(await silencedBy(all, [first, second, odd])).toEqual(['a"b\\c (x)', 'cache-7:9100', 'db-1:9100']);
});
