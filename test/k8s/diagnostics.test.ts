import { afterEach, describe, expect, test } from '@jest/globals';
import type { DiagnosticRequest } from '../../src/commands/ports.ts';
import type { DiagnosticResult } from '../../src/incidents/evidence.ts';
import { brokenSteps } from './objects.ts';
import { START, type Stage, startStage } from './stage.ts';

let stage: Stage | null = null;
afterEach(async () => {
  await stage?.close();
  stage = null;
});

type Profile = 'builder' | 'operator';

/** What a diagnostic says so many seconds into a scenario; null plays none. */
async function at(
  profile: Profile,
  scenario: string | null,
  seconds: number,
  diagnostic: string,
  request: Partial<DiagnosticRequest> = {},
): Promise<DiagnosticResult> {
  stage = await startStage(profile);
  if (scenario) stage.director.start(scenario);
  stage.pass(seconds);
  return stage.ask(diagnostic, request);
}

const codes = (result: DiagnosticResult) => result.findings.map(({ code }) => code);
const row = (result: DiagnosticResult, start: string) => result.table?.rows.find(([name]) => name?.startsWith(start));
const inBuilds = (profile: Profile) => (profile === 'builder' ? { namespace: 'knative-lambda-builds' } : {});

describe.each(['builder', 'operator'] as const)('on the %s platform', (profile) => {
  test.each([
    ['s01', 100, 'image-resizer', 'failed: snapshot', 'OOMKilled', 'build-oom-killed'],
    ['s02', 300, '', 'failed: push check', 'exit 1', 'registry-unauthorized'],
    ['s04', 600, 'hello-python', 'running: RUN', '', undefined],
    ['s11', 200, 'image-resizer', 'failed', 'Evicted', 'build-evicted'],
    ['s15', 300, '', 'failed: base image', 'exit 1', 'base-image-missing'],
    ['s17d', 60, 'hello-python', 'failed: RUN', 'exit 1', 'source-broken'],
  ])('builds in %s show the phase and why they ended', async (scenario, seconds, build, status, reason, code) => {
    const result = await at(profile, scenario, seconds, 'builds', inBuilds(profile));
    const shown = result.table?.rows.find(([name, cell]) => name?.startsWith(build) && cell?.startsWith(status));
    expect(shown?.slice(1, 3)).toEqual([status, reason]);
    expect(codes(result)[0]).toBe(code);
    expect(brokenSteps(result.findings)).toEqual([]);
  });

  test('two builds that fail for two reasons are told as two, each with its function', async () => {
    const result = await at(profile, 't02', 200, 'builds', inBuilds(profile));
    expect(result.findings.map(({ code, conclusion }) => [code, /build of ([\w-]+)/.exec(conclusion)?.[1]])).toEqual([
      ['registry-unauthorized', 'invoice-parser'],
      ['build-oom-killed', 'image-resizer'],
    ]);
  });

  test('a build without a pod says who refused it one', async () => {
    const result = await at(profile, 's07', 200, 'builds', inBuilds(profile));
    expect(codes(result)).toEqual(['quota-exceeded']);
    expect(row(result, 'invoice-parser-build')?.[1]).toBe('waiting');
  });

  test('builds of one function are its own, with image and duration', async () => {
    const result = await at(profile, 's01', 100, 'builds', { ...inBuilds(profile), name: 'image-resizer' });
    const [name, , , duration, image, owner] = result.table?.rows[0] ?? [];
    expect({ name, duration, image, owner }).toEqual({
      name: expect.stringMatching(/^image-resizer-build-/),
      duration: '1m35s',
      image: expect.stringMatching(/^image-resizer:/),
      owner: 'image-resizer',
    });
    expect(new Set(result.table?.rows.map((one) => one[5]))).toEqual(new Set(['image-resizer']));
  });

  test('a revision that crashes is told with its cause, and that the old one serves', async () => {
    const result = await at(profile, 's06', 300, 'function', { name: 'hello-nodejs' });
    expect(codes(result)).toEqual(['log-module-missing', 'crash-loop', 'revision-failed', 'function-degraded']);
    expect(result.findings[0]?.conclusion).toContain('express');
    expect(result.findings[3]?.conclusion).toContain('hello-nodejs-00007 still serves');
    expect(row(result, 'rev/hello-nodejs-00008')?.slice(1, 4)).toEqual(['False', 'ExitCode1', '-']);
    expect(row(result, 'rev/hello-nodejs-00007')?.slice(1, 4)).toEqual(['True', '', '100%']);
    expect(brokenSteps(result.findings)).toEqual([]);
  });

  test('an image that cannot be pulled is told by what the registry said, before Knative gives up', async () => {
    const result = await at(profile, 's05', 120, 'function', { name: 'hello-nodejs' });
    expect(codes(result).slice(0, 2)).toEqual(['image-not-found', 'function-deploying']);
    expect(result.findings[1]?.conclusion).toContain('hello-nodejs-00006 still serves');
  });

  test('READY is not believed while the pods crash', async () => {
    const result = await at(profile, 't04', 400, 'function', { name: 'image-resizer' });
    expect(row(result, 'ksvc/')?.[1]).toBe('True');
    expect(codes(result)).toEqual(expect.arrayContaining(['oom-killed', 'ready-but-failing']));
    expect(result.findings[0]).toMatchObject({ code: 'oom-killed', level: 'critical' });
  });

  test('a function scaled to zero is healthy', async () => {
    const result = await at(profile, null, 5, 'function', { name: 'image-resizer' });
    expect(result.findings).toMatchObject([{ code: 'function-idle', level: 'ok' }]);
  });

  test('a function that does not exist is said not to', async () => {
    await expect(at(profile, null, 1, 'function', { name: 'nobody' })).rejects.toMatchObject({
      code: 'not_found',
      message: expect.stringContaining('nobody'),
    });
  });

  test('a node under pressure is told with what it evicted', async () => {
    const result = await at(profile, 's11', 200, 'nodes');
    expect(result.findings[0]).toMatchObject({ code: 'node-pressure', subject: { name: 'node-b', namespace: null } });
    expect(result.findings[0]?.because.join()).toContain('MemoryPressure=True');
    expect(row(result, 'node-b')?.[1]).toBe('Ready,MemoryPressure');
    expect(row(result, 'node-b')?.[5]).toBe('2');
    expect(row(result, 'node-a')?.slice(1, 4)).toEqual([
      'Ready',
      expect.stringMatching(/^\d+%$/),
      expect.stringMatching(/^\d+%$/),
    ]);
  });

  test('a quota that is used up is told with who was refused', async () => {
    const result = await at(profile, 's07', 300, 'quota', inBuilds(profile));
    expect(codes(result).toSorted()).toEqual(['quota-exceeded', 'quota-full']);
    expect(result.summary).toContain('limits.memory 40Gi of 40Gi');
    expect(result.summary).toMatch(/refused pods: Job [\w-]+-build-/);
    expect(result.table?.rows[0]?.slice(0, 4)).toEqual(['limits.memory', '40Gi', '40Gi', '100%']);
  });

  test('the release before a crash is the nearest change', async () => {
    const incident = { startedAt: START + 130_000, since: START - 3_600_000 };
    const result = await at(profile, 's13', 300, 'changes', incident);
    expect(result.findings[0]).toMatchObject({ code: 'rollout-before-start', confidence: 'likely' });
    expect(result.findings[0]?.conclusion).toMatch(/2m10s before the start: image .+ → .+/);
    expect(result.table?.rows[0]?.[2]).toBe('2m');
    await stage?.close();
    const rolled = await at(profile, 's13', 300, 'rollouts');
    expect(codes(rolled)).toEqual(['control-plane-down', 'replicas-short']);
    expect(rolled.table?.rows[0]?.[1]).toBe('0/2');
  });

  test.each([
    ['s06', 300, 'hello-nodejs', 'log-module-missing', ['pods', 'events', 'revisions', 'routes']],
    ['s13', 300, null, 'oom-killed', ['pods', 'events', 'deployments', 'resourcequotas']],
    ['s11', 200, 'node/node-b', 'node-pressure', ['nodes', 'pods', 'events']],
    ['s08', 300, 'deployment/webhook', 'crash-loop', ['deployments', 'pods', 'events']],
  ])('a first look in %s reads what decides', async (scenario, seconds, name, code, read) => {
    const place = scenario === 's08' ? { namespace: 'knative-serving' } : {};
    const result = await at(profile, scenario, seconds, 'all', { name, ...place });
    expect(result.table?.rows.map(([kind]) => kind)).toEqual(expect.arrayContaining(read));
    expect(codes(result)[0]).toBe(code);
    expect(brokenSteps(result.findings)).toEqual([]);
  });

  test.each(['builds', 'rollouts', 'changes', 'nodes', 'hpa', 'quota', 'all'])(
    '%s finds nothing wrong when nothing is wrong',
    async (diagnostic) => {
      const result = await at(profile, null, 30, diagnostic, diagnostic === 'builds' ? inBuilds(profile) : {});
      expect(result.findings.filter(({ level }) => level !== 'ok' && level !== 'notice')).toEqual([]);
      for (const cell of result.table?.rows.flat() ?? []) expect(cell).not.toMatch(/undefined|NaN|null|\[object/);
    },
  );
});

test('a build that says nothing any more hangs, and without a deadline that is said', async () => {
  const result = await at('operator', 's04', 1_920, 'builds');
  expect(result.findings[0]).toMatchObject({ code: 'build-hangs', confidence: 'confirmed' });
  expect(result.findings[0]?.conclusion).toMatch(/has logged nothing for \d+ min/);
  expect(result.findings[0]?.because.join()).toContain('without a deadline');
  expect(result.findings[0]?.because.join()).toContain('numpy');
});

test('a build that ran into its deadline says so although its pod is gone', async () => {
  const result = await at('builder', 's04', 1_810, 'builds', inBuilds('builder'));
  expect(result.findings[0]).toMatchObject({ code: 'build-deadline' });
  expect(result.table?.rows.find((cells) => cells[2] === 'DeadlineExceeded')?.[1]).toBe('failed');
});

test('logs of job/NAME and deploy/NAME are those of its pods', async () => {
  const job = (await at('builder', 's01', 100, 'builds', inBuilds('builder'))).table?.rows[0]?.[0];
  const ofJob = await stage?.ask('logs', { ...inBuilds('builder'), name: `job/${job}`, tail: 5 });
  expect(ofJob?.lines?.join()).toContain('Taking snapshot');
  const ofDeployment = await stage?.ask('logs', { name: 'deployment/knative-lambda-builder', tail: 5 });
  expect(ofDeployment?.title).toContain('2 pods');
});
