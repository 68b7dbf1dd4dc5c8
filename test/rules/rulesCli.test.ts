import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startMetrics } from '../../simulator/metrics/start.ts';
import { runCli } from '../../src/cli.ts';

const ROOT = join(import.meta.dirname, '../..');

let folder: string;
let server: Server;
let site: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rules-cli-'));
  await mkdir(join(folder, 'runbooks'));
  await writeFile(join(folder, 'runbooks/Alive.md'), '---\nalerts: [Alive]\n---\n\n# Alive\n');
  // A wiki: one page, one behind a sign-in, one that answers GET only, the rest gone.
  server = createServer((request, response) => {
    const status = { '/alive': 200, '/secret': 401, '/get-only': request.method === 'GET' ? 200 : 405 }[
      request.url ?? ''
    ];
    response.writeHead(status ?? 404, { connection: 'close' }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  site = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // A listening TCP server always has an address object.
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  await rm(folder, { recursive: true, force: true });
});

async function cli(...argv: readonly string[]) {
  let out = '';
  let err = '';
  const code = await runCli(argv, {
    env: {},
    root: ROOT,
    stdout: { write: (text: string) => (out += text) },
    stderr: { write: (text: string) => (err += text) },
    signal: new AbortController().signal,
  });
  return { code, out, err };
}

async function rulesFile(name: string, ...rules: readonly string[]): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, `groups:\n  - name: g\n    rules:\n${rules.map((rule) => `      - ${rule}\n`).join('')}`);
  return path;
}

const rule = (alert: string, link: string, more = '') =>
  `{ alert: ${alert}, expr: 'up == 0', labels: { severity: warning }, annotations: { runbook_url: '${link}' }${more} }`;

