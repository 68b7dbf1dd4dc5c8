// A storm: 10,000 distinct alerts in 1,000 groups within ten seconds, sev1 among them, with a healthy Slack, with Slack at
// 429 or down, with kill -9 in the middle; on SQLite, or on PostgreSQL with two replicas. What was lost, when the first
// sev1 card stood in Slack, the most memory, and how many calls Slack got beside what one message a second a channel allows.
// Run: node bench/storm.ts [--bundle] [--postgres] [--slack-429] [--slack-down] [--kill] [--groups=1000]
import { setTimeout as pause } from 'node:timers/promises';
import { startPostgres } from '../test/conformance/postgres.ts';
import { flag, memory, openStage, option, quantiles, slackConnected, until } from './stage.ts';

const GROUPS = option('groups', 1_000);
const ALERTS = 10;
const WITHIN_S = option('within', 10);
const TROUBLE_S = option('trouble', 20);
/** Every so many groups one is sev1. */
const GRAVE_EVERY = 50;

const stage = await openStage({ ownChannel: { enabled: false } });
const postgres = flag('postgres') ? await startPostgres() : null;
const store: Readonly<Record<string, string>> = postgres ? { DATABASE_URL: await postgres.newDatabase() } : {};
const replicas = [await stage.replica(store), ...(postgres ? [await stage.replica(store)] : [])];

function body(group: number): string {
  const grave = group % GRAVE_EVERY === 0;
  const alerts = Array.from({ length: ALERTS }, (_, index) => ({
    status: 'firing',
    labels: {
      alertname: grave ? `StormGrave${group}x` : `StormMinor${group % 40}`,
      severity: 'warning',
      ...(grave ? { incident_severity: 'sev1' } : {}),
      namespace: `team-${group % 200}`,
      deployment: `service-${group}`,
      pod: `service-${group}-6d5f7c9b8-p${index}`,
    },
    annotations: { summary: 'The service does not answer' },
    startsAt: new Date().toISOString(),
    endsAt: '0001-01-01T00:00:00Z',
  }));
  return JSON.stringify({
    version: '4',
    groupKey: `{}:{group="${group}"}`,
    truncatedAlerts: 0,
    status: 'firing',
    receiver: 'lambda-responder',
    externalURL: 'http://alertmanager:9093',
    alerts,
  });
}

const acceptedAt = new Map<string, number>();
async function post(group: number): Promise<void> {
  const text = body(group);
  for (let attempt = 0; ; attempt += 1) {
    const replica = replicas[(group + attempt) % replicas.length];
    const status = await fetch(`${replica?.url}/webhooks/alertmanager`, { method: 'POST', body: text }).then(
      (answer) => answer.status,
      () => 0,
    );
    if (status === 200) break;
    if (status >= 400 && status < 500) throw new Error(`the webhook answered ${status}`);
    await pause(250);
  }
  if (group % GRAVE_EVERY === 0) acceptedAt.set(`StormGrave${group}x`, Date.now());
}

async function states(): Promise<ReadonlyMap<string, number>> {
  const page = await (await fetch(`${replicas[0]?.url}/metrics`)).text();
  return new Map(
    [...page.matchAll(/^responder_alerts\{state="([^"]+)"\} (\d+)/gm)].map((match) => [
      match[1] ?? '',
      Number(match[2]),
    ]),
  );
}

try {
  for (const replica of replicas) await replica.start();
  for (const replica of replicas) await slackConnected(replica);
  if (flag('slack-429')) await stage.workspace.fault({ kind: 'rate_limited', seconds: TROUBLE_S });
  if (flag('slack-down')) await stage.workspace.fault({ kind: 'down', seconds: TROUBLE_S });
  const begin = performance.now();
  const posts: Promise<void>[] = [];
  let killed = false;
  for (let group = 0; group < GROUPS; ) {
    const due = ((performance.now() - begin) / 1000 / WITHIN_S) * GROUPS;
    for (; group <= due && group < GROUPS; group += 1) posts.push(post(group));
    if (flag('kill') && !killed && group > GROUPS / 2) {
      killed = true;
      await replicas[0]?.kill('SIGKILL');
      await replicas[0]?.start();
    }
    await pause(5);
  }
  await Promise.all(posts);
  const sentS = (performance.now() - begin) / 1000;
  const account = await until(
    'everything decided',
    async () => {
      const now = await states();
      return (now.get('received') ?? 0) >= GROUPS * ALERTS && now.get('pending') === 0 && now;
    },
    300,
  );
  const decidedS = (performance.now() - begin) / 1000;
  const shown = await until(
    'all sev1 cards',
    async () => {
      const calls = (await stage.workspace.calls('chat.postMessage')).filter(({ ok }) => ok);
      const cards = calls.filter(({ args }) => args.thread_ts === undefined);
      const times = new Map(cards.map((call) => [/StormGrave\d+x/.exec(String(call.args.text))?.[0] ?? '', call.at]));
      return [...acceptedAt.keys()].every((name) => times.has(name)) && times;
    },
    600,
  );
  const delays = [...acceptedAt].map(([name, at]) => Math.max(0, (shown.get(name) ?? Number.NaN) - at));
  const endS = (performance.now() - begin) / 1000;
  const calls = (await stage.workspace.calls()).filter(({ method }) => /^chat\.|^files\./.test(method));
  const peak = replicas.map((replica) => memory(replica.pid() ?? 0, 'peak'));
  const received = account.get('received') ?? 0;
  const rest = [...account].filter(([state]) => state !== 'received').reduce((sum, [, count]) => sum + count, 0);
  const how = ['bundle', 'postgres', 'slack-429', 'slack-down', 'kill'].filter(flag).join(', ') || 'source, SQLite';
  console.log(`${GROUPS * ALERTS} alerts in ${GROUPS} groups within ${sentS.toFixed(1)} s (${how})`);
  console.log(`lost                  ${received - rest} of ${received} received, dead ${account.get('dead') ?? 0}`);
  console.log(`decided after         ${decidedS.toFixed(1)} s`);
  console.log(
    `first sev1 card       ${Math.round(Math.min(...delays))} ms after its acceptance; all ${delays.length}: ${quantiles(delays)}`,
  );
  console.log(`most memory           ${peak.map((mb) => `${mb} MB`).join(' and ')}`);
  console.log(
    `calls to Slack        ${calls.filter(({ ok }) => ok).length} taken, ${calls.filter(({ ok }) => !ok).length} refused, in ${endS.toFixed(0)} s; one a second a channel would be ${Math.ceil(endS)}`,
  );
} finally {
  await stage.close();
  await postgres?.close();
}
