// What deliveries of the largest allowed size cost: most resident memory, longest stall of /healthz, and how long a sev1 sent
// beside them waits for its answer and its card. The heap is the one Node chooses under the Deployment's limit of 384Mi.
// Run: node bench/hugeDeliveries.ts [--bundle] [--only=group|spread|twenty|repeat|odd] [--alerts=60000]
import { setTimeout as pause } from 'node:timers/promises';
import type { Replica } from '../test/chaos/stage.ts';
import { memory, openStage, option, type Stage, slackConnected, until } from './stage.ts';

const ALERTS = option('alerts', 60_000);
const ONLY = process.argv.find((word) => word.startsWith('--only='))?.split('=')[1];
const MIB = 1024 * 1024;
/** Half of what the container may have, as V8 chooses in it. */
const HEAP_MB = 192;
const TOKEN = 'bench-token';
/** For so long it waits until all is decided. */
const WAIT_S = option('wait', 600);
const SEV1_EVERY_MS = 3_000;

interface Seen {
  longestStallMs: number;
  longestAnswerMs: number;
  longestCardMs: number;
  sev1: number;
  refusedSev1: number;
  peakMb: number;
  aborts: number;
}

function alert(index: number, labels: Readonly<Record<string, string>>): object {
  return {
    status: 'firing',
    labels: { alertname: 'PodNotReady', severity: 'warning', namespace: 'shop', pod: `web-${index}`, ...labels },
    annotations: { summary: `Pod web-${index} is not ready for 15 minutes`, description: 'x'.repeat(60) },
    startsAt: '2026-11-24T03:00:00.000Z',
    endsAt: '0001-01-01T00:00:00Z',
    generatorURL: 'http://prometheus:9090/graph?g0.expr=x',
    fingerprint: (index + 0x10000000).toString(16),
  };
}

function delivery(alerts: readonly object[], groupKey: string): string {
  return JSON.stringify({ version: '4', groupKey, status: 'firing', receiver: 'r', externalURL: 'http://am', alerts });
}

function group(count: number, labelsOf: (index: number) => Readonly<Record<string, string>>, key: string): string {
  return delivery(
    Array.from({ length: count }, (_, index) => alert(index, labelsOf(index))),
    key,
  );
}

async function post(replica: Replica, body: string, ms = 120_000): Promise<number> {
  return fetch(`${replica.url}/webhooks/alertmanager`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body,
    signal: AbortSignal.timeout(ms),
  }).then(
    async (response) => {
      await response.arrayBuffer();
      return response.status;
    },
    () => 0,
  );
}

/** As Alertmanager does: again until it is taken or refused for good. */
async function deliver(replica: Replica, body: string): Promise<Map<number, number>> {
  const answers = new Map<number, number>();
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const status = await post(replica, body);
    answers.set(status, (answers.get(status) ?? 0) + 1);
    if (status === 200 || (status >= 400 && status < 500)) break;
    await pause(Math.min(5_000, 500 * 2 ** attempt));
  }
  return answers;
}

async function watch(on: Stage, replica: Replica, work: () => Promise<void>): Promise<Seen> {
  const seen = {
    longestStallMs: 0,
    longestAnswerMs: 0,
    longestCardMs: 0,
    sev1: 0,
    refusedSev1: 0,
    peakMb: 0,
    aborts: 0,
  };
  let over = false;
  const stalls = (async () => {
    while (!over) {
      const begin = performance.now();
      await fetch(`${replica.url}/healthz`, { signal: AbortSignal.timeout(60_000) })
        .then((response) => response.arrayBuffer())
        .catch(() => {});
      seen.longestStallMs = Math.max(seen.longestStallMs, performance.now() - begin);
      const pid = replica.pid();
      if (pid !== null && replica.isUp()) seen.peakMb = Math.max(seen.peakMb, memory(pid, 'peak'));
      await pause(50);
    }
  })();
  const lives = (async () => {
    while (!over) {
      if (!replica.isUp()) {
        seen.aborts += 1;
        await replica.start().catch(() => {});
      }
      await pause(100);
    }
  })();
  const cards: Promise<void>[] = [];
  const worst = (async () => {
    for (let index = 0; !over; index += 1) {
      cards.push(sev1(on, replica, index, seen));
      await pause(SEV1_EVERY_MS);
    }
  })();
  await work();
  over = true;
  await Promise.all([stalls, worst, ...cards, lives]);
  return seen;
}

async function sev1(on: Stage, replica: Replica, index: number, seen: Seen): Promise<void> {
  const name = `Worst${index}x${Math.round(performance.now())}`;
  const body = delivery(
    [alert(1_000_000 + index, { alertname: name, incident_severity: 'sev1', namespace: `n${index}` })],
    name,
  );
  seen.sev1 += 1;
  const begin = performance.now();
  if ((await post(replica, body, 30_000)) !== 200) {
    seen.refusedSev1 += 1;
    return;
  }
  seen.longestAnswerMs = Math.max(seen.longestAnswerMs, performance.now() - begin);
  await until(
    'card',
    async () => (await on.workspace.messages('#incidents')).some((message) => JSON.stringify(message).includes(name)),
    120,
    100,
  ).catch(() => {});
  seen.longestCardMs = Math.max(seen.longestCardMs, performance.now() - begin);
}

