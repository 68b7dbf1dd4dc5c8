import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { DIAGNOSTICS } from '../../src/commands/diagnostics.ts';
import { COMMANDS } from '../../src/commands/index.ts';
import { alert, delivery, type Product, shown, startProduct, TOKEN, until } from './product.ts';
import { ROOT, typed } from './program.ts';

/**
 * Each command, diagnostic, route, Slack door and subcommand once, on what is shipped when `BUNDLE=1`. What must be called is
 * read from the product's own tables, so that whoever adds one has to say here how it is called.
 */
const PERSON = 'everyDoor-person';

/** In an order in which each can be done, to incident 1 unless it says otherwise. */
const LINES: Readonly<Record<string, readonly string[]>> = {
  help: ['help', 'help diag'],
  ack: ['ack 1'],
  unack: ['unack 1'],
  note: ['note #1 raised the limit'],
  runbook: ['runbook 1', 'runbook --list', 'runbook run 1 -i 1'],
  status: ['status', 'status 1'],
  incidents: ['incidents', 'incidents --all'],
  here: ['here'],
  severity: ['severity 1 sev2'],
  escalate: ['escalate 1'],
  page: ['page 1 all', 'page'],
  oncall: ['oncall', 'oncall 1'],
  snooze: ['snooze 1 1h'],
  declare: ['declare customers report timeouts --severity sev3 -n shop'],
  merge: ['merge 2 into 1'],
  split: ['split 2'],
  mitigate: ['mitigate 1 traffic is on the old revision'],
  resolve: ['resolve 1 raised the limit'],
  reopen: ['reopen 1 it is back'],
  postmortem: ['postmortem 1', 'postmortem 1 --format json'],
  diag: DIAGNOSTICS.map(({ name }) => `diag ${name}${argumentOf(name)} -i 1`),
};

function argumentOf(diagnostic: string): string {
  return diagnostic === 'function' ? ' hello-nodejs' : '';
}

let folder: string;
let product: Product;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'doors-'));
  const config = join(folder, 'responder.yaml');
  writeFileSync(
    config,
    `people: [{ name: kim, tokenVariable: KIM_TOKEN }]
escalation: { sev1: all, sev2: all, policies: [{ name: all, rungs: [{ notify: [group: oncall] }] }] }
`,
  );
  product = await startProduct({ RESPONDER_CONFIG: config, KIM_TOKEN: PERSON });
  await until('the incident that greets', async () => (await product.api('/api/incidents/1')).ok);
}, 180_000);

