import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ClusterAccess, Read } from '../../src/k8s/client/cluster.ts';
import { type ApiServer, type Asked, failure, json, open, startApiServer } from './servers.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function serve(answer: Parameters<typeof startApiServer>[0], tls = false): Promise<ApiServer> {
  const server = await startApiServer(answer, { tls });
  closers.push(server.close);
  return server;
}

function use(cluster: ClusterAccess): ClusterAccess {
  closers.push(cluster.close);
  return cluster;
}

function read(path: readonly string[] = ['api', 'v1', 'pods'], more: Partial<Read> = {}): Read {
  return { path, priority: 'person', signal: new AbortController().signal, ...more };
}

const ok = (_: Asked, response: Parameters<Parameters<typeof startApiServer>[0]>[1]) => json(response, { items: [] });

describe('a cluster', () => {
  test('reads over TLS with the authority of the kubeconfig, many reads over few connections', async () => {
    const server = await serve(ok, true);
    const cluster = use(open(server.kubeconfig()));
    for (let round = 0; round < 9; round += 1) expect(await cluster.json(read())).toEqual({ items: [] });
    expect(server.connections()).toBeLessThanOrEqual(2);
    expect(server.asked[0]?.headers.authorization).toBe('Bearer sesame-1234');
  });

  test('names a certificate that is not trusted, and what to check', async () => {
    const server = await serve(ok, true);
    const cluster = use(open(server.kubeconfig({}, { 'certificate-authority-data': undefined })));
    await expect(cluster.json(read())).rejects.toMatchObject({
      code: 'unreachable',
      hint: expect.stringContaining('certificate-authority-data'),
    });
  });

  test.each([
    [401, 'unauthorized'],
    [403, 'forbidden'],
    [404, 'not_found'],
    [410, 'gone'],
    [429, 'rate_limited'],
    [500, 'unavailable'],
    [503, 'unavailable'],
    [302, 'unavailable'],
  ])('says of HTTP %i that it is %s, with what was asked and what the server said', async (status, code) => {
    const server = await serve((_, response) =>
      failure(response, status, 'pods is a mystery', { 'retry-after': '60' }),
    );
    const cluster = use(open(server.kubeconfig()));
    await expect(cluster.json(read())).rejects.toMatchObject({
      code,
      message: expect.stringMatching(/^cluster \S+: list pods: /),
      hint: expect.any(String),
    });
  });

  test('says that nobody listens, and where', async () => {
    const server = await serve(ok);
    const cluster = use(open(server.kubeconfig()));
    await server.close();
    await expect(cluster.json(read())).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining(server.url),
      hint: expect.stringContaining('reachable'),
    });
  });

  test('gives up an automatic read of a server that stalls, and says so', async () => {
    const server = await serve(() => {});
    const cluster = use(open(server.kubeconfig()));
    await expect(cluster.json(read(undefined, { priority: 'automatic' }))).rejects.toMatchObject({ code: 'timeout' });
  });

  test('stops when its caller stops, and with the caller’s deadline', async () => {
    const server = await serve(() => {});
    const cluster = use(open(server.kubeconfig()));
    const control = new AbortController();
    const reading = cluster.json(read(undefined, { signal: control.signal }));
    control.abort();
    await expect(reading).rejects.toMatchObject({ code: 'cancelled' });
    const late = cluster.json(read(undefined, { signal: AbortSignal.timeout(20) }));
    await expect(late).rejects.toMatchObject({ code: 'timeout', message: expect.stringContaining('list pods') });
  });

  test('leaves a failing server alone after five failures, people and automatic reads apart', async () => {
    const server = await serve((_, response) => failure(response, 500, 'etcd is away'));
    const cluster = use(open(server.kubeconfig()));
    const automatic = () =>
      cluster.json(read(undefined, { priority: 'automatic' })).catch((error: Error) => error.message);
    for (let round = 0; round < 5; round += 1) expect(await automatic()).toContain('etcd is away');
    expect(await automatic()).toContain('circuit open');
    expect(server.asked).toHaveLength(5);
    await expect(cluster.json(read())).rejects.toMatchObject({ message: expect.stringContaining('etcd is away') });
  });

  test('does not blame the API server for missing metrics', async () => {
    const server = await serve((asked, response) =>
      asked.url.includes('metrics.k8s.io') ? failure(response, 503, 'no backend') : json(response, { items: [] }),
    );
    const cluster = use(open(server.kubeconfig()));
    const metrics = read(['apis', 'metrics.k8s.io', 'v1beta1', 'pods']);
    for (let round = 0; round < 6; round += 1) await expect(cluster.json(metrics)).rejects.toThrow('no backend');
    expect(await cluster.json(read())).toEqual({ items: [] });
  });

  test('tries once more after a reset connection, and when asked to come again soon', async () => {
    let answers = 0;
    const server = await serve((_, response) => {
      answers += 1;
      if (answers === 1) response.destroy();
      else if (answers === 3) failure(response, 429, 'busy', { 'retry-after': '0' });
      else json(response, { answers });
    });
    const cluster = use(open(server.kubeconfig()));
    expect(await cluster.json(read())).toEqual({ answers: 2 });
    expect(await cluster.json(read())).toEqual({ answers: 4 });
  });

  test('cuts text at its bound and says so; refuses JSON that is none', async () => {
    const server = await serve((_, response) => response.end('x'.repeat(5_000)));
    const cluster = use(open(server.kubeconfig()));
    expect(await cluster.text(read(undefined, { maxBytes: 1_000 }))).toEqual({
      text: 'x'.repeat(1_000),
      truncated: true,
    });
    expect(await cluster.text(read(undefined, { maxBytes: 5_000 }))).toEqual({
      text: 'x'.repeat(5_000),
      truncated: false,
    });
    await expect(cluster.json(read())).rejects.toMatchObject({ message: expect.stringContaining('not JSON') });
  });

  test('repeats no secret of a server’s message', async () => {
    const server = await serve((_, response) => failure(response, 403, 'user with password=hunter2hunter2 may not'));
    const cluster = use(open(server.kubeconfig()));
    await expect(cluster.json(read())).rejects.toMatchObject({
      message: expect.stringContaining('password=[redacted]'),
    });
  });
});

