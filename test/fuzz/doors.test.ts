import { createHmac } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { startWorkspace, type Workspace } from '../../simulator/workspace/start.ts';
import { parseSettings } from '../../src/config/file.ts';
import { ResponderError } from '../../src/errors.ts';
import { parsePlaybook } from '../../src/playbooks/parsePlaybook.ts';
import { alert, delivery, type Product, startProduct, TOKEN, until } from '../acceptance/product.ts';

/** Cases of each kind; FUZZ_RUNS=20000 for a long night. */
const RUNS = Number(process.env.FUZZ_RUNS ?? 300);

let slack: Workspace;
let product: Product;
beforeAll(async () => {
  slack = await startWorkspace();
  product = await startProduct({
    LOG_LEVEL: 'error',
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_SIGNING_SECRET: slack.signingSecret,
    SLACK_API_URL: slack.apiUrl,
    SIMULATE: 'cluster,metrics',
  });
}, 180_000);
afterAll(async () => {
  await product.close();
  await slack.close();
});

/** What real senders send, with pieces cut out, repeated or replaced. */
function mutated(text: string): fc.Arbitrary<string> {
  const at = fc.nat({ max: text.length });
  const junk = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.constantFrom('\0', '"', '{', ']', '\\u0000', '\ud800', '1e999', 'null', '-0', '__proto__', '<!channel>', '%00'),
  );
  return fc.tuple(at, at, junk).map(([from, to, piece]) => text.slice(0, from) + piece + text.slice(to));
}

const goodBody = JSON.stringify(delivery([alert('Fuzz', { deployment: 'checkout' }), alert('Fuzz', { pod: 'a-b-c' })]));

async function isAlive(): Promise<void> {
  expect((await fetch(`${product.app.url}/readyz`)).status).toBe(200);
}

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

function heapAfterCollection(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

describe('the webhook', () => {
  const post = async (body: string): Promise<number> => {
    const response = await fetch(`${product.app.url}/webhooks/alertmanager`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      body,
    });
    await response.text();
    return response.status;
  };

  test('answers 200 or 400 to any body, and goes on', async () => {
    const body = fc.oneof(mutated(goodBody), fc.json(), fc.string({ unit: 'binary', maxLength: 200 }));
    await fc.assert(
      fc.asyncProperty(body, async (text) => {
        expect([200, 400]).toContain(await post(text));
      }),
      { numRuns: RUNS },
    );
    await isAlive();
  }, 300_000);

  test('answers a body nested a hundred thousand times', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    expect(await post(deep)).toBe(400);
    expect([200, 400]).toContain(await post(goodBody.replace('"Fuzz"', deep)));
    await isAlive();
  });

  test('keeps no memory of what it refused', async () => {
    const refused = `{"alerts": 1, "x": "${'x'.repeat(100_000)}"`;
    for (let count = 0; count < 50; count += 1) await post(refused);
    const before = heapAfterCollection();
    for (let count = 0; count < 300; count += 1) expect(await post(refused)).toBe(400);
    // 30 MB were sent; what stays must not be of that order.
    expect(heapAfterCollection() - before).toBeLessThan(20 * 1024 * 1024);
    await isAlive();
  }, 180_000);
});

