import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RESPONDER_RECEIVER } from '../../manifests/alertmanager/responderRoutes.ts';
import { addResponder } from '../../src/alertmanager/addResponder.ts';
import { parseConfiguration } from '../../src/alertmanager/configuration.ts';
import { routesFor } from '../../src/alertmanager/routing.ts';
import type { Labels } from '../../src/alerts/alert.ts';
import { amtoolReceivers } from './amtool.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'amtool-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const RECEIVERS = ['pager', 'a', 'b', 'c'];
const LABELS = ['alertname', 'severity', 'team', 'namespace'];
/** Values that meet the patterns below, and those that only just miss them. */
const VALUES = ['', 'a', 'b', 'ab', 'A', 'a b', 'a"b', 'a\\b', 'a,b', 'x\ny', '1', '12', 'a.b', 'ä', '-', 'critical'];
const PATTERNS = [
  'a|b',
  '^a$',
  'a.*',
  '.+',
  '.*',
  '',
  '(?i)a',
  '[[:alpha:]]+',
  '\\d+',
  'a\\.b',
  'a$|b',
  '[^a]+',
  '\\w\\b.*',
  '(a|b){1,2}',
  'x.y',
  '(?s)x.y',
  '\\x{e4}',
  '\\p{L}',
  'critical|page',
  '\\Aa\\z',
];
/** As people write them: with and without quotes, spaces, braces, several in one, escapes that mean nothing. */
const TEXTS = [
  'severity=critical',
  'severity = critical ',
  '  team!="a"',
  '{severity="critical",team="a"}',
  '{team=~"a|b",}',
  'team="a,b"',
  'team=a\\b',
  'team="a\\"b"',
  'team="a\\\\b"',
  'team="x\\ny"',
  'team="\\q"',
  'team=a"b',
  'team="a',
  'team=',
  'team=""',
  'team!~a|b',
  'team=~"[a"',
  'team',
  '="a"',
  'team=="a"',
  '{team=a}',
  'team={a}',
  'team=~a b',
  '',
];

const matcherText = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(fc.constantFrom(...LABELS), fc.constantFrom('=', '!='), fc.constantFrom(...VALUES)),
  },
  {
    weight: 4,
    arbitrary: fc.tuple(fc.constantFrom(...LABELS), fc.constantFrom('=~', '!~'), fc.constantFrom(...PATTERNS)),
  },
);
const written = fc.oneof(
  { weight: 6, arbitrary: matcherText.map(([label, op, value]) => `${label}${op}${JSON.stringify(value)}`) },
  { weight: 2, arbitrary: fc.constantFrom(...TEXTS.filter((text) => isReadable(text))) },
);

interface Node {
  readonly receiver?: string;
  readonly matchers?: readonly string[];
  readonly match?: Readonly<Record<string, string>>;
  readonly match_re?: Readonly<Record<string, string>>;
  readonly continue?: boolean;
  readonly routes?: readonly Node[];
}

const { node } = fc.letrec<{ node: Node }>((tie) => ({
  node: fc.record(
    {
      receiver: fc.constantFrom(...RECEIVERS),
      matchers: fc.array(written, { maxLength: 2 }),
      match: fc.dictionary(fc.constantFrom(...LABELS), fc.constantFrom(...VALUES), { maxKeys: 1 }),
      match_re: fc.dictionary(fc.constantFrom(...LABELS), fc.constantFrom(...PATTERNS), { maxKeys: 1 }),
      continue: fc.boolean(),
      routes: fc.array(tie('node'), { maxLength: 3, depthIdentifier: 'tree' }),
    },
    { requiredKeys: [] },
  ),
}));
const tree = fc.array(node, { minLength: 1, maxLength: 4, depthIdentifier: 'tree' });
const labelSet = fc.dictionary(fc.constantFrom(...LABELS), fc.constantFrom(...VALUES), { maxKeys: 4 });

function isReadable(text: string): boolean {
  try {
    parseConfiguration('x', configOf([{ matchers: [text] }]));
    return true;
  } catch {
    return false;
  }
}

/** JSON is YAML. */
function configOf(routes: readonly Node[]): string {
  return JSON.stringify({ route: { receiver: 'pager', routes }, receivers: RECEIVERS.map((name) => ({ name })) });
}

function ownReceivers(text: string, labels: Labels): readonly string[] {
  return routesFor(parseConfiguration('x', text).root, (name) => labels[name] ?? '')
    .map(({ receiver }) => receiver)
    .toSorted();
}

let files = 0;
function fileOf(text: string): string {
  files += 1;
  const file = join(folder, `${files}.yaml`);
  writeFileSync(file, text);
  return file;
}

test('for any tree of routes and any labels the receivers are those of amtool', async () => {
  const property = fc.asyncProperty(tree, fc.array(labelSet, { minLength: 4, maxLength: 4 }), async (routes, sets) => {
    const text = configOf(routes);
    const file = fileOf(text);
    const theirs = await Promise.all(sets.map((labels) => amtoolReceivers(file, labels)));
    expect(sets.map((labels) => ownReceivers(text, labels))).toEqual(theirs);
  });
  await fc.assert(property, { numRuns: 120 });
});

test('with the responder added amtool finds for any tree and labels whom it found before, and the responder', async () => {
  const property = fc.asyncProperty(tree, fc.array(labelSet, { minLength: 2, maxLength: 2 }), async (routes, sets) => {
    const text = configOf(routes);
    const [before, after] = [fileOf(text), fileOf(addResponder('x', text))];
    for (const labels of sets) {
      const [then, now] = await Promise.all([amtoolReceivers(before, labels), amtoolReceivers(after, labels)]);
      expect(now?.filter((one) => one !== RESPONDER_RECEIVER)).toEqual(then);
      expect(now).toContain(RESPONDER_RECEIVER);
    }
  });
  await fc.assert(property, { numRuns: 60 });
});

test.each(TEXTS)('the matcher %j is read as amtool reads it, or refused as it refuses it', async (text) => {
  const config = configOf([{ matchers: [text], receiver: 'a' }]);
  const file = fileOf(config);
  const sets: readonly Labels[] = VALUES.slice(1).map((value) => ({ team: value, severity: 'critical' }));
  const theirs = await Promise.all([{}, ...sets].map((labels) => amtoolReceivers(file, labels)));
  const ours = isReadable(text) ? [{}, ...sets].map((labels) => ownReceivers(config, labels)) : theirs.map(() => null);
  expect(ours).toEqual(theirs);
});
