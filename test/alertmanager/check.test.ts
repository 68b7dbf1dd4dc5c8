import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { RESPONDER_RECEIVER_TEXT, RESPONDER_ROUTES } from '../../manifests/alertmanager/responderRoutes.ts';
import { ALERTS } from '../../manifests/prometheus/catalogue.ts';
import { runCli } from '../../src/cli.ts';
import { nestedTeam, plainTeam } from './teams.ts';

const ROOT = join(import.meta.dirname, '../..');
const SHIPPED = join(ROOT, 'manifests/alertmanager/alertmanager.yaml');
/** The routes beside the team's own instead of around them, as 0.1.0 shipped them. */
const BESIDE = plainTeam('http://pager').replace(
  'receivers:',
  `  routes:
    - { receiver: bot, matchers: [alertname = Watchdog], continue: true, repeat_interval: 5m }
    - { receiver: bot, matchers: [alertname != Watchdog], continue: true }
receivers:
  - { name: bot, webhook_configs: [{ url: http://responder/webhooks/alertmanager }] }`,
);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'check-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
function fileOf(text: string): string {
  files += 1;
  const file = join(folder, `${files}.yaml`);
  writeFileSync(file, text);
  return file;
}

async function check(file: string, ...more: readonly string[]) {
  let out = '';
  let err = '';
  const code = await runCli(['config', 'check', '--alertmanager', file, ...more], {
    env: {},
    root: ROOT,
    stdout: { write: (text: string) => (out += text) },
    stderr: { write: (text: string) => (err += text) },
    signal: new AbortController().signal,
  });
  return { code, out, err, paragraphs: out.split('\n\n') };
}

const everybody = 'Every receiver is notified as before, and the responder gets every alert.';

describe('the shipped file', () => {
  it('has the routes and the receiver that the check adds, then one route without matchers', () => {
    const shipped = parse(readFileSync(SHIPPED, 'utf8'));
    const { receiver, routes } = shipped.route;
    expect(routes).toEqual([...RESPONDER_ROUTES, { receiver, routes: [] }]);
    expect(shipped.receivers).toEqual([{ name: receiver }, RESPONDER_RECEIVER_TEXT]);
    expect(shipped.inhibit_rules).toBeUndefined();
  });

  it('takes nothing from the pager, as `config check --alertmanager` says', async () => {
    const { code, out } = await check(SHIPPED);
    expect(out).toContain('pager -> lambda-responder, pager');
    expect({ code, last: out.trim().split('\n').at(-1) }).toEqual({ code: 0, last: everybody });
  });
});

