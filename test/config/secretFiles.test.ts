import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { runCli } from '../../src/cli.ts';
import { withSecretFiles } from '../../src/config/secretFiles.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'secrets-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** As the kubelet mounts a Secret: links to a folder that is exchanged as a whole. */
function mount(values: Readonly<Record<string, string>>): void {
  mkdirSync(join(folder, '..2026_11_30'));
  symlinkSync('..2026_11_30', join(folder, '..data'));
  for (const [name, value] of Object.entries(values)) {
    writeFileSync(join(folder, '..2026_11_30', name), value);
    symlinkSync(join('..data', name), join(folder, name));
  }
}

test('each file of a mounted Secret is a variable; one that is set counts before it', () => {
  mount({ SLACK_BOT_TOKEN: 'xoxb-from-a-file\n', API_TOKEN: 'of-the-file', 'tls.crt': 'no variable' });
  const env = withSecretFiles({ RESPONDER_SECRETS: folder, API_TOKEN: 'of-the-environment', PORT: '1' });
  expect(env).toEqual({
    RESPONDER_SECRETS: folder,
    SLACK_BOT_TOKEN: 'xoxb-from-a-file\n',
    API_TOKEN: 'of-the-environment',
    PORT: '1',
  });
});

test('without the folder the environment is as it is', () => {
  const env = { API_TOKEN: 'x' };
  expect(withSecretFiles(env)).toBe(env);
});

async function typed(argv: readonly string[], env: Readonly<Record<string, string>>) {
  let out = '';
  let err = '';
  const code = await runCli(argv, {
    env,
    root: join(import.meta.dirname, '../..'),
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    signal: new AbortController().signal,
  });
  return { code, out, err };
}

test('the program takes its tokens from the files, and shows none of them', async () => {
  mount({
    SLACK_BOT_TOKEN: 'xoxb-sesame\n',
    SLACK_APP_TOKEN: 'xapp-sesame\n',
    WEBHOOK_TOKEN: 'sesame-1',
    API_TOKEN: 'sesame-2',
  });
  const env = { NODE_ENV: 'production', RESPONDER_SECRETS: folder, SIMULATE: 'cluster', PROMETHEUS_URL: 'none' };
  const { code, out } = await typed(['config', 'show'], env);
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    slack: { botToken: '(set, 11 characters)' },
    apiToken: '(set, 8 characters)',
  });
  expect(out).not.toContain('sesame');
});

test('a folder that is not there, and a file that cannot be read, are errors that name them', async () => {
  const missing = await typed(['config', 'check'], { RESPONDER_SECRETS: join(folder, 'none') });
  expect(missing).toMatchObject({
    code: 2,
    err: expect.stringContaining(`RESPONDER_SECRETS: ${join(folder, 'none')} cannot be read`),
  });
  mkdirSync(join(folder, 'API_TOKEN'));
  const odd = await typed(['config', 'check'], { RESPONDER_SECRETS: folder });
  expect(odd).toMatchObject({ code: 2, err: expect.stringContaining('API_TOKEN cannot be read: it is not a file') });
});
