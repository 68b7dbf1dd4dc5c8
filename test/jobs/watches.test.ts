import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { noteSlack, watchHeartbeats, watchSlack } from '../../src/jobs/watches.ts';
import { createLogger } from '../../src/logger.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';

const MINUTE = 60_000;
const START = Date.parse('2026-11-24T03:00:00Z');
const log = createLogger({ level: 'silent' });

let now = START;
let connected = true;
let store: Store;
const slack = {
  status: () => ({
    connected,
    since: now,
    mode: 'socket' as const,
    team: null,
    botUserId: null,
    reachable: true,
    problem: null,
  }),
};
const parts = () => ({ store, clock: () => now, startedAt: START });

beforeEach(async () => {
  now = START;
  connected = true;
  store = await openStore('sqlite::memory:', { log, clock: () => now });
});
afterEach(() => store.close());

/** Alerts of our own that were accepted so far, `name status`. */
async function told(): Promise<readonly string[]> {
  const bodies: string[] = [];
  for (let id = 1; ; id += 1) {
    const delivery = await store.deliveries.find(id);
    if (!delivery) return bodies;
    const { alerts } = JSON.parse(delivery.body);
    bodies.push(`${alerts[0].labels.alertname} ${alerts[0].status}`);
  }
}

async function minutes(count: number): Promise<void> {
  for (let step = 0; step < count * 4; step += 1) {
    now += MINUTE / 4;
    await noteSlack(parts(), slack);
    await watchSlack(parts());
    await watchHeartbeats({ ...parts(), fireAfterMs: 15 * MINUTE });
  }
}

test('two minutes without Slack are an alert of our own, once, and it resolves when Slack is back', async () => {
  await minutes(5);
  connected = false;
  await minutes(2);
  expect(await told()).toEqual([]);
  await minutes(10);
  expect(await told()).toEqual(['ResponderSlackDisconnected firing']);
  connected = true;
  await minutes(2);
  expect(await told()).toEqual(['ResponderSlackDisconnected firing', 'ResponderSlackDisconnected resolved']);
});

test('while another replica is connected nothing is said', async () => {
  connected = false;
  const other = { status: () => ({ ...slack.status(), connected: true }) };
  for (let step = 0; step < 40; step += 1) {
    now += MINUTE / 4;
    await noteSlack(parts(), other);
    await noteSlack(parts(), slack);
    await watchSlack(parts());
  }
  expect(await told()).toEqual([]);
});

test('the dead man’s switch fires after 15 min of silence and resolves with the next beat', async () => {
  await store.heartbeats.beat('prod', now);
  await minutes(20);
  expect(await told()).toEqual([]);
  await store.heartbeats.beat('prod', now);
  await minutes(15);
  expect(await told()).toEqual([]);
  await minutes(2);
  expect(await told()).toEqual(['AlertmanagerSilent firing']);
  await store.heartbeats.beat('prod', now);
  await minutes(1);
  expect(await told()).toEqual(['AlertmanagerSilent firing', 'AlertmanagerSilent resolved']);
});