describe('a path', () => {
  let server: ApiServer;
  beforeEach(async () => {
    server = await serve(ok);
  });

  test('holds whatever is typed as one segment, also for a server that decodes it first, as Kubernetes does', async () => {
    let now = 0;
    // A second passes with each look at the clock, so that the rate budget has no say here.
    const clock = () => (now += 1_000);
    const cluster = use(open(server.kubeconfig(), { clock }));
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }), async (name) => {
        server.asked.length = 0;
        const path = ['api', 'v1', 'namespaces', name, 'pods'];
        const outcome = await cluster.json(read(path)).catch((error: { code: string }) => error.code);
        if (outcome === 'bad_input') return expect(server.asked).toEqual([]);
        const segments = decodeURIComponent(server.asked[0]?.url ?? '').split('/');
        expect(segments).toHaveLength(6);
        expect(segments[4]).toBe(name);
      }),
      {
        numRuns: 60,
        examples: [
          ['../../secrets'],
          ['a/b'],
          ['web/exec'],
          ['web%2Fexec'],
          ['a?b=c'],
          ['a#b'],
          ['%2e%2e'],
          ['..'],
          ['a b'],
          ['\\..\\x'],
        ],
      },
    );
  });

  test('keeps a query value a value', async () => {
    const cluster = use(open(server.kubeconfig()));
    await cluster.json(read(undefined, { query: { labelSelector: 'a=b&limit=1#', limit: 5, continue: null } }));
    const { searchParams, hash } = new URL(server.asked[0]?.url ?? '', 'http://x');
    expect([...searchParams]).toEqual([
      ['labelSelector', 'a=b&limit=1#'],
      ['limit', '5'],
    ]);
    expect(hash).toBe('');
  });
});

