import { afterEach, expect, test } from '@jest/globals';
import { incidentListPage, incidentPage } from '../../src/http/pages/incidents.ts';
import { known } from '../slack/samples.ts';
import { closeAll, start } from './harness.ts';

afterEach(closeAll);

const { incident, alerts } = known();
const AT = Date.parse('2026-11-24T04:31:45Z');
const EXTRAS = {
  timeZone: 'Europe/Berlin',
  hasChart: true,
  slackUrl: 'https://slack.com/app_redirect?channel=C0INCIDENTS',
};

test('the list has the worst first, whatever came last', () => {
  const list = [
    { ...incident, number: 3, severity: 'sev3', openedAt: AT + 3 },
    { ...incident, number: 1, severity: 'sev1', openedAt: AT + 1 },
    { ...incident, number: 2, severity: 'sev2', openedAt: AT + 2 },
  ] as const;
  const page = incidentListPage(list, 'UTC');
  expect([...page.matchAll(/href="\/incidents\/(\d)"/g)].map(([, number]) => number)).toEqual(['1', '2', '3']);
});

test('times are those of the zone that is set, with the instant for machines', () => {
  const page = incidentPage({ incident: { ...incident, startedAt: AT }, alerts }, [], EXTRAS);
  expect(page).toContain(
    '<time datetime="2026-11-24T04:31:45.000Z" title="2026-11-24 04:31:45 UTC">2026-11-24 05:31:45 CET</time>',
  );
});

test('a page tells the sentence, shows the chart and leads to Slack, without script or style of its own', () => {
  const sentence = {
    ...{
      what: 'Checkout fails',
      whom: null,
      impact: 'No orders',
      action: 'Roll back to v1',
      noIncident: null,
      alert: null,
    },
    causes: [{ code: 'oom', brief: 'checkout OOMKilled since v2', isSure: true }],
  } as unknown as NonNullable<typeof incident.sentence>; // the parts that a page shows
  const page = incidentPage({ incident: { ...incident, sentence }, alerts }, [], EXTRAS);
  for (const part of ['Checkout fails', 'checkout OOMKilled since v2', 'No orders', 'Roll back to v1'])
    expect(page).toContain(part);
  expect(page).toContain(`src="/incidents/${incident.number}/chart.png"`);
  expect(page).toContain('href="https://slack.com/app_redirect?channel=C0INCIDENTS"');
  expect(page).not.toMatch(/<script|style=|onclick/i);
  expect(incidentPage({ incident, alerts }, [], { ...EXTRAS, hasChart: false, slackUrl: null })).not.toMatch(
    /<img|slack\.com/,
  );
});

test('the root leads to the incidents, and a chart that was never made is said to be none', async () => {
  const { server } = await start();
  const root = await fetch(server.url, { redirect: 'manual' });
  expect([root.status, root.headers.get('location')]).toEqual([302, '/incidents']);
  expect((await fetch(`${server.url}/incidents/7/chart.png`)).status).toBe(404);
});
