import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, expect, test } from '@jest/globals';
import { type Product, startProduct, TOKEN, until } from './product.ts';

let closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.reverse()) await close();
  closers = [];
});

/** One secret a field, so that what leaks says where it came from. */
const planted: string[] = [];
function secret(field: string): string {
  const made = `zQ9x-${field}-W7kPv3`;
  planted.push(made);
  return made;
}
/** The same for fields that only a token's own shape gives away. */
function token(field: string): string {
  const made = `ghp_${`${field}R4nd0mT0k3nR4nd0mT0k3nR4nd0mT0k3n12345`.replaceAll(/[^A-Za-z0-9]/g, '').slice(0, 36)}`;
  planted.push(made);
  return made;
}

const pem = (field: string) =>
  `-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7${secret(field).replaceAll('-', '')}\n-----END RSA PRIVATE KEY-----`;

/** An alert with a secret in everything its sender writes. */
function leakyAlert(name: string, at: string, over: object = {}): object {
  planted.push(`zQ9x${at}pemW7kPv3`);
  return {
    status: 'firing',
    labels: {
      alertname: `${name} password=${secret(`${at}-name`)}`,
      severity: `page secret=${secret(`${at}-severity`)}`,
      namespace: 'shop',
      deployment: 'checkout',
      cluster: `prod token=${secret(`${at}-cluster`)}`,
      db_password: secret(`${at}-label`),
      connection: `postgres://app:${secret(`${at}-url`)}@db:5432/shop`,
      instance: `http://admin:${secret(`${at}-instance`)}@10.0.0.7:9100/metrics`,
      [token(`${at}labelname`)]: 'x',
      token_of: token(`${at}value`),
    },
    annotations: {
      summary: `Login fails with password=${secret(`${at}-summary`)}`,
      description: `It says:\n${pem(`${at}-pem`)}\nAuthorization: Bearer ${token(`${at}bearer`)}`,
      api_key: secret(`${at}-annotation`),
      runbook_url: `https://wiki/x?access_token=${secret(`${at}-runbook`)}`,
      dashboard_url: `https://ana:${secret(`${at}-dashboard`)}@grafana/d/1`,
    },
    startsAt: new Date(Date.now() - 60_000).toISOString(),
    endsAt: '0001-01-01T00:00:00Z',
    generatorURL: `http://prom:${secret(`${at}-userinfo`)}@prometheus/graph?g0.expr=up%7Bpassword%3D%22${secret(`${at}-expr`)}%22%7D`,
    fingerprint: token(`${at}fingerprint`),
    ...over,
  };
}

function leakyDelivery(at: string, alerts: readonly unknown[]): object {
  return {
    version: '4',
    groupKey: `{}:{db_password="${secret(`${at}-groupkey`)}"}`,
    receiver: `slack token=${secret(`${at}-receiver`)}`,
    status: 'firing',
    groupLabels: { db_password: secret(`${at}-grouplabel`) },
    commonLabels: { db_password: secret(`${at}-commonlabel`) },
    commonAnnotations: { api_key: secret(`${at}-commonannotation`) },
    externalURL: `http://am:${secret(`${at}-external`)}@alertmanager/`,
    truncatedAlerts: 0,
    somethingNew: `password=${secret(`${at}-unknown`)}`,
    alerts,
  };
}