describe('what is signed by Slack', () => {
  const post = async (type: string, body: string): Promise<number> => {
    const stamp = String(Math.floor(Date.now() / 1000));
    const signature = createHmac('sha256', slack.signingSecret).update(`v0:${stamp}:${body}`).digest('hex');
    const response = await fetch(`${product.app.url}/slack/events`, {
      method: 'POST',
      headers: {
        'content-type': type,
        'x-slack-request-timestamp': stamp,
        'x-slack-signature': `v0=${signature}`,
      },
      body,
    });
    await response.text();
    return response.status;
  };
  const command = new URLSearchParams({
    command: '/lambda',
    text: 'diag jobs',
    user_id: 'U0ANA',
    user_name: 'ana',
    channel_id: 'C0INCIDENTS',
    trigger_id: '1.2.abc',
    response_url: 'http://127.0.0.1:9/never',
    team_id: 'T0',
  }).toString();
  const event = JSON.stringify({
    type: 'event_callback',
    event_id: 'Ev1',
    team_id: 'T0',
    event: { type: 'app_mention', user: 'U0ANA', channel: 'C0INCIDENTS', ts: '1.000001', text: '<@U0BOT> diag jobs' },
  });
  const action = JSON.stringify({
    type: 'block_actions',
    user: { id: 'U0ANA', username: 'ana', team_id: 'T0' },
    channel: { id: 'C0INCIDENTS' },
    container: { type: 'message', message_ts: '1.000001', channel_id: 'C0INCIDENTS' },
    trigger_id: '1.2.abc',
    actions: [{ type: 'button', action_id: 'run', block_id: 'b', value: '#1 ack', action_ts: '1.1' }],
  });

  test('never crashes the responder, whatever is in it', async () => {
    const form = 'application/x-www-form-urlencoded';
    const sent = fc.oneof(
      mutated(command).map((body) => [form, body] as const),
      mutated(event).map((body) => ['application/json', body] as const),
      mutated(action).map((body) => [form, `payload=${encodeURIComponent(body.toWellFormed())}`] as const),
      fc.json().map((body) => [form, `payload=${encodeURIComponent(body.toWellFormed())}`] as const),
    );
    await fc.assert(
      fc.asyncProperty(sent, async ([type, body]) => {
        const status = await post(type, body.toWellFormed());
        expect(status).toBeGreaterThanOrEqual(200);
        expect(status).toBeLessThanOrEqual(500);
      }),
      { numRuns: RUNS },
    );
    await isAlive();
  }, 360_000);
});

test('after all that an alert still gets its card', async () => {
  expect(
    await product.deliver(delivery([alert('AfterTheFuzz', { deployment: 'survivor', severity: 'critical' })])),
  ).toBe(200);
  await until(
    'the incident',
    async () => {
      const { incidents } = await (await product.api('/api/incidents')).json();
      return incidents.some(({ title }: { title: string }) => title.includes('AfterTheFuzz'));
    },
    60,
  );
}, 240_000);

describe('files people write', () => {
  const yaml = [
    'profile: operator\nquiet: { autoResolve: 5m, remindAt: [30m, 4h] }\nroutes:\n  - match: { team: "/pay.*/" }\n    channel: "#pay"\n',
    'a: &a [x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b]\nd: [*c, *c, *c, *c, *c, *c, *c, *c]\n',
  ];
  test('responder.yaml: any text is settings or an error that names the file', () => {
    const text = fc.oneof(...yaml.map(mutated), fc.string({ unit: 'binary', maxLength: 300 }));
    fc.assert(
      fc.property(text, (content) => {
        try {
          parseSettings('r.yaml', content);
        } catch (error) {
          expect(error).toBeInstanceOf(ResponderError);
          expect(String(error)).toContain('r.yaml');
        }
      }),
      { numRuns: RUNS * 2 },
    );
    for (const content of yaml) {
      try {
        parseSettings('r.yaml', content);
      } catch (error) {
        expect(error).toBeInstanceOf(ResponderError);
      }
    }
  });

  const runbook =
    '---\nalerts: [Checkout]\nowner: shop\nseverity: sev2\n---\n# Checkout\n\n## First five minutes\n\n1. Look:\n\n   ```lambda automatic\n   diag pods -n {{ labels.namespace }}\n   ```\n\n- a\n- b\n';
  test('a runbook: any text is a playbook or problems with a line, never an exception', () => {
    const text = fc.oneof(mutated(runbook), fc.string({ unit: 'binary', maxLength: 300 }));
    fc.assert(
      fc.property(text, (content) => {
        const { problems } = parsePlaybook('fuzz', 'fuzz.md', content);
        for (const { line, problem } of problems) {
          expect(line).toBeGreaterThanOrEqual(0);
          expect(problem).not.toBe('');
        }
      }),
      { numRuns: RUNS * 2 },
    );
  });
});