describe('rules lint', () => {
  it('prints file and line of each problem and ends with 1', async () => {
    const path = await rulesFile('bare.yaml', '{ alert: Bare, expr: up == 0 }', '{ alert: Worse, expr: up == 0 }');
    const { code, out } = await cli('rules', 'lint', path);
    expect(code).toBe(1);
    expect(out).toContain(`${path}:4: error [no-severity] Bare has no severity; it will be treated as sev3.`);
    expect(out).toContain(`${path}:5: warning [no-runbook] Worse has no runbook.`);
    expect(out).toContain('1 file, 2 alerts, 0 recordings, 4 findings');
  });

  it('ends with 0 when there is nothing but notices', async () => {
    const path = await rulesFile(
      'job.yaml',
      `{ alert: J, expr: kube_job_failed > 0, for: 1h, labels: { severity: info }, annotations: { runbook_url: '${site}/alive' } }`,
    );
    const { code, out } = await cli('rules', 'lint', path);
    expect({ code, found: /notice \[for-outlives-object\]/.test(out) }).toEqual({ code: 0, found: true });
    expect((await cli('rules', 'lint', path, '--job-ttl', '600')).code).toBe(1);
    expect((await cli('rules', 'lint', path, '--job-ttl', '7200')).out).not.toContain('for-outlives-object');
  });

  it('follows runbook links on the web', async () => {
    const path = await rulesFile(
      'links.yaml',
      ...['alive#top', 'secret', 'get-only', 'gone'].map((page) => rule(page.replace(/\W.*/, ''), `${site}/${page}`)),
      rule('silent', 'http://127.0.0.1:1/page'),
    );
    const { code, out } = await cli('rules', 'lint', path, '--json');
    const { findings } = JSON.parse(out) as { findings: { rule: string; level: string; problem: string }[] };
    expect(code).toBe(1);
    expect(findings.map((one) => `${one.rule} ${one.level}`)).toEqual(['gone warning', 'silent notice']);
    expect(findings[0]?.problem).toContain('is dead: its server answers 404');
    expect((await cli('rules', 'lint', path, '--no-links')).code).toBe(0);
  });

  it('finds runbooks in a folder by alert name and by address', async () => {
    const path = await rulesFile(
      'folder.yaml',
      '{ alert: Alive, expr: up == 0, labels: { severity: info } }',
      rule('Elsewhere', 'https://wiki.acme.dev/Alive.md'),
      rule('Missing', 'https://wiki.acme.dev/Missing.md'),
    );
    const options = ['--runbooks', join(folder, 'runbooks'), '--runbook-url', 'https://wiki.acme.dev', '--no-links'];
    const { code, out } = await cli('rules', 'lint', path, ...options);
    expect(code).toBe(1);
    expect(out).toContain('Missing runbook_url https://wiki.acme.dev/Missing.md leads to no file');
    expect(out).toContain('3 alerts, 0 recordings, 1 finding\n');
  });

  it('asks a Prometheus for metrics and label values, and counts the series of a page', async () => {
    const metrics = await startMetrics();
    try {
      metrics.store.set('kube_pod_status_phase', { phase: 'Running' }, 1);
      for (let user = 0; user < 101; user += 1) metrics.store.set('requests_total', { user: `u${user}` }, 1);
      const path = await rulesFile(
        'live.yaml',
        `{ alert: A, expr: 'kube_pod_status_phase{phase="Runing"} > 0', labels: { severity: info }, annotations: { runbook_url: '${site}/alive' } }`,
        `{ alert: B, expr: 'nonexistent > 0', labels: { severity: info }, annotations: { runbook_url: '${site}/alive' } }`,
      );
      const live = ['--prometheus', metrics.url, '--metrics', `${metrics.url}/metrics`];
      const { code, out } = await cli('rules', 'lint', path, ...live);
      expect(code).toBe(1);
      expect(out).toContain(
        '[unknown-label-value] A kube_pod_status_phase{phase="Runing"} matches nothing; it has Running',
      );
      expect(out).toContain('notice [unknown-metric] B nonexistent has no series now');
      expect(out).toContain('[cardinality] requests_total has 101 values of label user');
      expect(out).toMatch(/Series by metric:\n +101 {2}requests_total/);
    } finally {
      await metrics.close();
    }
  });

  it('says which server does not answer, and which option is wrong', async () => {
    const path = await rulesFile('one.yaml', rule('A', `${site}/alive`));
    const silent = await cli('rules', 'lint', path, '--prometheus', 'http://127.0.0.1:1');
    expect(silent).toMatchObject({ code: 1, err: expect.stringContaining('http://127.0.0.1:1 does not answer') });
    const page = await cli('rules', 'lint', '--metrics', `${site}/metrics`);
    expect(page).toMatchObject({ code: 1, err: expect.stringContaining('answered 404') });
    const knative = await cli('rules', 'lint', path, '--knative', 'newest');
    expect(knative).toMatchObject({ code: 2, err: expect.stringContaining('such as 1.18 or 1.20.1') });
    expect((await cli('rules', 'lint')).code).toBe(2);
    expect((await cli('rules', 'lint', path, '--runbooks', join(folder, 'nowhere'))).code).toBe(2);
    expect((await cli('rules', 'lint', join(folder, 'nowhere.yaml'))).code).toBe(1);
  });
});

describe('rules coverage', () => {
  it('shows severity, runbook and test of each alert', async () => {
    const path = await rulesFile('covered.yaml', rule('Alive', 'x'), '{ alert: Bare, expr: up == 0 }');
    const tests = join(folder, 'covered.test.yaml');
    await writeFile(tests, 'tests: [{ alert_rule_test: [{ alertname: Alive }] }]');
    const { code, out } = await cli(
      'rules',
      'coverage',
      path,
      '--tests',
      tests,
      '--runbooks',
      join(folder, 'runbooks'),
    );
    expect(code).toBe(1);
    expect(out).toMatch(/Alive +warning +ours +yes\nBare +- +none +no\n/);
  });

  it('has a severity, a runbook and a test for every alert that ships', async () => {
    const { code, out } = await cli('rules', 'coverage', '--json');
    const rows = JSON.parse(out) as { alert: string; tested: boolean; severity: string; runbook: string | null }[];
    expect(code).toBe(0);
    expect(rows.length).toBeGreaterThan(60);
    expect(rows.filter((row) => !row.tested || row.severity === '' || row.runbook !== 'ours')).toEqual([]);
  });
});
