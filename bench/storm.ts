// A storm: 10,000 distinct alerts in 1,000 groups within ten seconds, sev1 among them, with a healthy Slack, with Slack at
// 429, with Slack down for ten minutes (on a clock that is put forward), with kill -9 in the middle; on SQLite, or on
// PostgreSQL with two replicas. What was lost, when the cards of sev1 stood in Slack, how soon a press on their
// *Acknowledge* was seen, the most memory, and how many calls Slack got beside one message a second in a channel.
// Run: node bench/storm.ts [--bundle] [--postgres] [--slack-429] [--slack-down] [--kill] [--groups=1000]
import { setTimeout as pause } from 'node:timers/promises';
import { startPostgres } from '../test/conformance/postgres.ts';
import { flag, memory, openStage, option, quantiles, slackConnected, until } from './stage.ts';

const GROUPS = option('groups', 1_000);
const ALERTS = 10;
const WITHIN_S = option('within', 10);
const RATE_LIMITED_S = option('rate-limited', 20);
const DOWN_S = option('down', 600);
/** Every so many groups one is sev1. */
const GRAVE_EVERY = 50;

const stage = await openStage({ ownChannel: { enabled: false } }, flag('slack-down'));
const postgres = flag('postgres') ? await startPostgres() : null;
const store: Readonly<Record<string, string>> = postgres ? { DATABASE_URL: await postgres.newDatabase() } : {};
const replicas = [await stage.replica(store), ...(postgres ? [await stage.replica(store)] : [])];
/** How far the clock of the others was put forward, in milliseconds. */
let ahead = 0;
const now = () => Date.now() + ahead;

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
  if (group % GRAVE_EVERY === 0) acceptedAt.set(`StormGrave${group}x`, now());
}

async function sendAll(): Promise<void> {
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

/** The `ts` of each sev1's card in Slack, by alert name. */
async function graveCards(): Promise<ReadonlyMap<string, string>> {
  const messages = await stage.workspace.messages('#incidents');
  return new Map(
    messages.flatMap(({ text, ts }) => {
      const name = /StormGrave\d+x/.exec(text)?.[0];
      return name ? [[name, ts] as const] : [];
    }),
  );
}

/** Somebody acknowledges every sev1 as soon as its card is there. */
function pressOnCards(): {
  readonly pressedAt: ReadonlyMap<string, number>;
  again(): number;
  stop(): Promise<void>;
} {
  const pressedAt = new Map<string, number>();
  let going = true;
  const presses: Promise<unknown>[] = [];
  let again = 0;
  const look = async () => {
    while (going) {
      for (const ts of (await graveCards()).values()) {
        if (pressedAt.has(ts)) continue;
        pressedAt.set(ts, now());
        // Slack shows a warning sign beside a button that no connected app took; people press again.
        const press = stage.workspace.click({ user: 'ana', channel: '#incidents', ts, actionId: 'lambda:ack' });
        presses.push(
          press.then(({ outcome }) => {
            if (outcome === 'acked') return;
            pressedAt.delete(ts);
            again += 1;
          }),
        );
      }
      await pause(200);
    }
  };
  const looking = look();
  return {
    pressedAt,
    again: () => again,
    async stop() {
      going = false;
      await looking;
      await Promise.all(presses);
    },
  };
}

/** When the card of each `ts` first said who has it. */
async function acknowledgedAt(): Promise<ReadonlyMap<string, number>> {
  const edits = (await stage.workspace.calls('chat.update')).filter(
    ({ ok, args }) => ok && /\bAna\b|U0ANA/.test(JSON.stringify(args)),
  );
  return new Map(edits.toReversed().map(({ args, at }) => [String(args.ts), at]));
}

try {
  for (const replica of replicas) await replica.start();
  for (const replica of replicas) await slackConnected(replica);
  if (flag('slack-429')) await stage.workspace.fault({ kind: 'rate_limited', seconds: RATE_LIMITED_S });
  if (flag('slack-down')) await stage.workspace.fault({ kind: 'down' });
  const person = pressOnCards();
  const begin = performance.now();
  await sendAll();
  const sentS = (performance.now() - begin) / 1000;
  const account = await until(
    'everything decided',
    async () => {
      const known = await states();
      return (known.get('received') ?? 0) >= GROUPS * ALERTS && known.get('pending') === 0 && known;
    },
    300,
    500,
  );
  const decidedS = (performance.now() - begin) / 1000;
  let backAt = 0;
  if (flag('slack-down')) {
    await stage.forward(DOWN_S);
    ahead = DOWN_S * 1000;
    backAt = now();
    await stage.workspace.clearFaults();
  }
  const shown = await until(
    'all sev1 cards',
    async () => {
      const cards = await graveCards();
      return [...acceptedAt.keys()].every((name) => cards.has(name)) && cards;
    },
    600,
    200,
  );
  await pause(1_000);
  await person.stop();
  const answered = await until(
    'every press answered',
    async () => {
      const known = await acknowledgedAt();
      return [...person.pressedAt.keys()].every((ts) => known.has(ts)) && known;
    },
    120,
    200,
  );
  const delays = [...acceptedAt].map(([name, at]) =>
    Math.max(0, Number(shown.get(name)) * 1000 - Math.max(at, backAt)),
  );
  const presses = [...person.pressedAt].map(([ts, at]) => (answered.get(ts) ?? Number.NaN) - at);
  const endS = (performance.now() - begin) / 1000 + ahead / 1000;
  const calls = (await stage.workspace.calls()).filter(({ method }) => /^chat\.|^files\./.test(method));
  const peak = replicas.map((replica) => memory(replica.pid() ?? 0, 'peak'));
  const onIncident = account.get('on_incident') ?? account.get('onIncident') ?? 0;
  // What a killed replica had taken without its answer reaching the sender came again, and counts as a repeat.
  const repeated = Math.max(0, onIncident - GROUPS * ALERTS);
  const twice = repeated > 0 ? `, taken twice ${repeated}` : '';
  const how = ['bundle', 'postgres', 'slack-429', 'slack-down', 'kill'].filter(flag).join(', ') || 'source, SQLite';
  console.log(`${GROUPS * ALERTS} alerts in ${GROUPS} groups within ${sentS.toFixed(1)} s (${how})`);
  console.log(
    `lost                  ${Math.max(0, GROUPS * ALERTS - onIncident)} of ${GROUPS * ALERTS} sent, dead ${account.get('dead') ?? 0}${twice}`,
  );
  console.log(`decided after         ${decidedS.toFixed(1)} s`);
  const since = backAt > 0 ? `after Slack was back from ${DOWN_S} s` : 'after its acceptance';
  console.log(
    `first sev1 card       ${Math.round(Math.min(...delays))} ms ${since}; all ${delays.length}: ${quantiles(delays)}`,
  );
  console.log(`presses answered      ${presses.length}: ${quantiles(presses)}, pressed again ${person.again()}`);
  console.log(`most memory           ${peak.map((mb) => `${mb} MB`).join(' and ')}`);
  console.log(
    `calls to Slack        ${calls.filter(({ ok }) => ok).length} taken, ${calls.filter(({ ok }) => !ok).length} refused, in ${endS.toFixed(0)} s; one a second a channel would be ${Math.ceil(endS)}`,
  );
} finally {
  await stage.close();
  await postgres?.close();
}
