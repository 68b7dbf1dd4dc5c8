import { afterEach, describe, expect, test } from '@jest/globals';
import { ERAS, PROFILE_NAMES } from '../../../manifests/prometheus/names.ts';
import { createServers } from '../../prometheus/servers.ts';

const NOW = Date.parse('2026-02-02T10:00:00Z');
const servers = createServers(() => NOW);
afterEach(() => servers.closeAll());

const platforms = PROFILE_NAMES.flatMap((profile) => ERAS.map((era) => ({ profile, era })));

describe('the series of a healthy platform', () => {
  test.each(platforms)('fire no shipped rule of $profile and $era but the dead man’s switch', async (platform) => {
    const { url } = await servers.simulated(platform);
    const answer: { data: { alerts: { labels: { alertname: string } }[] } } = await (
      await fetch(`${url}/api/v1/alerts`)
    ).json();
    expect(answer.data.alerts.map(({ labels }) => labels.alertname)).toEqual(['Watchdog']);
  });

  test('are all in the exposition, each family once', async () => {
    const { url, store } = await servers.simulated({ profile: 'operator', era: 'knative-1.18' });
    const text = await (await fetch(`${url}/metrics`)).text();
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    expect(lines).toHaveLength(store.series().length);
    const types = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
    expect(new Set(types).size).toBe(types.length);
  });

  test('lists only the rules that are asked for', async () => {
    const { url } = await servers.simulated({ profile: 'builder', era: 'knative-1.18' });
    const named = new URLSearchParams({ type: 'alert', 'rule_name[]': 'KnativeLambdaBuildOOMKilled' });
    const answer: { data: { groups: { rules: { name: string }[] }[] } } = await (
      await fetch(`${url}/api/v1/rules?${named}`)
    ).json();
    expect(answer.data.groups.flatMap(({ rules }) => rules.map(({ name }) => name))).toEqual([
      'KnativeLambdaBuildOOMKilled',
    ]);
  });
});
