import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { DIAGNOSTICS as FORMS } from '../../src/commands/diagnostics.ts';
import type { DiagnosticRequest } from '../../src/commands/ports.ts';
import { resultReply } from '../../src/commands/result.ts';
import type { DiagnosticResult, PhoneForm } from '../../src/incidents/evidence.ts';
import { DIAGNOSTICS } from '../../src/k8s/ask/diagnostics.ts';
import { METRIC_DIAGNOSTICS } from '../../src/prometheus/metricDiagnostics.ts';
import { renderReply } from '../../src/slack/render/reply.ts';
import { type Stage, startStage } from '../k8s/stage.ts';
import { strings } from './blockKit.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await startStage('builder');
  stage.director.start('s06');
  stage.director.start('s01');
  stage.pass(240);
});
afterAll(() => stage.close());

const NAMESPACES: Readonly<Record<string, string>> = { jobs: 'knative-lambda-builds', builds: 'knative-lambda-builds' };
const NAMED: Readonly<Record<string, string>> = { function: 'image-resizer', describe: 'deployment/' };

/** What a diagnostic answers, and what a phone shows of it. */
async function ask(name: string, request: Partial<DiagnosticRequest> = {}) {
  const namespace = NAMESPACES[name];
  const result = await stage.ask(name, {
    ...(namespace === undefined ? {} : { namespace }),
    ...(NAMED[name] === undefined ? {} : { name: NAMED[name] }),
    ...request,
  });
  return { result, ...shown(result) };
}

function shown(result: DiagnosticResult) {
  const form = FORMS.find(({ name }) => name === result.diagnostic);
  if (!form) throw new Error(`no form ${result.diagnostic}`);
  const asked = { namespace: 'knative-lambda', previous: false } as DiagnosticRequest; // only these are read
  const answer = resultReply({ result, form, request: asked, assumed: [], notes: [], incident: null, place: null });
  const rendered = renderReply(answer, { asker: 'U0ANA', command: `diag ${form.name}`, files: true, budget: 9_000 });
  return { text: strings(rendered.blocks).join('\n'), files: rendered.files };
}

const rowsOf = (phone: PhoneForm | undefined) => phone?.rows ?? [];

test('every diagnostic that can be asked declares its phone form', () => {
  const declared = [...DIAGNOSTICS, ...METRIC_DIAGNOSTICS].map(({ name, phone }) => [name, typeof phone]);
  expect(declared.map(([name]) => name).toSorted()).toEqual(FORMS.map(({ name }) => name).toSorted());
  expect(declared.filter(([, kind]) => kind === 'undefined')).toEqual([]);
});

test.each(DIAGNOSTICS.map(({ name }) => name))(
  'diag %s shows lines that say something, and brings every row and column as a file',
  async (name) => {
    const { result, text, files } = await ask(name);
    expect(result.phone).toBeDefined();
    const rows = rowsOf(result.phone);
    for (const row of rows) expect(row).not.toMatch(/undefined|<none>|<unset>| · ·|^ ·| · $|NaN/);
    if (result.table && result.table.rows.length > 0 && name !== 'all') expect(rows.length).toBeGreaterThan(0);
    // A table cut to a phone's width is never shown instead.
    if (result.table)
      for (const head of result.table.columns) expect(text).not.toMatch(new RegExp(`^${escaped(head)}  `, 'm'));
    const file = files.map(({ content }) => String(content)).join('\n');
    for (const row of result.table?.rows ?? [])
      for (const cell of row) expect(file.replaceAll(/\s+/g, ' ')).toContain(cell.replaceAll(/\s+/g, ' ').trim());
  },
);

function escaped(text: string): string {
  return text.replaceAll(/[^\w ]/g, String.raw`\$&`);
}

test('diag events says of which object, and its message, once for the same', async () => {
  const { result, text } = await ask('events', { allNamespaces: true, namespace: null });
  expect(rowsOf(result.phone).length).toBeGreaterThan(0);
  for (const row of rowsOf(result.phone)) expect(row).toMatch(/^(?:\d+x )?\w+ \S+\/\S+: \S/);
  expect(text).toMatch(/• (?:\d+x )?BackOff \S*pod\/\S+: Back-off restarting/);
  expect(new Set(rowsOf(result.phone)).size).toBe(rowsOf(result.phone).length);
});

test('diag pods shows state, restarts and age of the unhealthy, and counts the healthy', async () => {
  const { text } = await ask('pods', { allNamespaces: true, namespace: null });
  expect(text).toMatch(/• \S+ · (?:CrashLoopBackOff|Error|Running, \d of \d ready) · \d+[^·]*restarts?[^·]* · \S+ old/);
  expect(text).toMatch(/\d+ healthy not shown/);
});

test('a JSON log shows time, level and message, and the file the whole lines', () => {
  const line =
    '{"severity":"ERROR","timestamp":"2026-03-01T12:00:01.5Z","logger":"builder","message":"no such image","n":1}';
  const logs = DIAGNOSTICS.find(({ name }) => name === 'logs');
  const phone = logs?.phone({ table: null, lines: ['plain', line, `[builder-1] ${line}`], findings: [] });
  expect(phone?.lines).toEqual(['plain', '12:00:01 error no such image', '[builder-1] 12:00:01 error no such image']);
});

test.each(['json', 'yaml'] as const)('-o %s brings the objects as a file, without secrets', async (output) => {
  const { result, files } = await ask('pods', { output });
  expect(result.document?.ending).toBe(output);
  expect(files[0]?.name).toMatch(new RegExp(`^pods-.*\\.${output}$`));
  const text = String(files[0]?.content);
  expect(text).toContain('kind');
  for (const [name] of result.table?.rows ?? []) expect(text).toContain(name);
  expect(text).not.toContain('managedFields');
});

test('-o wide brings the columns that kubectl shows with it', async () => {
  const [{ result: plain }, { result: wide }] = [await ask('pods'), await ask('pods', { output: 'wide' })];
  expect(plain.table?.columns).not.toContain('NODE');
  expect(wide.table?.columns).toContain('NODE');
});
