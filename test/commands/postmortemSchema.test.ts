import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { postmortemJsonSchema, postmortemSchema } from '../../src/commands/postmortemSchema.ts';
import type { PostMortemInput } from '../../src/incidents/postmortem/postmortem.ts';
import { postmortem } from '../../src/incidents/postmortem/postmortem.ts';
import { postmortemJson } from '../../src/incidents/postmortem/postmortemJson.ts';
import { T0 } from '../builders/alerts.ts';
import { story } from '../incidents/postmortem/story.ts';

const FILE = new URL('../../docs/postmortem.schema.json', import.meta.url);

const FINDING = {
  code: 'oom',
  level: 'critical',
  confidence: 'confirmed',
  subject: { kind: 'Pod', namespace: null, name: 'a' },
  count: 1,
  conclusion: 'It was killed.',
  because: ['OOMKilled'],
  nextStep: null,
  role: 'cause',
  path: 'a → b',
} as const;

const EVIDENCE: PostMortemInput['evidence'] = [
  {
    diagnostic: 'pods',
    capturedAt: T0,
    findings: [FINDING, { ...FINDING, code: 'rollout-before-start', role: undefined }],
    evidence: [{ source: 'chart', capturedAt: T0, mime: 'image/png', content: 'aGk=', truncated: false }],
  },
];

test('docs/postmortem.schema.json is what the product writes (UPDATE_DOCS=1 writes it)', async () => {
  if (process.env.UPDATE_DOCS) await writeFile(FILE, postmortemJsonSchema());
  expect(await readFile(FILE, 'utf8')).toBe(postmortemJsonSchema());
});

test.each([
  ['an incident that people acted on', story()],
  ['a drill', story({ drill: 'true' })],
  [
    'one with evidence, a cause and a trigger',
    { ...story(), evidence: EVIDENCE, pending: { ms: 300_000, source: 'rule' as const } },
  ],
])('the JSON of %s is as its schema says, and holds nothing else', (_, input) => {
  const json: unknown = JSON.parse(JSON.stringify(postmortemJson(postmortem(input))));
  expect(postmortemSchema.safeParse(json).error?.issues ?? []).toEqual([]);
});