describe('credentials', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
    closers.push(() => rm(folder, { recursive: true }));
  });

  test('come from a token file, relative to the kubeconfig, without its last line break', async () => {
    const server = await serve(ok);
    await writeFile(join(folder, 'token'), 'from-a-file\n');
    await writeFile(join(folder, 'config'), server.kubeconfig({ tokenFile: 'token' }));
    await use(open(join(folder, 'config'))).json(read());
    expect(server.asked[0]?.headers.authorization).toBe('Bearer from-a-file');
  });

  test('come from an exec plugin that is run once for many reads, and again when the server refuses', async () => {
    let accepted = 'plugin-1';
    const server = await serve((asked, response) =>
      asked.headers.authorization === `Bearer ${accepted}`
        ? json(response, {})
        : failure(response, 401, 'Unauthorized'),
    );
    const script = join(folder, 'plugin.sh');
    await writeFile(join(folder, 'runs'), '');
    await writeFile(
      script,
      `#!/bin/sh\necho x >> "${folder}/runs"\ncase "$KUBERNETES_EXEC_INFO" in *ExecCredential*) ;; *) exit 3;; esac\nprintf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"plugin-%s"}}' "$(wc -l < "${folder}/runs" | tr -d ' ')"\n`,
    );
    await chmod(script, 0o755);
    const cluster = use(
      open(server.kubeconfig({ exec: { apiVersion: 'client.authentication.k8s.io/v1', command: script } })),
    );
    await Promise.all([cluster.json(read()), cluster.json(read()), cluster.json(read())]);
    expect(new Set(server.asked.map((asked) => asked.headers.authorization))).toEqual(new Set(['Bearer plugin-1']));
    accepted = 'plugin-2';
    await cluster.json(read());
    expect(server.asked.at(-1)?.headers.authorization).toBe('Bearer plugin-2');
  });

  test('that cannot be obtained are named as such, and a plugin that hangs costs its deadline', async () => {
    const server = await serve(ok);
    const missing = use(open(server.kubeconfig({ exec: { command: join(folder, 'none') } })));
    await expect(missing.json(read())).rejects.toMatchObject({
      code: 'unauthorized',
      hint: expect.stringContaining('exec plugin'),
    });
    const hanging = use(open(server.kubeconfig({ exec: { command: '/bin/sleep', args: ['3.3'] } })));
    await expect(hanging.json(read(undefined, { priority: 'automatic' }))).rejects.toMatchObject({ code: 'timeout' });
  });

  test('come from an exec plugin beside the kubeconfig, wherever the responder was started', async () => {
    const server = await serve(ok);
    const script = `#!/bin/sh\nprintf '{"kind":"ExecCredential","status":{"token":"from-beside"}}'\n`;
    await mkdir(join(folder, 'bin'));
    await writeFile(join(folder, 'bin', 'plugin'), script, { mode: 0o755 });
    for (const command of ['bin/plugin', './bin/plugin']) {
      await writeFile(join(folder, 'config'), server.kubeconfig({ exec: { command } }));
      await use(open(join(folder, 'config'))).json(read());
      expect(server.asked.at(-1)?.headers.authorization).toBe('Bearer from-beside');
    }
    // A bare name is looked up in PATH, as kubectl does.
    await writeFile(join(folder, 'plugin'), script, { mode: 0o755 });
    await writeFile(join(folder, 'config'), server.kubeconfig({ exec: { command: 'plugin' } }));
    await expect(use(open(join(folder, 'config'))).json(read())).rejects.toMatchObject({ code: 'unauthorized' });
  });

  test('whose plugin is not installed come with what its kubeconfig says to do about it', async () => {
    const server = await serve(ok);
    const installHint = 'Get the plugin:\n\u001b[1mbrew install example-login\u0007';
    const missing = use(open(server.kubeconfig({ exec: { command: 'example-login-plugin', installHint } })));
    await expect(missing.json(read())).rejects.toMatchObject({
      message: expect.stringContaining('example-login-plugin'),
      hint: expect.stringMatching(/^Get the plugin:\n \[1mbrew install example-login$/),
    });
    const failing = use(open(server.kubeconfig({ exec: { command: '/bin/false', installHint } })));
    await expect(failing.json(read())).rejects.toMatchObject({ hint: expect.not.stringContaining('brew') });
  });

  test('are the first of a name where KUBECONFIG names several files, as kubectl takes them', async () => {
    const server = await serve(ok);
    const unused = await serve(ok);
    await writeFile(join(folder, 'first'), server.kubeconfig({ username: 'ann', password: 'pass:word', as: 'sre' }));
    await writeFile(join(folder, 'second'), unused.kubeconfig({ token: 'not-this-one' }));
    await use(open(`${join(folder, 'first')}:${join(folder, 'second')}`)).json(read());
    expect(unused.asked).toEqual([]);
    expect(server.asked[0]?.headers).toMatchObject({
      authorization: `Basic ${Buffer.from('ann:pass:word').toString('base64')}`,
      'impersonate-user': 'sre',
    });
  });

  test('of a service account that is not there are named as such', async () => {
    const cluster = use(open('in-cluster:https://127.0.0.1:9'));
    await expect(cluster.json(read())).rejects.toMatchObject({
      code: 'unauthorized',
      message: expect.stringContaining('/serviceaccount/'),
    });
  });

  test('that were replaced in the kubeconfig are found after a refusal', async () => {
    const server = await serve((asked, response) =>
      asked.headers.authorization === 'Bearer new-token' ? json(response, {}) : failure(response, 401, 'Unauthorized'),
    );
    const path = join(folder, 'config');
    await writeFile(path, server.kubeconfig({ token: 'old-token' }));
    const cluster = use(open(path));
    await expect(cluster.json(read())).rejects.toMatchObject({ code: 'unauthorized' });
    await writeFile(path, server.kubeconfig({ token: 'new-token' }));
    expect(await cluster.json(read())).toEqual({});
  });
});

describe('a kubeconfig', () => {
  test.each([
    ['/nowhere/kubeconfig', 'cannot be read'],
    ['{not: [yaml\n', 'cannot be read'],
    ['apiVersion: v1\nkind: Config\n', 'no cluster with a server address'],
    ['clusters: 5\ncontexts: hello\n', 'no cluster with a server address'],
  ])('that cannot be used is a configuration error (%s)', (kubeconfig, message) => {
    expect(() => open(kubeconfig)).toThrow(expect.objectContaining({ code: 'config_invalid' }));
    expect(() => open(kubeconfig)).toThrow(message);
  });

  test('without the context that is asked for says which there are', async () => {
    const server = await serve(ok);
    expect(() => open(server.kubeconfig(), { context: 'production' })).toThrow(
      expect.objectContaining({ code: 'config_invalid', hint: expect.stringContaining('here') }),
    );
  });
});
