import { createHmac } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { startWorkspace } from '../../simulator/workspace/start.ts';
import { createLogger } from '../../src/logger.ts';
import { startSlack } from '../../src/slack/startSlack.ts';
import { type Bench, configFor, startBench, until } from './bench.ts';
import { memoryPorts } from './memoryPorts.ts';

const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});
const start = async (options: Parameters<typeof startBench>[0] = {}): Promise<Bench> => {
  const bench = await startBench(options);
  opened.push(() => bench.close());
  return bench;
};

describe('the connection in Socket Mode', () => {
  test('knows who it is once connected', async () => {
    const { door } = await start();
    expect(door.status()).toMatchObject({
      connected: true,
      mode: 'socket',
      team: 'Simulated workspace',
      botUserId: 'U0RESPONDER',
      problem: null,
    });
  });

  test('starts although Slack is down, and connects when it is back', async () => {
    const bench = await start();
    await bench.people.fault({ kind: 'down' });
    const second = await startSlack({
      config: configFor(bench.workspace),
      ports: memoryPorts(),
      log: createLogger({ level: 'silent' }),
    });
    opened.push(() => second.close());
    await until(() => second.status().problem?.includes('did not answer') === true);
    expect(second.status().connected).toBe(false);
    await bench.people.clearFaults();
    await until(() => second.status().connected);
  });

  test('leaves nothing open when it is closed while it connects', async () => {
    const bench = await start();
    await bench.people.fault({ kind: 'slow', method: 'apps.connections.open', seconds: 0.3 });
    const second = await startSlack({
      config: configFor(bench.workspace),
      ports: memoryPorts(),
      log: createLogger({ level: 'silent' }),
    });
    await until(async () => (await bench.people.calls('apps.connections.open')).length === 2);
    await second.close();
    // Long enough for the connection that was under way to open, which has to be closed again.
    await new Promise((wake) => setTimeout(wake, 1_000));
    expect((await bench.people.status()).sockets).toBe(1);
    expect(bench.door.status().connected).toBe(true);
  });

  test('comes back after the socket was cut', async () => {
    const bench = await start();
    await bench.people.fault({ kind: 'drop_socket' });
    await until(() => !bench.door.status().connected);
    await until(() => bench.door.status().connected);
    const taken = await bench.people.command({ user: 'ana', channel: '#incidents', text: '/lambda help' });
    expect(taken.outcome).toBe('acked');
  });

  test('opens the next connection before it closes one Slack wants replaced', async () => {
    const bench = await start();
    await bench.people.refresh({ reason: 'warning', graceMs: 3_000 });
    for (let press = 0; press < 20; press += 1) {
      const taken = await bench.people.command({ user: 'ana', channel: '#incidents', text: `/lambda note ${press}` });
      expect(taken.outcome).toBe('acked');
    }
    expect(bench.ports.submitted).toHaveLength(20);
    expect(bench.door.status().connected).toBe(true);
    await until(async () => (await bench.people.status()).sockets === 1);
  });

  test('acknowledges on a connection what came over it, before it closes that one', async () => {
    const bench = await start();
    const slow = slowStore(bench);
    const typed = { user: 'ana', channel: '#incidents', text: '/lambda help' };
    const first = bench.people.command(typed);
    await until(() => slow.begun === 1);
    await bench.people.refresh({ reason: 'warning', graceMs: 3_000 });
    expect((await first).outcome).toBe('acked');
    const second = bench.people.command(typed);
    await until(() => slow.begun === 2);
    const closed = bench.door.close();
    // It is still the only connection there is: what comes now comes over it, and Slack sends no command twice.
    const third = bench.people.command(typed);
    expect([(await second).outcome, (await third).outcome]).toEqual(['acked', 'acked']);
    await closed;
  });

  test('opens no second connection within a second when Slack wants each replaced at its greeting, and says so', async () => {
    const bench = await start({ eager: true });
    await bench.people.fault({ kind: 'refresh_at_hello' });
    const begun = Date.now();
    await until(() => bench.door.status().problem?.includes('in a row within a minute') === true);
    const took = Date.now() - begun;
    const opened = (await bench.people.calls('apps.connections.open')).map(({ at }) => at);
    const gaps = opened.slice(1).map((at, index) => at - (opened[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(990);
    expect(gaps.length).toBeLessThanOrEqual(Math.ceil(took / 1_000));
    // Commands come all the same, over the connection that is being replaced.
    const taken = await bench.people.command({ user: 'ana', channel: '#incidents', text: '/lambda help' });
    expect(taken.outcome).toBe('acked');
    expect(bench.connections).toEqual(['start', ...gaps.map(() => 'refresh')]);
  });

  test('opens no second connection within a second when each is cut at its greeting', async () => {
    const bench = await start();
    const before = (await bench.people.calls('apps.connections.open')).length;
    for (let cut = 0; cut < 3; cut += 1) {
      await bench.people.fault({ kind: 'drop_socket' });
      await until(() => !bench.door.status().connected);
      await until(() => bench.door.status().connected);
    }
    const opened = (await bench.people.calls('apps.connections.open')).slice(before - 1).map(({ at }) => at);
    const gaps = opened.slice(1).map((at, index) => at - (opened[index] ?? 0));
    expect(gaps).toHaveLength(3);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(990);
    expect(bench.connections).toEqual(['start', 'lost', 'lost', 'lost']);
  });

  test.each([
    [{ botToken: 'xoxb-wrong' }, 'SLACK_BOT_TOKEN'],
    [{ appToken: 'xapp-wrong' }, 'SLACK_APP_TOKEN'],
  ])('names the variable to set when a token is wrong: %j', async (config, variable) => {
    const bench = await start({ config, eager: true });
    await until(() => bench.door.status().problem?.includes(variable) === true);
    expect(bench.door.status().connected).toBe(false);
  });
});

/** Lets every submission of the bench take a while. */
function slowStore(bench: Bench): { begun: number } {
  const seen = { begun: 0 };
  const { submit } = bench.ports.submissions;
  const slowly: typeof submit = async (...given) => {
    seen.begun += 1;
    await new Promise((wake) => setTimeout(wake, 500));
    await submit(...given);
  };
  Object.assign(bench.ports.submissions, { submit: slowly });
  return seen;
}

test('a default channel that does not exist is named in the status', async () => {
  const bench = await start({ config: { channel: '#payments' } });
  await until(() => bench.door.status().problem?.includes('There is no channel #payments') === true);
  expect(bench.door.status().connected).toBe(true);
});

test('a scope that is missing is named in what fails and in the status', async () => {
  const server = createServer((request, response) => {
    const scopeless = request.url?.endsWith('chat.postMessage') === true;
    const body = scopeless
      ? { ok: false, error: 'missing_scope', needed: 'chat:write', provided: 'commands' }
      : { ok: true, channels: [{ id: 'C0INCIDENTS', name: 'incidents' }] };
    response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  opened.push(() => closeServer(server));
  const { port } = server.address() as AddressInfo; // a TCP server that listens has one
  const ports = memoryPorts();
  const door = await startSlack({
    config: { ...(await anyConfig()), appToken: null, signingSecret: 's', apiUrl: `http://127.0.0.1:${port}/api/` },
    ports,
    log: createLogger({ level: 'silent' }),
  });
  opened.push(() => door.close());
  const id = ports.post(null, { kind: 'news', text: 'hello', broadcast: false, mention: false });
  await expect(door.delivery.deliverPost(id, AbortSignal.timeout(60_000))).rejects.toMatchObject({
    code: 'forbidden',
    retryable: true,
    message: expect.stringContaining('chat:write'),
    hint: expect.stringContaining('install it again'),
  });
  expect(door.status().problem).toContain('chat:write');
});

test.each([
  ['users:read', 'guests and people of other organisations cannot be told from members, so nobody is answered'],
  ['channels:read', 'channels shared with other organisations cannot be told from our own, so nobody is answered'],
])('without %s the status says, before anybody asks, that %s', async (scope, words) => {
  const manifest = await readFile(new URL('../../manifests/slack/socket-mode.yaml', import.meta.url), 'utf8');
  const folder = await mkdtemp(join(tmpdir(), 'manifest-'));
  opened.push(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'app.yaml'), manifest.replace(new RegExp(`^ *- ${scope} .*\n`, 'm'), ''));
  const bench = await start({ workspace: { manifests: folder } });
  expect(bench.door.status()).toMatchObject({ connected: true, problem: expect.stringContaining(words) });
  expect(bench.door.status().problem).toContain(`Add ${scope} under`);
  expect(await bench.people.calls('users.info')).toEqual([]);
  // Writes never fail open: who cannot be told from a guest is refused, and the status said so before anybody asked.
  await bench.people.command({ user: 'ana', channel: '#incidents', text: '/lambda incidents' });
  await until(() => bench.ports.submitted.length === 1);
  const invocation = bench.ports.submitted[0]?.invocation;
  expect(invocation).toMatchObject(
    scope === 'users:read' ? { membership: 'unknown', lastChecked: null } : { place: { external: null } },
  );
  expect(bench.door.status().problem).toContain(words);
});

describe('HTTP mode', () => {
  test('takes commands, presses and mentions that Slack signed', async () => {
    const bench = await start({ config: { appToken: null, signingSecret: 'simulated-signing-secret' } });
    const url = await serve(bench);
    await bench.people.requestUrl(url);
    const taken = await bench.people.command({ user: 'ana', channel: '#incidents', text: '/lambda help' });
    expect(taken.outcome).toBe('acked');
    await bench.people.mention({ user: 'jun', channel: '#incidents', text: 'help' });
    await until(() => bench.ports.submitted.length === 2);
    expect(bench.ports.submitted.map(({ invocation }) => invocation.door)).toEqual(['slash', 'mention']);
    expect(bench.door.status()).toMatchObject({ mode: 'http', connected: true });
  });

  test.each([
    ['is not signed', {}, 401],
    ['is signed with another secret', { secret: 'another' }, 401],
    ['was signed an hour ago', { secret: 'simulated-signing-secret', ageSeconds: 3_600 }, 401],
    ['is signed for six minutes from now', { secret: 'simulated-signing-secret', ageSeconds: -360 }, 401],
    ['is signed by a clock four minutes ahead', { secret: 'simulated-signing-secret', ageSeconds: -240 }, 200],
    ['is signed by Slack', { secret: 'simulated-signing-secret' }, 200],
  ])(
    'answers what %s with its own status',
    async (_what, { secret, ageSeconds = 0 }: { secret?: string; ageSeconds?: number }, status) => {
      const bench = await start({ config: { appToken: null, signingSecret: 'simulated-signing-secret' } });
      const url = await serve(bench);
      const body = JSON.stringify({ type: 'url_verification', challenge: 'abc' });
      const stamp = String(Math.floor(Date.now() / 1_000) - ageSeconds);
      const signature = secret ? createHmac('sha256', secret).update(`v0:${stamp}:${body}`).digest('hex') : '';
      const headers = {
        'content-type': 'application/json',
        ...(secret ? { 'x-slack-request-timestamp': stamp, 'x-slack-signature': `v0=${signature}` } : {}),
      };
      const answer = await fetch(url, { method: 'POST', headers, body });
      expect(answer.status).toBe(status);
      if (status === 200) expect(await answer.json()).toEqual({ challenge: 'abc' });
    },
  );

  test('does not acknowledge an event it could not store', async () => {
    const bench = await start({ config: { appToken: null, signingSecret: 'simulated-signing-secret' } });
    await bench.people.requestUrl(await serve(bench));
    bench.ports.trouble.submissions = 'failed';
    await bench.people.mention({ user: 'jun', channel: '#incidents', text: 'help' });
    await until(async () => (await bench.people.ephemerals('jun')).length > 0);
    bench.ports.trouble.submissions = 'none';
    await until(() => bench.ports.submitted.length === 1);
  });
});

test('without an app token and a signing secret it says what to set', async () => {
  await expect(
    startSlack({
      config: { ...(await anyConfig()), appToken: null, signingSecret: null },
      ports: memoryPorts(),
      log: createLogger({ level: 'silent' }),
    }),
  ).rejects.toMatchObject({ code: 'config_invalid', message: expect.stringContaining('SLACK_APP_TOKEN') });
});

async function anyConfig(): Promise<ReturnType<typeof configFor>> {
  const workspace = await startWorkspace();
  opened.push(() => workspace.close());
  return configFor(workspace);
}

async function serve(bench: Bench): Promise<string> {
  const server = createServer((request, response) => bench.door.requestHandler?.(request, response, async () => null));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  opened.push(() => closeServer(server));
  const { port } = server.address() as AddressInfo; // a TCP server that listens has one
  return `http://127.0.0.1:${port}/slack/events`;
}

async function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}
