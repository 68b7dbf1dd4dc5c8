import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, test } from '@jest/globals';
import { problemOf } from '../../src/commands/execute.ts';
import { checkPlaybooks } from '../../src/playbooks/check.ts';
import { loadPlaybooks } from '../../src/playbooks/load.ts';
import { renderSnippet } from '../../src/playbooks/template.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'runbooks-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, content: string | Uint8Array): void => writeFileSync(join(folder, name), content);
const book = (alert: string, steps: string): string => `---\nalerts: [${alert}]\n---\n# x\n\n## Steps\n\n${steps}\n`;
const problems = async (labelsOf?: (alert: string) => readonly string[] | null): Promise<readonly string[]> => {
  const { problems: found } = await checkPlaybooks([folder], {
    problemOf,
    root: folder,
    ...(labelsOf ? { labelsOf } : {}),
  });
  return found.map(({ file, line, problem }) => `${file.slice(folder.length + 1)}:${line}: ${problem}`);
};

describe('a runbook that cannot be used', () => {
  test.each<[string, string | Uint8Array, string]>([
    ['without front matter', '# x\n\n1. a\n', 'x.md:1: has no front matter in its first line'],
    ['with empty lines before it', '\n---\nalerts: [A]\n---\n', 'x.md:1: has no front matter in its first line'],
    ['with front matter that does not end', '---\nalerts: [A]\n# x\n', 'x.md:1: its front matter does not end'],
    ['empty', '', 'x.md:1: has no front matter in its first line'],
    [
      'with tabs in its YAML',
      '---\nalerts:\n\t- A\n---\n',
      'x.md:3: not valid YAML: Tabs are not allowed as indentation',
    ],
    [
      'with a list for front matter',
      '---\n- a\n---\n',
      'x.md:2: front matter: Invalid input: expected object, received array',
    ],
    ['with a key of another object', '---\n__proto__: {a: 1}\nalerts: [A]\n---\n', 'x.md:2: unknown key “__proto__”'],
    [
      'with aliases that multiply',
      `---\na: &a [x,x,x,x,x,x,x,x]\nb: &b [${'*a,'.repeat(8)}]\nc: &c [${'*b,'.repeat(8)}]\nd: [${'*c,'.repeat(8)}]\n---\n`,
      'x.md:2: uses YAML aliases to excess',
    ],
    [
      'of bytes that are no text',
      Uint8Array.from({ length: 512 }, (_, index) => index % 256),
      'x.md:0: is not UTF-8 text',
    ],
    ['in UTF-16', Buffer.from(book('A', '1. a'), 'utf16le'), 'x.md:0: is not UTF-8 text'],
    ['larger than a page', book('A', '1. a\n'.repeat(40_000)), 'x.md:0: is larger than 128 KiB'],
    ['of nothing but quotes', book('A', `${'>'.repeat(120_000)} x`), 'x.md:8: is nested too deeply to be read'],
  ])('%s is named with what is wrong and left out; the others are read', async (_what, content, problem) => {
    write('x.md', content);
    write('good.md', book('Good', '1. look'));
    const { playbooks } = loadPlaybooks([folder]);
    expect(playbooks.map((playbook) => playbook.id)).toEqual(['good']);
    expect((await problems())[0]).toBe(problem);
  });

  it('is found nowhere twice: links in a circle, links to nothing, pipes and devices end', async () => {
    mkdirSync(join(folder, 'sub'));
    write('sub/a.md', book('A', '1. look'));
    symlinkSync('..', join(folder, 'sub', 'loop'));
    symlinkSync('nowhere.md', join(folder, 'dangling.md'));
    symlinkSync('/dev/zero', join(folder, 'zero.md'));
    execFileSync('mkfifo', [join(folder, 'pipe.md')]);
    const { playbooks } = loadPlaybooks([folder]);
    expect(playbooks.map((playbook) => playbook.id)).toEqual(['sub/a']);
    expect(await problems()).toEqual([
      expect.stringMatching(/^dangling\.md:0: cannot be read: ENOENT/),
      'pipe.md:0: is not a file',
      'zero.md:0: is not a file',
    ]);
  });
});

describe('a mounted ConfigMap', () => {
  it('is read through its links, each runbook once', async () => {
    mkdirSync(join(folder, '..2026_01_01'));
    write('..2026_01_01/A.md', book('A', '1. look'));
    symlinkSync('..2026_01_01', join(folder, '..data'));
    symlinkSync(join('..data', 'A.md'), join(folder, 'A.md'));
    expect(loadPlaybooks([folder]).playbooks.map((playbook) => playbook.id)).toEqual(['A']);
  });
});

