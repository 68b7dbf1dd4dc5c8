import { expect, test } from '@jest/globals';
import { pendingSince } from '../../src/prometheus/pendingAlert.ts';
import { until } from '../acceptance/product.ts';
import { startPrometheus } from './realPrometheus.ts';
import { client } from './servers.ts';

const soon = () => AbortSignal.timeout(10_000);

/** What `/api/v1/alerts` of a Prometheus says of its alerts. */
interface Alerts {
  readonly data: { readonly alerts: readonly { readonly activeAt: string; readonly state: string }[] };
}

test('a real Prometheus tells since when an alert was pending, and nothing of an alert with other labels', async () => {
  const labels = { team: 'shop' };
  const rule = { alert: 'Held', expr: 'vector(1)', for: '3s', labels };
  const real = await startPrometheus({ rules: [{ name: 'held', rules: [rule] }] });
  try {
    const { prometheus } = client(real.url);
    let activeAt = 0;
    await until('the alert fires', async () => {
      const { data } = (await (await fetch(`${real.url}/api/v1/alerts`)).json()) as Alerts;
      activeAt = Date.parse(data.alerts[0]?.activeAt ?? '');
      return data.alerts[0]?.state === 'firing';
    });
    const held = { name: 'Held', labels: { alertname: 'Held', ...labels, cluster: 'west' }, startsAt: Date.now() };
    expect(await pendingSince(prometheus, held, soon())).toBe(Math.floor(activeAt / 1000) * 1000);
    expect(await pendingSince(prometheus, { ...held, labels: { ...held.labels, team: 'other' } }, soon())).toBeNull();
    expect(await pendingSince(prometheus, { ...held, name: 'Unheard' }, soon())).toBeNull();
  } finally {
    await real.close();
  }
}, 180_000);
