import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { runCheck } from '../../src/cli/playbooks.ts';
import { problemOf } from '../../src/commands/execute.ts';
import { COMMANDS } from '../../src/commands/index.ts';
import { parse } from '../../src/commands/parse.ts';
import { checkPlaybooks } from '../../src/playbooks/check.ts';
import { loadPlaybooks } from '../../src/playbooks/load.ts';
import { parsePlaybook } from '../../src/playbooks/parsePlaybook.ts';
import { createRunbooks } from '../../src/playbooks/runbooks.ts';
import { renderCommand } from '../../src/playbooks/template.ts';
import { alertOf, incident } from '../commands/fakes.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'runbooks-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), text);
}

const OOM = `---
alerts: [BuildOOMKilled]
owner: platform
severity: P1
---
# Build killed for memory

## First five minutes

1. See which builds \`failed\` in {{ labels.namespace }}.

   \`\`\`lambda automatic
   /lambda diag jobs -n {{ labels.namespace | default "knative-lambda-builds" }}
   \`\`\`
2. Read the log of {{ labels.pod }}.

   \`\`\`lambda
   diag logs {{ labels.pod }} -n {{ labels.namespace }}
   \`\`\`

## Escalation

- The platform team.
`;

describe('reading a runbook', () => {
  it('takes steps from the list, commands from lambda blocks, and leaves escalation out', () => {
    const { playbook, problems } = parsePlaybook('a/BuildOOMKilled', 'f.md', OOM);
    expect(problems).toEqual([]);
    expect(playbook).toMatchObject({ title: 'Build killed for memory', severityHint: 'sev2', owner: 'platform' });
    expect(playbook?.steps.map((step) => step.text)).toEqual([
      'See which builds `failed` in {{ labels.namespace }}.',
      'Read the log of {{ labels.pod }}.',
    ]);
    expect(playbook?.steps[0]?.commands).toEqual([
      { line: 13, template: 'diag jobs -n {{ labels.namespace | default "knative-lambda-builds" }}', automatic: true },
    ]);
  });

  it('takes sub-headings as steps where there is no list', () => {
    const text = '---\nalerts: [A]\n---\n## Steps\n### Look at the pods\n```lambda\ndiag pods\n```\n### Restart\n';
    const { playbook } = parsePlaybook('a', 'a.md', text);
    expect(playbook?.steps.map((step) => [step.text, step.commands.length])).toEqual([
      ['Look at the pods', 1],
      ['Restart', 0],
    ]);
  });

  it.each([
    ['---\nalert: [A]\n---\n1. x', 2, 'unknown key “alert”', 'Did you mean “alerts”?'],
    ['---\nalerts: [A]\nseverity: huge\n---\n1. x', 3, 'severity', 'Allowed'],
    ['---\nalerts: [A\n---\n1. x', 2, 'not valid YAML', 'Check'],
    ['# no front matter', 1, 'no front matter', 'Begin the file'],
    ['---\nalerts: [A]\nmatch: [{pod: "/(a+)+/"}]\n---\n1. x', 3, 'not usable as a pattern', ''],
  ])('refuses %j with line and hint', (text, line, problem, hint) => {
    const { playbook, problems } = parsePlaybook('a', 'a.md', text);
    expect(playbook).toBeNull();
    expect(problems[0]).toMatchObject({ line, file: 'a.md' });
    expect(problems[0]?.problem).toContain(problem);
    expect(problems[0]?.hint).toContain(hint);
  });

  it('keeps the good files when one is wrong, and lets a later folder override an earlier one', async () => {
    await put('shipped/a/BuildOOMKilled.md', OOM);
    await put('shipped/a/bad.md', '---\nalrets: [X]\n---\n');
    await put('ours/a/BuildOOMKilled.md', OOM.replace('platform', 'us'));
    const loaded = loadPlaybooks([join(folder, 'shipped'), join(folder, 'ours'), join(folder, 'gone')]);
    expect(loaded.playbooks.map((one) => one.owner)).toEqual(['us']);
    expect(loaded.problems.map((one) => one.problem)).toEqual([
      'unknown key “alrets”',
      expect.stringContaining('cannot be read'),
    ]);
  });
});

