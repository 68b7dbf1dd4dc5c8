import { expect, test } from '@jest/globals';
import { COMMANDS } from '../../src/commands/index.ts';
import { parse } from '../../src/commands/parse.ts';
import { typed } from '../../src/k8s/judge/nextStep.ts';
import type { CodeRow } from '../../src/k8s/rules/code.ts';
import { CODES } from '../../src/k8s/rules/codes.ts';

const POD = { kind: 'Pod', namespace: 'shop', name: 'web-1' };
/** Whatever part a code's words ask for; each code is asked with its own kind of object too. */
const PARTS: Readonly<Record<string, string>> = new Proxy(
  {},
  { get: (_, part) => (part === 'who' ? 'Deployment web' : `a-${String(part)}`) },
);
const STEPS = Object.entries(CODES).flatMap(([code, row]) => {
  const step = (row as CodeRow<string>).next(PARTS);
  return step === null ? [] : [[code, typed(step, POD)] as const];
});
const PLACED = /^diag (?:logs|events|pods|top pods|jobs|builds|function|rollouts|changes|hpa|quota|storage|eventing)\b/;

function commandsIn(step: string): readonly string[] {
  return [...step.matchAll(/\/lambda ([^,;(]+?)(?= \(|[,;]|\.$|$)/g)].map(([, command = '']) => command);
}

test.each(STEPS)('the next step of %s can be typed: its object and its namespace are filled in', (_, step) => {
  for (const command of commandsIn(step)) {
    expect(parse(command, COMMANDS)).toMatchObject({ ok: true });
    if (PLACED.test(command)) expect(command).toMatch(/ -n \S+/);
    if (/^diag (?:logs|events)\b/.test(command)) expect(command).toMatch(/^diag \w+ [^-]/);
  }
  // Words in capitals stand for what nobody filled in.
  expect(step).not.toMatch(/\b(?:NAME|NODE|POD|NAMESPACE|OBJECT)\b/);
  expect(step).not.toMatch(/undefined|null/);
  const kubectl = [...step.matchAll(/kubectl ((?:get|describe|logs|patch|rollout)[^,;()]*)/g)].map(
    ([, words = '']) => words,
  );
  for (const words of kubectl) expect(words).toMatch(/ -n | -A|^describe node/);
});

test('a command keeps the namespace it names, and one of the whole cluster gets none', () => {
  expect(typed('Free some: /lambda diag quota -n builds', POD)).toBe('Free some: /lambda diag quota -n builds');
  expect(typed('Look: /lambda diag nodes node-a', POD)).toBe('Look: /lambda diag nodes node-a');
  expect(typed('See /lambda diag events, /lambda diag logs.', POD)).toBe(
    'See /lambda diag events web-1 -n shop, /lambda diag logs web-1 -n shop.',
  );
  const step = 'Read it: /lambda diag logs';
  expect(typed(step, { kind: 'Deployment', namespace: 'shop', name: 'web' })).toBe(
    'Read it: /lambda diag logs deployment/web -n shop',
  );
});
