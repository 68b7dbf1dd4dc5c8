import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { problemOf } from '../../src/commands/execute.ts';
import { parsePlaybook } from '../../src/playbooks/parsePlaybook.ts';

test('the example in docs/runbooks.md is a runbook without problems', () => {
  const text = readFileSync(join(import.meta.dirname, '../../docs/runbooks.md'), 'utf8');
  const example = /^````markdown\n([\s\S]*?)^````$/m.exec(text)?.[1] ?? '';
  const { playbook, problems } = parsePlaybook('team/Checkout', 'docs/runbooks.md', example);
  expect(problems).toEqual([]);
  expect(playbook?.steps.map((step) => [step.commands.length, step.snippets.length])).toEqual([
    [1, 0],
    [1, 0],
    [0, 1],
  ]);
  expect(
    playbook?.steps
      .flatMap((step) => step.commands)
      .map(({ template }) => problemOf(template.replaceAll(/\{\{.*?\}\}/g, 'x'))),
  ).toEqual([null, null]);
});