afterAll(async () => {
  await product?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Calls of commands by their door and by what came of them, as the metrics count them. */
async function commandsBy(door: string): Promise<Readonly<Record<string, number>>> {
  const page = await (await product.api('/metrics')).text();
  const counted = page.matchAll(/^responder_commands_total\{door="(\w+)",outcome="(\w+)"\} (\d+)/gm);
  return Object.fromEntries([...counted].filter((row) => row[1] === door).map((row) => [row[2], Number(row[3])]));
}

/** What nobody foresaw: a part that is missing in what is shipped shows itself so, whatever the answer says. */
async function surprises(): Promise<readonly string[]> {
  const page = await (await product.api('/metrics')).text();
  return page.split('\n').filter((line) => /^responder_\w+\{.*"internal".*\} [1-9]/.test(line));
}

test('every command and every diagnostic answers', async () => {
  expect(Object.keys(LINES).toSorted()).toEqual(COMMANDS.map(({ name }) => name).toSorted());
  for (const text of Object.values(LINES).flat()) {
    const response = await fetch(`${product.app.url}/api/commands`, {
      method: 'POST',
      headers: { authorization: `Bearer ${PERSON}`, 'content-type': 'application/json' },
      body: JSON.stringify({ text }),
    });
    const answer: { tone: string; notes: readonly string[] } = await response.json();
    expect([text, response.status, answer.tone]).toEqual([text, 200, expect.not.stringMatching('error')]);
    expect([text, JSON.stringify(answer)]).toEqual([
      text,
      expect.not.stringMatching(/is not a (function|constructor)|Cannot read properties|is not defined|Cannot find/),
    ]);
  }
  expect(await surprises()).toEqual([]);
}, 300_000);

test('every door of Slack leads to the command', async () => {
  const { workspace } = product;
  await product.deliver(delivery([alert('EveryDoor', { deployment: 'checkout' })]));
  const card = await until('the card', async () =>
    (await workspace.messages('#incidents')).find((message) => shown(message).includes('EveryDoor')),
  );
  const number = /#(\d+)/.exec(shown(card))?.[1] ?? '';
  const press = (ts: string, actionId: string, value?: string) =>
    workspace.click({ user: 'ana', channel: '#incidents', ts, actionId, ...(value ? { value } : {}) });
  const answered = (door: string, times: number) =>
    until(`${times} answers behind ${door}`, async () => (await commandsBy(door)).ok === times, 30);

  await workspace.command({ user: 'ana', channel: '#incidents', text: '/lambda diag golden' });
  await answered('slash', 1);
  await workspace.mention({ user: 'ana', channel: '#incidents', thread: card.ts, text: 'diag slo' });
  await answered('mention', 1);
  await press(card.ts, 'lambda:ack');
  await answered('button', 1);
  await until('the card to offer a note', async () =>
    (await workspace.messages('#incidents')).some(
      (message) => message.ts === card.ts && shown(message).includes('lambda:note'),
    ),
  );
  await press(card.ts, 'lambda:note');
  await until('the form', async () => (await workspace.modals('ana')).length > 0);
  await workspace.viewSubmit({ user: 'ana', values: { text: 'from the form' } });
  await answered('button', 2);
  await workspace.openHome('ana');
  await until('the home tab', async () => workspace.home('ana'));

  const said = await workspace.message({ user: 'ana', channel: '#incidents', text: 'the cache was cold' });
  const pinned = await workspace.message({ user: 'ana', channel: '#incidents', thread: card.ts, text: 'rolled back' });
  await workspace.pin({ user: 'ana', channel: '#incidents', ts: pinned.ts });
  await workspace.shortcut({ user: 'ana', callbackId: 'add_to_timeline', channel: '#incidents', ts: said.ts });
  const timeline = async () => (await product.api(`/api/incidents/${number}`)).text();
  await until('the pinned message on the timeline', async () => (await timeline()).includes('rolled back'));
  expect(await timeline()).toContain('from the form');
  expect(await surprises()).toEqual([]);
}, 300_000);

/** `get /api/incidents/:number`, as the source registers them. */
function routes(): readonly string[] {
  const sources = readdirSync(join(ROOT, 'src/http')).filter((name) => name.endsWith('.ts'));
  const pattern = /\b(?:scope|app|open)\.(get|post|put|delete|patch)(?:<[^(]*>)?\(\s*'([^']+)'/g;
  return sources.flatMap((name) =>
    [...readFileSync(join(ROOT, 'src/http', name), 'utf8').matchAll(pattern)].map(
      ([, verb, path]) => `${verb} ${path}`,
    ),
  );
}

test('every address of HTTP answers', async () => {
  const runbooks = await (await product.api('/runbooks')).text();
  const expected: Readonly<
    Record<string, { readonly path?: string; readonly body?: unknown; readonly status: number }>
  > = {
    'post /webhooks/alertmanager': { body: delivery([]), status: 200 },
    'post /webhooks/alertmanager/api/v2/alerts': { body: [{ labels: { alertname: 'A' } }], status: 400 },
    'post /api/v2/alerts': { body: [{ labels: { alertname: 'A' } }], status: 400 },
    'post /slack/events': { body: {}, status: 404 }, // in Socket Mode Slack sends nothing here
    'get /api/refused': { status: 200 },
    'post /api/commands': { body: { text: 'status' }, status: 200 },
    'get /api/incidents': { status: 200 },
    'get /api/incidents/:number': { path: '/api/incidents/1', status: 200 },
    'get /api/incidents/:number/alerts': { path: '/api/incidents/1/alerts', status: 200 },
    'get /api/incidents/:number/postmortem': { path: '/api/incidents/1/postmortem', status: 200 },
    'get /api/jobs': { status: 200 },
    'get /api/jobs/:id': { path: '/api/jobs/999', status: 404 },
    'post /api/jobs/:id/retry': { path: '/api/jobs/999/retry', body: {}, status: 404 },
    'get /': { status: 200 },
    'get /incidents.css': { status: 200 },
    'get /incidents': { status: 200 },
    'get /incidents/:number': { path: '/incidents/1', status: 200 },
    'get /incidents/:number/chart.png': { path: '/incidents/999/chart.png', status: 404 },
    'get /runbooks': { status: 200 },
    'get /runbooks/*': { path: /href="(\/runbooks\/[^"]+)"/.exec(runbooks)?.[1] ?? '/runbooks/none', status: 200 },
    'get /healthz': { status: 200 },
    'get /readyz': { status: 200 },
    'get /metrics': { status: 200 },
  };
  expect(routes().toSorted()).toEqual(Object.keys(expected).toSorted());
  for (const [route, { path, body, status }] of Object.entries(expected)) {
    const [verb = '', registered = ''] = route.split(' ');
    const response = await fetch(`${product.app.url}${path ?? registered}`, {
      method: verb.toUpperCase(),
      headers: {
        authorization: `Bearer ${TOKEN}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    expect([route, response.status]).toEqual([route, status]);
  }
}, 180_000);

/** The subcommands that `--help` names, at any depth. */
async function subcommands(above: readonly string[] = []): Promise<readonly string[]> {
  const { out } = await typed([...above, '--help'], {});
  const names = [...(out.split('Commands:\n')[1] ?? '').matchAll(/^ {2}(\w[\w-]*)/gm)].map((row) => row[1] ?? '');
  const below = await Promise.all(names.filter((name) => name !== 'help').map((name) => subcommands([...above, name])));
  return below.length === 0 ? [above.join(' ')] : below.flat();
}

test('every subcommand of the terminal works', async () => {
  const remote = { RESPONDER_URL: product.app.url, API_TOKEN: TOKEN };
  const stored = { DATABASE_URL: product.databaseUrl };
  const rules = 'manifests/prometheus/generated/builder/alerts';
  const lines: Readonly<Record<string, readonly [line: string, env: Readonly<Record<string, string>>, code: number]>> =
    {
      run: ['run diag jobs', remote, 0],
      diag: ['diag jobs', remote, 0],
      'snapshot save': [`snapshot save ${folder} diag jobs`, stored, 2],
      'snapshot replay': [`snapshot replay ${join(folder, 'none.json')}`, {}, 2],
      completion: ['completion bash', {}, 0],
      'config check': ['config check', stored, 0],
      'config show': ['config show', stored, 0],
      postmortem: ['postmortem 1', remote, 0],
      'jobs list': ['jobs list', remote, 0],
      'jobs show': ['jobs show 999', remote, 1],
      'jobs retry': ['jobs retry 999', remote, 1],
      'jobs refused': ['jobs refused', remote, 0],
      backup: [`backup ${join(folder, 'copy.db')}`, stored, 0],
      'playbooks check': ['playbooks check', {}, 0],
      'rules lint': [`rules lint ${rules}`, {}, 1],
      'rules coverage': ['rules coverage', {}, 0],
      drill: ['drill', { WORKSPACE_PORT: new URL(product.page).port }, 0],
    };
  // `serve` is what this suite runs on.
  expect((await subcommands()).toSorted()).toEqual([...Object.keys(lines), 'serve'].toSorted());
  for (const [line, env, expected] of Object.values(lines)) {
    const { code, err } = await typed(line.split(' '), env);
    expect([line, code, err]).toEqual([line, expected, expect.not.stringMatching(/^\s+at /m)]);
  }
}, 300_000);