describe('playbooks check', () => {
  it('reads CRLF, tabs, HTML and nested lists, and says which line is wrong', async () => {
    write(
      'crlf.md',
      book('Crlf', '1. Look\n\n   ```lambda\n   /lambda diag pods\n   /lambda diag podz\n   ```').replaceAll(
        '\n',
        '\r\n',
      ),
    );
    write('tabs.md', book('Tabs', '1.\tLook\n\n\t```lambda\n\t/lambda diag podz\n\t```'));
    write('html.md', book('Html', '1. See <b>this</b> <script>alert(1)</script> page'));
    write('nested.md', book('Nested', '1. Outer\n   - inner\n\n     ```lambda\n     /lambda diag podz\n     ```'));
    expect(await problems()).toEqual([
      'crlf.md:12: /lambda diag podz: There is no command “diag podz”. Try one of these, or: help',
      'nested.md:12: /lambda diag podz: There is no command “diag podz”. Try one of these, or: help',
      'tabs.md:11: /lambda diag podz: There is no command “diag podz”. Try one of these, or: help',
    ]);
    const html = loadPlaybooks([folder]).playbooks.find((playbook) => playbook.id === 'html');
    expect(html?.steps[0]?.text).toBe('See this alert(1) page');
  });

  it('finds blocks that would never run and places that are never filled in', async () => {
    write(
      'a.md',
      book(
        'A',
        '1. See {{pod}}\n\n   ```lamda\n   /lambda diag pods\n   ```\n\n   ```bash\n   kubectl logs {{ $labels.pod }}\n   ```',
      ),
    );
    expect(await problems()).toEqual([
      'a.md:8: cannot be filled in: {{pod}}',
      "a.md:10: the block's language is “lamda”",
      'a.md:15: cannot be filled in: {{ $labels.pod }}',
    ]);
  });

  it('finds a block that was meant to run by itself and does not', async () => {
    write('a.md', book('A', '1. See\n\n   ```lambda auto\n   /lambda diag pods\n   ```'));
    expect(await problems()).toEqual(['a.md:10: “auto” after “lambda” means nothing, so it does not run by itself']);
  });

  it('knows the labels of an alert: in text, commands and what people copy; a default excuses', async () => {
    write(
      'a.md',
      book(
        'A',
        '1. {{ labels.pod }} {{ labels.node | default "a node" }}\n\n   ```lambda\n   /lambda diag logs {{ labels.pod }}\n   ```\n\n   ```bash\n   kubectl -n {{ labels.namespace }} logs {{ labels.pod }}\n   ```',
      ),
    );
    expect(await problems(() => ['alertname', 'namespace'])).toEqual([
      'a.md:8: A has no label “pod”',
      'a.md:11: A has no label “pod”',
      'a.md:15: A has no label “pod”',
    ]);
    expect(await problems(() => null)).toEqual([]);
  });

  it('follows links to files and headings, not out of the repository', async () => {
    write('b.md', book('B', '1. look'));
    write(
      'a.md',
      book(
        'A',
        '1. [b](b.md) [s](b.md#steps) [me](#steps) [web](https://x.y) [n](#nope) [m](b.md#nope) [gone](gone.md) [up](../../x.md) ![p](no.png) [r][ref]\n\n[ref]: also-gone.md',
      ),
    );
    expect(await problems()).toEqual([
      'a.md:8: the link #nope leads to no heading',
      'a.md:8: the link b.md#nope leads to no heading',
      'a.md:8: the link gone.md leads nowhere',
      'a.md:8: the link ../../x.md leads nowhere',
      'a.md:8: the link no.png leads nowhere',
      'a.md:10: the link also-gone.md leads nowhere',
    ]);
  });

  it('says once that an alert is served twice', async () => {
    write('a.md', book('Dup', '1. look'));
    write('b.md', book('Dup, Dup', '1. look'));
    expect(await problems()).toEqual(['b.md:1: Dup is covered by a already']);
  });
});

test('what people copy holds a label’s value only when it is one plain word', () => {
  const line = 'kubectl delete pod {{ labels.pod }} -n {{ labels.namespace | default "default" }}';
  expect(renderSnippet(line, { pod: 'web-1' })).toBe('kubectl delete pod web-1 -n default');
  for (const pod of ['x; rm -rf /', '$(reboot)', '-A', 'a b', '`id`', "a'b", ''])
    expect(renderSnippet(line, { pod, namespace: 'shop' })).toBe('kubectl delete pod POD -n shop');
});
