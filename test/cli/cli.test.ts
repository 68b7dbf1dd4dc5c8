import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runCli } from '../../src/cli.ts';
import { reply } from '../../src/commands/reply.ts';

const ROOT = join(import.meta.dirname, '..', '..');

interface Seen {
  readonly method: string;
  readonly path: string;
  readonly token: string | undefined;
  readonly body: string;
}

describe('the terminal', () => {
  let server: Server;
  let url: string;
  let seen: Seen[];
  let answer: { status: number; body: string };

  beforeEach(async () => {
    seen = [];
    answer = { status: 200, body: '{}' };
    server = createServer((request, response) => void take(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // A listening TCP server always has an address object.
  });
  afterEach(() => new Promise<void>((resolve) => server.close(() => resolve())));

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    seen.push({ method: request.method ?? '', path: request.url ?? '', token: request.headers.authorization, body });
    response.writeHead(answer.status, { 'content-type': 'application/json', connection: 'close' }).end(answer.body);
  }

  async function cli(argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
    let out = '';
    let err = '';
    const code = await runCli(argv, {
      env: { USER: 'ana', ...env },
      root: ROOT,
      stdout: { write: (text: string) => (out += text) },
      stderr: { write: (text: string) => (err += text) },
      signal: new AbortController().signal,
    });
    return { code, out, err };
  }

  it('sends a command to the running responder and shows its reply', async () => {
    const table = { columns: ['NAME'], rows: [['a']], total: 1 };
    answer.body = JSON.stringify(reply({ title: 'Jobs', summary: 'none failed', table }));
    const { code, out } = await cli(['run', 'diag jobs'], { RESPONDER_URL: `${url}/`, API_TOKEN: 'sesame' });
    expect({ code, out }).toEqual({ code: 0, out: 'Jobs\nnone failed\n\nNAME\na\n' });
    expect(seen).toEqual([
      {
        method: 'POST',
        path: '/api/commands',
        token: 'Bearer sesame',
        body: '{"text":"diag jobs","user":"ana","incident":null}',
      },
    ]);
  });

  it('takes a line the shell has split, options and quotes kept', async () => {
    answer.body = JSON.stringify(reply({ title: 'x' }));
    await cli(['run', '-i', '12', 'diag', 'logs', '--filter', 'out of memory', '-n', 'a'], { RESPONDER_URL: url });
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual({
      text: 'diag logs --filter "out of memory" -n a',
      user: 'ana',
      incident: 12,
    });
  });

  it('ends with 1 when the answer is a refusal', async () => {
    answer.body = JSON.stringify(reply({ title: 'There is no command “jbos”.', tone: 'warning' }));
    expect((await cli(['run', 'jbos'], { RESPONDER_URL: url })).code).toBe(1);
  });

  it('says which variable is wrong when the token is', async () => {
    answer = { status: 401, body: '{"error":"send Authorization"}' };
    const { code, err } = await cli(['run', 'diag jobs'], { RESPONDER_URL: url });
    expect(code).toBe(1);
    expect(err).toContain('API_TOKEN');
  });

  it('says that nothing listens there', async () => {
    const nobody = url;
    await new Promise<void>((resolve) => server.close(() => resolve()));
    const { code, err } = await cli(['run', 'diag jobs'], { RESPONDER_URL: nobody });
    expect(code).toBe(1);
    expect(err).toContain('RESPONDER_URL');
  });

  it('says that something else listens there', async () => {
    answer.body = '<html>';
    expect((await cli(['run', 'diag jobs'], { RESPONDER_URL: url })).err).toContain('not a responder’s reply');
  });

  it('writes a post-mortem to stdout', async () => {
    answer.body = '# Post-mortem\n';
    const { out } = await cli(['postmortem', '12', '--format', 'md'], { RESPONDER_URL: url });
    expect(out).toBe('# Post-mortem\n');
    expect(seen[0]?.path).toBe('/api/incidents/12/postmortem?format=md');
  });

  it('lists the deliveries that were refused, harmless for a terminal', async () => {
    const one = { id: 1, sender: 'alertmanager', size: 9, reason: 'the body is not JSON', head: '\u001b[2Jx', at: 0 };
    answer.body = JSON.stringify({ refused: [one] });
    const { code, out } = await cli(['jobs', 'refused'], { RESPONDER_URL: url });
    expect({ code, out }).toEqual({
      code: 0,
      out: '1970-01-01T00:00:00.000Z  alertmanager  9 bytes: the body is not JSON\n     [2Jx\n',
    });
    expect(seen[0]?.path).toBe('/api/refused');
  });

  it('checks what the configuration names: kubeconfigs, contexts, folders of runbooks', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'config-'));
    const check = (env: Readonly<Record<string, string>>) => cli(['config', 'check'], env);
    expect(await check({ KUBECONFIG: join(folder, 'none') })).toMatchObject({
      code: 2,
      err: expect.stringContaining(`KUBECONFIG: ${join(folder, 'none')} cannot be read`),
    });
    await writeFile(join(folder, 'broken'), 'clusters: [');
    expect(await check({ KUBECONFIG: join(folder, 'broken') })).toMatchObject({
      code: 2,
      err: expect.stringContaining(join(folder, 'broken')),
    });
    await writeFile(join(folder, 'r.yaml'), 'runbooks: { folders: [gone] }');
    expect(await check({ RESPONDER_CONFIG: join(folder, 'r.yaml') })).toMatchObject({
      code: 2,
      err: expect.stringContaining(`runbooks.folders: ${join(folder, 'gone')}`),
    });
    await writeFile(join(folder, 'r.yaml'), '');
    expect((await check({ RESPONDER_CONFIG: join(folder, 'r.yaml') })).code).toBe(0);
    await rm(folder, { recursive: true });
  });

  it('starts a drill at the control API, and suggests a name for a typo', async () => {
    answer.body = JSON.stringify({ scenarios: [{ id: 's01', title: 'OOM' }] });
    expect((await cli(['drill', 's1', '--control', url])).err).toContain('Did you mean s01?');
    const { out } = await cli(['drill', 's01', '--control', url, '--speed', '10']);
    expect(out).toContain('DRILL s01');
    expect(seen.at(-1)).toMatchObject({
      method: 'POST',
      path: '/scenarios/s01/start',
      body: '{"drill":true,"speed":10}',
    });
  });

  it('reads runbooks over, and finds the shipped ones good', async () => {
    const shipped = await cli(['playbooks', 'check', join(ROOT, 'runbooks')]);
    expect({ code: shipped.code, err: shipped.err }).toEqual({ code: 0, err: '' });
    const folder = await mkdtemp(join(tmpdir(), 'runbooks-'));
    await writeFile(join(folder, 'bad.md'), '---\nalrets: [A]\n---\n');
    const bad = await cli(['playbooks', 'check', folder]);
    expect(bad.code).toBe(1);
    expect(bad.err).toContain('bad.md:2: unknown key “alrets”. Did you mean “alerts”?');
    await rm(folder, { recursive: true });
  });

  it('checks and shows the configuration, secrets masked', async () => {
    expect((await cli(['config', 'check'])).code).toBe(0);
    const shown = await cli(['config', 'show'], { WEBHOOK_TOKEN: 'open-sesame' });
    expect(shown.code).toBe(0);
    expect(shown.out).not.toContain('open-sesame');
    const real = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1', SIMULATE: 'cluster,metrics' };
    expect((await cli(['config', 'check'], real)).out).toContain('#incidents is given by name');
    expect((await cli(['config', 'check'], { ...real, SLACK_CHANNEL: 'C0INCIDENTS' })).out).not.toContain('by name');
    const wrong = await cli(['config', 'check'], { PORT: 'eighty' });
    expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining('PORT') });
  });

  it.each([[['jbos']], [['config']], [['postmortem', 'x']], [['run']], [[]]])(
    'ends with 2 for %j, saying why',
    async (argv) => {
      const { code, out, err } = await cli(argv);
      expect(code).toBe(2);
      expect(out + err).not.toBe('');
    },
  );

  it('prints help', async () => {
    const { code, out } = await cli(['--help']);
    expect(code).toBe(0);
    expect(out).toContain('postmortem');
  });
});