/** Until everything accepted is accounted for. */
async function decided(replica: Replica, seconds = WAIT_S): Promise<void> {
  await until(
    'everything to be decided',
    async () => {
      const page = await (await fetch(`${replica.url}/metrics`)).text();
      const pending = /responder_alerts\{state="pending"\} (\d+)/.exec(page)?.[1];
      return pending === '0';
    },
    seconds,
    500,
  );
}

const CASES: Readonly<Record<string, (replica: Replica) => Promise<string>>> = {
  group: async (replica) => {
    const body = group(ALERTS, () => ({}), 'group');
    const begin = performance.now();
    const answers = await deliver(replica, body);
    await decided(replica);
    return `${ALERTS} alerts of one name, ${mb(body)}: ${said(answers)}, decided after ${s(begin)}`;
  },
  spread: async (replica) => {
    const body = group(ALERTS, (index) => ({ alertname: `A${index % 40}`, namespace: `ns-${index % 50}` }), 'spread');
    const begin = performance.now();
    const answers = await deliver(replica, body);
    await decided(replica);
    return `${ALERTS} alerts over 200 incidents, ${mb(body)}: ${said(answers)}, decided after ${s(begin)}`;
  },
  twenty: async (replica) => {
    const one = group(8, () => ({}), 'twenty').length / 8;
    const count = Math.floor((31.5 * MIB) / one);
    const begin = performance.now();
    const all = Array.from({ length: 20 }, (_, index) => index);
    const bodies = group(count, () => ({}), 'twenty');
    const answers = await Promise.all(all.map(() => deliver(replica, bodies)));
    await decided(replica);
    const sum = new Map<number, number>();
    for (const each of answers) for (const [status, times] of each) sum.set(status, (sum.get(status) ?? 0) + times);
    return `20 bodies of ${mb(bodies)} (${count} alerts each) at once: ${said(sum)}, decided after ${s(begin)}`;
  },
  repeat: async (replica) => {
    const begin = performance.now();
    for (let round = 0; round < 5; round += 1) {
      await deliver(
        replica,
        group(10_000, (index) => ({ pod: index % 10 === round ? `new-${round}-${index}` : `web-${index}` }), 'r'),
      );
      await pause(2_000);
    }
    await decided(replica);
    return `10,000 alerts of one group, five times: decided after ${s(begin)}`;
  },
  odd: async (replica) => {
    const begin = performance.now();
    const empties = `{"version":"4","groupKey":"odd","alerts":[${'{},'.repeat(10 * MIB)}{}]}`;
    const nested = `{"version":"4","groupKey":"odd","alerts":[{"x":[${'[],'.repeat(10 * MIB)}[]]}]}`;
    const deep = `{"version":"4","groupKey":"odd","alerts":[{"x":${'['.repeat(15 * MIB)}${']'.repeat(15 * MIB)}}]}`;
    const outside = `{"version":"4","groupKey":"odd","commonLabels":[${'{},'.repeat(10 * MIB)}{}],"alerts":[]}`;
    const answers: string[] = [];
    for (const body of [empties, nested, deep, outside]) answers.push(said(await deliver(replica, body)));
    await decided(replica);
    return `30 MiB of empty objects, of nested arrays, of one deep array, outside of alerts: ${answers.join('; ')}, decided after ${s(begin)}`;
  },
};

const mb = (body: string) => `${(body.length / MIB).toFixed(1)} MiB`;
const s = (begin: number) => `${((performance.now() - begin) / 1_000).toFixed(1)} s`;
const said = (answers: ReadonlyMap<number, number>) =>
  [...answers].map(([status, times]) => `${times} x ${status === 0 ? 'no answer' : status}`).join(', ');

for (const [name, run] of Object.entries(CASES)) {
  if (ONLY !== undefined && ONLY !== name) continue;
  const on = await openStage({ ownChannel: { enabled: false } });
  try {
    const replica = await on.replica({ WEBHOOK_TOKEN: TOKEN, NODE_OPTIONS: `--max-old-space-size=${HEAP_MB}` });
    await replica.start();
    await slackConnected(replica);
    const pid = replica.pid();
    const before = pid === null ? 0 : memory(pid);
    let what = '';
    const seen = await watch(on, replica, async () => {
      what = await run(replica).catch((error: unknown) => `${name}: ${String(error)}`);
    });
    console.log(what);
    console.log(
      `  RSS ${before} MB before, ${seen.peakMb} MB at most · longest stall ${Math.round(seen.longestStallMs)} ms · ${seen.sev1} sev1 beside it: ${seen.refusedSev1} refused, answer ${Math.round(seen.longestAnswerMs)} ms, card ${Math.round(seen.longestCardMs)} ms at most · aborts ${seen.aborts}`,
    );
  } finally {
    await on.close();
  }
}
