import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { type Replica, type Stage, startStage, TOKEN } from '../chaos/stage.ts';

/** `resources.limits.memory` of manifests/base/deployment.yaml, in MiB, and the heap Node chooses under it. */
const LIMIT_MIB = 384;
const HEAP = '--max-old-space-size=192';
const MIB = 1024 * 1024;
const LONG = 600_000;

let stage: Stage | null = null;
afterEach(async () => {
  await stage?.close();
  stage = null;
}, 180_000);

async function open(): Promise<{ on: Stage; replica: Replica; pid: number }> {
  const on = await startStage({ ownChannel: { enabled: false } });
  stage = on;
  const replica = await on.replica(`sqlite:${join(on.folder, 'responder.db')}`, { NODE_OPTIONS: HEAP });
  return { on, replica, pid: replica.pid() ?? 0 };
}

async function post(replica: Replica, text: string): Promise<number> {
  return fetch(`${replica.url}/webhooks/alertmanager`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body: text,
  }).then(
    async (response) => {
      await response.arrayBuffer();
      return response.status;
    },
    () => 0,
  );
}

/** As Alertmanager does: again and again while the answer is a 5xx or none. */
async function deliver(replica: Replica, text: string): Promise<number> {
  for (;;) {
    const status = await post(replica, text);
    if (status >= 200 && status < 500) return status;
    if (!replica.isUp()) throw new Error(`the process ended: ${replica.output().slice(-2_000)}`);
    await pause(300);
  }
}

function delivery(groupKey: string, count: number, alert: (index: number) => object): string {
  const alerts = Array.from({ length: count }, (_, index) => alert(index));
  return JSON.stringify({ version: '4', groupKey, receiver: 'r', externalURL: 'http://am', alerts });
}

async function alertsIn(replica: Replica, state: string): Promise<number> {
  if (!replica.isUp()) throw new Error(`the process ended: ${replica.output().slice(-2_000)}`);
  const page = await (await fetch(`${replica.url}/metrics`)).text();
  return Number(new RegExp(`responder_alerts\\{state="${state}"\\} (\\d+)`).exec(page)?.[1] ?? Number.NaN);
}

async function decided(replica: Replica): Promise<void> {
  while ((await alertsIn(replica, 'pending')) !== 0) await pause(500);
}

/** The most memory the process ever had, in MiB. */
function peak(pid: number): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

test(
  'sixty thousand alerts in one delivery end nothing, and a sev1 sent beside them has its card before they are decided about',
  async () => {
    const { on, replica, pid } = await open();
    const count = 60_000;
    const large = delivery('large', count, (index) => ({
      labels: { alertname: 'PodNotReady', severity: 'warning', namespace: 'shop', pod: `web-${index}` },
      annotations: { summary: `Pod web-${index} is not ready`, description: 'x'.repeat(100) },
      startsAt: '2026-11-24T03:00:00.000Z',
    }));
    expect(large.length).toBeGreaterThan(15 * MIB);
    expect(await post(replica, large)).toBe(200);
    const labels = { alertname: 'EverythingIsDown', incident_severity: 'sev1', namespace: 'front' };
    expect(
      await post(
        replica,
        delivery('worst', 1, () => ({ labels })),
      ),
    ).toBe(200);
    const shown = async () => JSON.stringify(await on.workspace.messages('#incidents')).includes('EverythingIsDown');
    while (!(await shown())) {
      expect(await alertsIn(replica, 'pending')).toBeGreaterThan(0);
      await pause(50);
    }
    expect(await alertsIn(replica, 'pending')).toBeGreaterThan(0);
    await decided(replica);
    expect(await alertsIn(replica, 'onIncident')).toBe(count + 1);
    expect([replica.pid(), replica.isUp()]).toEqual([pid, true]);
    expect(peak(pid)).toBeLessThan(LIMIT_MIB);
  },
  LONG,
);

test(
  'twenty of the largest bodies at once are all taken in the end, within the memory of the Deployment, and a small one at once',
  async () => {
    const { replica, pid } = await open();
    const one = (key: string) =>
      delivery(key, 31, (index) => ({
        labels: { alertname: 'Verbose', severity: 'warning', namespace: key, pod: `web-${index}` },
        annotations: { description: 'y'.repeat(1_040_000) },
      }));
    expect(one('n0').length).toBeGreaterThan(30 * MIB);
    const all = Promise.all(Array.from({ length: 20 }, (_, index) => deliver(replica, one(`n${index}`))));
    await pause(200);
    const small = delivery('small', 1, () => ({ labels: { alertname: 'Small', severity: 'critical' } }));
    expect(await post(replica, small)).toBe(200);
    expect(new Set(await all)).toEqual(new Set([200]));
    // Each is a slice of its own, so that deciding about all of them takes minutes: some show what it costs.
    while ((await alertsIn(replica, 'onIncident')) < 100) await pause(500);
    expect(await alertsIn(replica, 'received')).toBe(20 * 31 + 1);
    expect([replica.pid(), replica.isUp()]).toEqual([pid, true]);
    expect(peak(pid)).toBeLessThan(LIMIT_MIB);
  },
  LONG,
);
