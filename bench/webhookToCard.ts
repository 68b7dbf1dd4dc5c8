// From the accepted webhook to the card in Slack: p50, p95, p99 over new incidents, the resident memory after them, and
// start to ready. The responder runs as a process of its own against simulators in another; the simulated Slack limits
// posts as Slack does. Run: node bench/webhookToCard.ts [--bundle] [--rate=1] [--channels=1] [--count=100]
import { flag, memory, openStage, option, quantiles, slackConnected, until } from './stage.ts';

const RATE = option('rate', 1);
const CHANNELS = option('channels', 1);
const COUNT = option('count', 100);

const channels = Array.from({ length: CHANNELS }, (_, index) => (CHANNELS === 1 ? '#incidents' : `#bench-${index}`));
const stage = await openStage({
  routes: channels.map((channel, index) => ({ match: { slot: String(index) }, channel })),
  ownChannel: { enabled: false },
});
try {
  for (const name of CHANNELS > 1 ? channels : [])
    await fetch(`${stage.slackApiUrl}conversations.create`, {
      method: 'POST',
      headers: { authorization: 'Bearer xoxb-simulated', 'content-type': 'application/json' },
      body: JSON.stringify({ name: name.slice(1) }),
    });
  const responder = await stage.replica();
  const begin = performance.now();
  await responder.start();
  const startMs = performance.now() - begin;
  const pid = responder.pid() ?? 0;
  await slackConnected(responder);
  await new Promise((wake) => setTimeout(wake, 2_000));
  const idle = memory(pid);

  const accepted = new Map<string, number>();
  for (let index = 0; index < COUNT; index += 1) {
    const at = Date.now();
    const name = `Bench${index}x`;
    const body = {
      version: '4',
      groupKey: name,
      status: 'firing',
      receiver: 'r',
      alerts: [
        {
          status: 'firing',
          labels: {
            alertname: name,
            severity: 'critical',
            namespace: `ns-${index}`,
            deployment: `app-${index}`,
            slot: String(index % CHANNELS),
          },
          annotations: {},
          startsAt: new Date().toISOString(),
        },
      ],
    };
    const response = await fetch(`${responder.url}/webhooks/alertmanager`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    if (response.status !== 200) throw new Error(`the webhook answered ${response.status}`);
    accepted.set(name, Date.now());
    await new Promise((wake) => setTimeout(wake, Math.max(0, at + 1000 / RATE - Date.now())));
  }
  const posted = await until(
    'all cards',
    async () => {
      const calls = (await stage.workspace.calls('chat.postMessage')).filter(
        (call) => call.ok && call.args.thread_ts === undefined,
      );
      const times = new Map(calls.map((call) => [/Bench\d+x/.exec(String(call.args.text))?.[0] ?? '', call.at]));
      return [...accepted.keys()].every((name) => times.has(name)) && times;
    },
    180,
  );
  const delays = [...accepted].map(([name, at]) => (posted.get(name) ?? Number.NaN) - at);
  console.log(
    `responder: ${flag('bundle') ? 'bundle' : 'source'}; ${COUNT} incidents at ${RATE}/s over ${CHANNELS} channel(s)`,
  );
  console.log(`start to ready        ${Math.round(startMs)} ms`);
  console.log(`accepted to card      ${quantiles(delays)}`);
  console.log(`resident memory       ${idle} MB idle, ${memory(pid)} MB after`);
} finally {
  await stage.close();
}