async function fallbackHook(): Promise<{ readonly url: string; readonly posts: string[] }> {
  const posts: string[] = [];
  const server = createServer((request, response) => {
    request.setEncoding('utf8');
    let body = JSON.stringify(request.headers);
    request.on('data', (piece) => {
      body += piece;
    });
    request.on('end', () => {
      posts.push(body);
      response.writeHead(200).end();
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  closers.push(() => new Promise((done) => server.close(done)));
  const address = server.address();
  return { url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/hook`, posts };
}

async function start(): Promise<{ product: Product; file: string; posts: string[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'leaks-'));
  closers.push(() => rmSync(folder, { recursive: true, force: true }));
  const hook = await fallbackHook();
  writeFileSync(join(folder, 'responder.yaml'), 'fallback: {after: 1s, webhookVariable: HOOK}\n');
  const file = join(folder, 'responder.db');
  const product = await startProduct({
    DATABASE_URL: `sqlite:${file}`,
    RESPONDER_CONFIG: join(folder, 'responder.yaml'),
    HOOK: hook.url,
  });
  closers.push(() => product.close());
  return { product, file, posts: hook.posts };
}

/** Whatever the store holds, row by row. */
function rowsOf(file: string): string {
  const database = new DatabaseSync(file, { readOnly: true });
  const tables = database.prepare("select name from sqlite_schema where type = 'table'").all();
  const rows = tables.map(({ name }) => JSON.stringify(database.prepare(`select * from "${String(name)}"`).all()));
  database.close();
  return rows.join('\n');
}

/** What the app itself said to Slack; people's own messages stay theirs. */
async function toSlack(product: Product): Promise<string> {
  const said = await product.workspace.calls();
  const files = (await product.workspace.messages('#incidents')).flatMap((message) => message.files ?? []);
  const auth = { headers: { authorization: 'Bearer xoxb-simulated' } };
  const contents = await Promise.all(files.map(async ({ url_private }) => (await fetch(url_private, auth)).text()));
  return [JSON.stringify(said), JSON.stringify(await product.workspace.ephemerals('ana')), ...contents].join('\n');
}

async function say(product: Product, text: string): Promise<unknown> {
  const response = await fetch(`${product.app.url}/api/commands`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ text, user: `ana token=${secret('terminal-user')}` }),
  });
  return response.text();
}

/** The simulated workspace greets with an incident of its own, which may come first. */
async function numberOf(product: Product, title: string): Promise<number> {
  const { incidents }: { incidents: { number: number; title: string }[] } = await (
    await product.api('/api/incidents')
  ).json();
  return incidents.find((one) => one.title.includes(title))?.number ?? 0;
}

async function peopleWrite(product: Product, thread: string): Promise<string> {
  const { workspace } = product;
  const number = await numberOf(product, 'LoginFails');
  const path = `/api/incidents/${number}`;
  const typed = { user: 'ana', channel: '#incidents' };
  const command = (text: string) => workspace.command({ ...typed, text: `/lambda ${text}` });
  await command(`note #${number} the password: ${secret('note')}`);
  await command(`declare payments stuck, token=${secret('declared')} --severity sev3`);
  await command(`password=${secret('nonsense')} is no command`);
  await command(`diag logs checkout --grep password=${secret('flag')}`);
  await workspace.mention({ ...typed, text: `note #${number} api_key=${secret('mention')}`, thread });
  const pinned = await workspace.message({ ...typed, text: `db password=${secret('pinned')}`, thread });
  await workspace.pin({ ...typed, ts: pinned.ts });
  const marked = await workspace.message({ ...typed, text: `export MINIO_SECRET_KEY=${secret('reaction')}`, thread });
  await workspace.react({ ...typed, ts: marked.ts, name: 'pushpin' });
  const chosen = await workspace.message({ ...typed, text: `pass\u200Bword=${secret('shortcut')}`, thread });
  await workspace.shortcut({ ...typed, callbackId: 'add_to_timeline', ts: chosen.ts });
  const answers = [
    await say(product, `note #${number} client_secret=${secret('terminal')}`),
    await say(product, `password=${secret('terminal-nonsense')}`),
  ];
  await until('what people wrote', async () => {
    const found = await (await product.api(path)).text();
    return ['note', 'mention', 'pinned', 'reaction', 'shortcut', 'terminal'].length <= found.split('[redacted]').length;
  });
  await command(`resolve #${number} rotated, new password=${secret('resolution')}`);
  await until('the resolution', async () => (await (await product.api(path)).text()).includes('"status":"resolved"'));
  await command(`postmortem ${number}`);
  return answers.join('\n');
}

async function everyDoor(product: Product): Promise<Readonly<Record<string, string>>> {
  const text = async (path: string) => (await product.api(path)).text();
  const all = async (...paths: readonly string[]) => (await Promise.all(paths.map(text))).join('\n');
  const numbers = [1, 2, 3, 4, 5];
  return {
    API: await all(
      '/api/incidents',
      '/api/jobs',
      '/api/refused',
      '/readyz',
      ...numbers.map((number) => `/api/incidents/${number}`),
    ),
    export: await all(
      ...numbers.flatMap((number) => ['md', 'json'].map((as) => `/api/incidents/${number}/postmortem?format=${as}`)),
    ),
    page: await all('/incidents', ...numbers.map((number) => `/incidents/${number}`)),
    metrics: await text('/metrics'),
  };
}

function found(places: Readonly<Record<string, string>>): Readonly<Record<string, readonly string[]>> {
  const leaks = Object.entries(places).map(
    ([place, text]) => [place, planted.filter((each) => text.includes(each))] as const,
  );
  return Object.fromEntries(leaks.filter(([, secrets]) => secrets.length > 0));
}

test('no secret that a sender or a person writes passes any door, or stays in the store', async () => {
  const { product, file, posts } = await start();
  const first = leakyDelivery('am', [
    leakyAlert('LoginFails', 'am'),
    { status: 'firing', labels: { db_password: secret('rejected') }, annotations: {} },
  ]);
  expect(await product.deliver(first)).toBe(200);
  const card = await until('the card', async () =>
    (await product.workspace.messages('#incidents')).find((message) => JSON.stringify(message).includes('LoginFails')),
  );
  // So many that they are taken in and decided about in slices.
  const many = Array.from({ length: 600 }, (_, index) =>
    index === 0 ? leakyAlert('SlowPods', 'many') : { labels: { alertname: 'SlowPods', pod: `web-${index}` } },
  );
  expect(await product.deliver(leakyDelivery('many', many))).toBe(200);
  const refused = await fetch(`${product.app.url}/webhooks/alertmanager`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}` },
    body: `{"alerts": 1, "password": "${secret('refused')}"}`,
  });
  const refusal = await refused.text();
  const answers = await peopleWrite(product, card.ts);

  await product.workspace.fault({ kind: 'down', method: 'chat.postMessage' });
  const grave = {
    labels: { alertname: 'Down', incident_severity: 'sev1', deployment: 'cart', db_password: secret('sev1') },
  };
  expect(await product.deliver(leakyDelivery('sev1', [leakyAlert('Down', 'grave', grave)]))).toBe(200);
  await until('the fallback', async () => posts.length > 0, 40);

  const places = {
    Slack: await toSlack(product),
    ...(await everyDoor(product)),
    refusal,
    answers,
    log: product.log(),
    fallback: posts.join('\n'),
  };
  expect(places.Slack).toContain('[redacted]');
  expect(found(places)).toEqual({});
  await closers.pop()?.();
  expect(found({ store: rowsOf(file) })).toEqual({});
}, 400_000);

test('who an alert is about is never taken for a secret, and a label that was one matches no silence', async () => {
  const { product } = await start();
  const labels = {
    alertname: 'SecretMissing',
    severity: 'warning',
    namespace: 'token-service',
    pod: 'password-reset-7d9f6c5b4-x2x9k',
    secret: 'minio-credentials',
    image:
      'registry.local:5000/auth/token-issuer@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    db_password: secret('silenced'),
  };
  await product.deliver({
    version: '4',
    externalURL: `http://am:${secret('silence-url')}@alertmanager.acme.dev/am`,
    alerts: [
      { labels, startsAt: new Date().toISOString(), generatorURL: `http://p.acme.dev/?token=${secret('graph')}` },
    ],
  });
  const card = await until('the card', async () =>
    (await product.workspace.messages('#incidents')).find((message) =>
      JSON.stringify(message).includes('SecretMissing'),
    ),
  );
  const path = `/api/incidents/${await numberOf(product, 'SecretMissing')}`;
  const known: { alerts: { labels: Record<string, string> }[] } = await (await product.api(path)).json();
  expect(known.alerts[0]?.labels).toEqual({ ...labels, db_password: '[redacted]' });
  const shown = decodeURIComponent(JSON.stringify(card.blocks));
  expect(shown).toContain('http://alertmanager.acme.dev/am/#/silences/new?filter=');
  expect(shown).toContain('minio-credentials');
  expect(shown).not.toMatch(/redacted|db_password|http:\/\/p\.acme/);
}, 180_000);

test('what an older release let into the store passes no door either', async () => {
  const { product, file } = await start();
  await product.deliver({
    version: '4',
    alerts: [{ labels: { alertname: 'Old' }, startsAt: new Date().toISOString() }],
  });
  await until('the card', async () => (await product.workspace.messages('#incidents')).length > 0);
  const database = new DatabaseSync(file, { timeout: 10_000 });
  const old = { db_password: secret('old-label'), summary: `password=${secret('old-text')}` };
  database.exec(`update incident_alerts set state = json_set(state, '$.labels', json('${JSON.stringify(old)}'))`);
  database.exec(
    `update incidents set state = json_set(json_remove(state, '$.sentence'), '$.title', 'Old password=${secret('old-title')}')`,
  );
  database.exec(`update timeline set text = 'said token=${secret('old-entry')}'`);
  database.close();
  await product.workspace.command({
    user: 'ana',
    channel: '#incidents',
    text: `/lambda ack #${await numberOf(product, 'Old')}`,
  });
  await until('the card', async () => (await toSlack(product)).includes('Old password'));
  await product.workspace.command({ user: 'ana', channel: '#incidents', text: '/lambda status' });
  const doors = await everyDoor(product);
  expect(found({ Slack: await toSlack(product), ...doors, log: product.log() })).toEqual({});
  expect(doors.page).toContain('[redacted]');
}, 180_000);