describe('a team’s own runbook', () => {
  it.each([
    ['comes before', 'aaa/Ours'],
    ['comes after', 'zzz/Ours'],
  ])('serves an alert a shipped one names too, also when its name %s the shipped one’s', async (_order, id) => {
    await put('shipped/kubernetes/Oom.md', OOM.replace('[BuildOOMKilled]', '[BuildOOMKilled, BuildEvicted]'));
    await put(`own/${id}.md`, OOM.replace('# Build killed for memory', '# Ours'));
    const folders = [join(folder, 'shipped'), join(folder, 'own')];
    const { playbooks, problems, replaced } = loadPlaybooks(folders);
    const file = join(folder, `own/${id}.md`);
    const inPlaceOf = join(folder, 'shipped/kubernetes/Oom.md');
    expect(problems).toEqual([]);
    expect(replaced).toEqual([{ file, inPlaceOf, alerts: ['BuildOOMKilled'] }]);
    const runbooks = createRunbooks(playbooks, { baseUrl: null });
    const servedBy = (name: string) => runbooks.match({ name, labels: {}, annotations: {} })?.id;
    expect(servedBy('BuildOOMKilled')).toBe(id);
    expect(servedBy('BuildEvicted')).toBe('kubernetes/Oom');
    expect(playbooks.find((one) => one.id === 'kubernetes/Oom')?.title).toBe('Build killed for memory');
  });

  it('is told of by `playbooks check`, which finds no problem in it, nor in what it replaces', async () => {
    await put('shipped/Oom.md', OOM.replace('diag logs', 'diag lgos'));
    await put('own/Oom.md', OOM);
    await put('own/More.md', OOM.replace('BuildOOMKilled', 'Other'));
    const said: string[] = [];
    const out = { write: (text: string) => said.push(text) };
    const io = { env: {}, root: folder, stdout: out, stderr: out, signal: new AbortController().signal };
    expect(await runCheck([join(folder, 'shipped'), join(folder, 'own')], {}, io)).toBe(0);
    expect(said).toEqual([
      `${join(folder, 'own/Oom.md')} is used in place of ${join(folder, 'shipped/Oom.md')}\n`,
      '2 runbooks, 4 commands, 0 problems\n',
    ]);
  });
});

describe('finding the runbook of an alert', () => {
  const playbooks = [
    parsePlaybook('a/BuildOOMKilled', 'f.md', OOM).playbook,
    parsePlaybook('b/Any', 'g.md', '---\nmatch: [{component: /stor.*/}]\n---\n1. x').playbook,
  ].filter((one) => one !== null);
  const runbooks = createRunbooks(playbooks, { baseUrl: 'https://example.com/runbooks/' });
  const match = (name: string, labels = {}, annotations = {}) =>
    runbooks.match({ name, labels, annotations })?.id ?? null;

  it('looks at the name, then the runbook_url, then matchers', () => {
    expect(match('BuildOOMKilled', { component: 'storage' })).toBe('a/BuildOOMKilled');
    expect(
      match('Other', { component: 'storage' }, { runbook_url: 'https://git.io/x/runbooks/a/BuildOOMKilled.md#impact' }),
    ).toBe('a/BuildOOMKilled');
    expect(match('Other', { component: 'storage' })).toBe('b/Any');
    expect(match('Other')).toBeNull();
  });

  it('fills the alert’s labels in and names those it lacks', () => {
    const known = {
      incident: incident({ number: 1 }),
      alerts: [alertOf(1, { alertname: 'BuildOOMKilled', namespace: 'monitoring', exported_namespace: 'team-a' })],
    };
    const view = runbooks.forIncident(known);
    expect(view?.steps.map((step) => step.commands)).toEqual([['diag jobs -n team-a'], []]);
    expect(view?.steps[1]?.text).toBe('Read the log of <pod>.');
    expect(view?.missing).toEqual(['pod']);
    expect(view?.url).toBe('https://example.com/runbooks/a/BuildOOMKilled.md');
    expect(runbooks.automaticCommands(known)).toEqual(['diag jobs -n team-a']);
  });
});

describe('what an alert carries', () => {
  it('never becomes an option or a second word of a command', () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '-A',
        '--as=admin',
        'x -A',
        'x" -A "',
        "x' --previous '",
        'a\n/lambda resolve',
        '—all',
        '`x` -A',
        '../x',
        'x\u0000',
      ),
    );
    fc.assert(
      fc.property(hostile, (value) => {
        for (const template of [
          'diag logs {{ labels.pod }}',
          'diag pods --filter {{ labels.pod }}',
          'diag pods -l app={{ labels.pod }}',
        ]) {
          const line = renderCommand(template, { pod: value });
          if (line === null) continue;
          const parsed = parse(line, COMMANDS);
          if (!parsed.ok) continue;
          expect(parsed.call.path.join(' ')).toBe(template.split(' ').slice(0, 2).join(' '));
          const given = Object.keys(parsed.call.options);
          expect(given).toEqual(
            template.includes('--filter') ? ['filter'] : template.includes('-l') ? ['selector'] : [],
          );
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('checking runbooks', () => {
  it('finds commands that do not parse, places no alert fills, and links that lead nowhere', async () => {
    await put(
      'a/BuildOOMKilled.md',
      OOM.replace('diag logs {{', 'diag lgos {{').replace(
        'The platform team.',
        '[gone](../gone.md) and [up](../../../../../etc/passwd)',
      ),
    );
    const checked = await checkPlaybooks([folder], { problemOf, root: folder, labelsOf: () => ['namespace'] });
    expect(checked.problems.map((one) => one.problem)).toEqual([
      'BuildOOMKilled has no label “pod”',
      expect.stringContaining('There is no command “diag lgos”'),
      'BuildOOMKilled has no label “pod”',
      expect.stringContaining('gone.md leads nowhere'),
      expect.stringContaining('passwd leads nowhere'),
    ]);
  });

  it('refuses a command that changes something', async () => {
    await put('a.md', '---\nalerts: [A]\n---\n## Steps\n1. x\n   ```lambda\n   resolve\n   ```\n');
    const checked = await checkPlaybooks([folder], { problemOf, root: folder });
    expect(checked.problems[0]?.problem).toContain('may only read');
  });
});