describe('config check --alertmanager', () => {
  it('says of every shipped alert, and of any other, who was told and who is told with the responder added', async () => {
    const { code, out, paragraphs } = await check(fileOf(nestedTeam('http://sinks')));
    expect(code).toBe(0);
    for (const { name } of ALERTS) expect(out).toMatch(new RegExp(`^ {4}.*\\b${name}\\b`, 'm'));
    const about = (name: string) => paragraphs.find((one) => new RegExp(`\\b${name}\\b`).test(one));
    expect(about('KnativeLambdaOperatorDown')).toContain('audit, platform -> audit, lambda-responder, platform');
    expect(about('Watchdog')).toContain('blackhole -> blackhole, lambda-responder');
    const other = about('any other name');
    expect(other).toContain('pager -> lambda-responder, pager  otherwise');
    expect(other).toContain('audit -> audit, lambda-responder  when severity="critical"');
    expect(other).toContain('payments -> lambda-responder, payments  when team="payments"');
    expect(out).toContain(everybody);
  });

  it('names the pager that a file with the routes beside the team’s own has made deaf, and for which alerts', async () => {
    const { code, out } = await check(fileOf(BESIDE));
    expect(code).toBe(1);
    expect(out).toContain('pager -> bot');
    expect(out).toMatch(/PROBLEM: pager is no longer notified:\n.*KnativeLambdaOperatorDown.*\(any other name\)/s);
    expect(out).toContain('manifests/alertmanager/alertmanager.yaml shows where the routes belong');
  });

  it('compares with the file before: who is told twice, more, no longer, with labels for which it is so', async () => {
    const receivers = `
receivers:
  - { name: pager }
  - { name: payments }
  - { name: bot, webhook_configs: [{ url: http://responder/webhooks/alertmanager }], email_configs: [{ to: a@b }] }
`;
    const before = fileOf(
      `route: { receiver: pager, routes: [{ receiver: payments, matchers: [team = a] }] }${receivers}`,
    );
    const now = fileOf(`
route:
  receiver: pager
  routes:
    - { receiver: bot, matchers: [severity = critical], continue: true }
    - { receiver: pager, matchers: [team = b], continue: true }
    - receiver: pager
${receivers}`);
    const { code, out } = await check(now, '--before', before);
    expect(code).toBe(1);
    expect(out).toContain('PROBLEM: payments is no longer notified, for example with team="a":');
    expect(out).toContain('PROBLEM: pager is notified of what it did not get before, for example with team="a":');
    expect(out).toContain('PROBLEM: pager is notified 2 times instead of once, for example with team="b":');
    expect(out).toContain('PROBLEM: the responder is not notified');
    expect(out).toContain('4 problems');
  });

  it('reads names and labels of the team’s own rules', async () => {
    const rules = fileOf(
      'groups: [{ name: g, rules: [{ alert: LedgerSlow, expr: up == 0, labels: { team: payments } }] }]',
    );
    const { paragraphs } = await check(fileOf(nestedTeam('http://sinks')), '--rules', rules);
    const about = paragraphs.find((one) => one.includes('LedgerSlow'));
    expect(about).toMatch(/^payments -> lambda-responder, payments {2}otherwise\n/);
    expect(about).not.toContain('pager -> lambda-responder, pager');
  });

  it('prints who would not hear what while something else fires, for each inhibition', async () => {
    const file = fileOf(`${plainTeam('http://pager')}
inhibit_rules:
  - source_matchers: [alertname = KnativeLambdaStorageDown]
    target_matchers: ['alertname =~ "KnativeLambdaBuild.+"']
    equal: [cluster]
  - source_match: { alertname: Nothing, team: none }
    target_match: { alertname: KnativeLambdaStorageDown, severity: nothing }
`);
    const { code, paragraphs } = await check(file);
    const [first, second] = paragraphs.filter((one) => one.startsWith('inhibit_rules'));
    expect(first).toContain('inhibit_rules, line 11: while an alert with alertname="KnativeLambdaStorageDown" fires');
    expect(first).toContain('the same cluster notify nobody. lambda-responder, pager would not get:');
    expect(first).toContain('KnativeLambdaBuildOOMKilled');
    expect(first).not.toContain('KnativeLambdaQueueBacklog');
    expect(second).toBe('inhibit_rules, line 14: mutes no alert that is known here');
    expect(code).toBe(0);
  });

  it('says so when the heartbeat comes too seldom, or no end is ever sent', async () => {
    const { code, out } = await check(
      fileOf(
        readFileSync(SHIPPED, 'utf8')
          .replace('repeat_interval: 5m', 'repeat_interval: 4h')
          .replace('send_resolved: true', 'send_resolved: false'),
      ),
    );
    expect(code).toBe(1);
    expect(out).toContain('Watchdog is sent again only after repeat_interval 4h');
    expect(out).toContain('the responder never learns that an alert has resolved');
  });

  it('writes the file with the responder added, comments kept, over no other file', async () => {
    const team = fileOf(nestedTeam('http://sinks'));
    const target = join(folder, 'with-responder.yaml');
    expect((await check(team, '--write', target)).code).toBe(0);
    const written = readFileSync(target, 'utf8');
    expect(written).toContain('# Payments have people of their own.');
    const [, , theirs] = parse(written).route.routes;
    const before = parse(nestedTeam('http://sinks')).route;
    expect(theirs).toEqual({ receiver: before.receiver, routes: before.routes });
    expect(await check(target)).toMatchObject({ code: 0 });
    expect(await check(team, '--write', target)).toMatchObject({ code: 2, err: expect.stringContaining('--write') });
    expect(await check(target, '--write', join(folder, 'x'))).toMatchObject({ code: 2 });
  });

  it.each([
    ['route: [', /^.*1\.yaml:1: not valid YAML|:1: not valid YAML/],
    ['receivers: [{ name: a }]\n', /route: /],
    ['route: { receiver: a }\nreceivers: [{ name: b }]\n', /:1: route: no receiver is called "a"/],
    [
      'route:\n  receiver: a\n  routes:\n    - { matchers: [te am] }\nreceivers: [{ name: a }]\n',
      /:4: route\.routes\[0\]: "te am" is no matcher/,
    ],
    [
      'route: { receiver: a, matchers: [a = b] }\nreceivers: [{ name: a }]\n',
      /:1: route: the root may not have matchers/,
    ],
    [
      'kind: Secret\nstringData: {}\n',
      /this is a Kubernetes Secret; Alertmanager's own configuration is expected\nkubectl get secret/,
    ],
  ])('refuses %j naming file, line and path', async (text, problem) => {
    const { code, err } = await check(fileOf(text));
    expect(code).toBe(2);
    expect(err).toMatch(problem);
  });

  it('refuses options that mean nothing without a file to check', async () => {
    let err = '';
    const io = { env: {}, root: ROOT, stdout: { write: () => true }, signal: new AbortController().signal };
    const stderr = { write: (text: string) => (err += text) };
    expect(await runCli(['config', 'check', '--before', 'x'], { ...io, stderr })).toBe(2);
    expect(err).toBe('--before is for --alertmanager FILE\n');
  });

  it('refuses a file that is not there', async () => {
    expect(await check(join(folder, 'gone.yaml'))).toMatchObject({
      code: 2,
      err: expect.stringContaining('gone.yaml'),
    });
  });
});
