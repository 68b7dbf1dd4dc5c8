import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { execute } from '../../src/commands/execute.ts';
import type { DiagnosticRequest } from '../../src/commands/ports.ts';
import { alertOf, incident, invocation, SETTINGS, World } from './fakes.ts';

const signal = new AbortController().signal;
const OBJECT = /^(?:(?:pod|job|deployment|statefulset|daemonset|function|node)\/)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/;
const LABEL = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;

function expectSafe(request: DiagnosticRequest): void {
  if (request.name !== null) expect(request.name).toMatch(OBJECT);
  if (request.namespace !== null) {
    expect(request.namespace).toMatch(LABEL);
    expect(SETTINGS.namespaces).toContain(request.namespace);
  }
  if (request.container !== null) expect(request.container).toMatch(LABEL);
  if (request.selector !== null) expect(request.selector).toMatch(/^[A-Za-z0-9 ._/=!(),-]+$/);
  if (request.fieldSelector !== null) expect(request.fieldSelector).toMatch(/^[A-Za-z0-9 ._/=!,:-]+$/);
  if (request.sortBy !== null) expect(request.sortBy).toMatch(/^(?:cpu|memory|(?:\.[A-Za-z][A-Za-z0-9]*)+)$/);
  if (request.tail !== null) expect(request.tail).toBeGreaterThan(0);
  expect(request.tail ?? 0).toBeLessThanOrEqual(5000);
  expect(request.cluster === null || SETTINGS.clusters.includes(request.cluster)).toBe(true);
  expect(request.allNamespaces).toBe(false);
}

const nasty = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '../../api/v1/secrets',
    '..%2f..%2fsecrets',
    'a/b/c',
    'pod/../x',
    'x?watch=1',
    'x#y',
    'x&labelSelector=',
    '-A',
    '--as=system:admin',
    'ｐｏｄ',
    'p\u200bod',
    'Pod',
    '.',
    '..',
    'a..b',
    '-',
    '*',
    '$(id)',
    '`id`',
    ';id',
    '{}',
    '__proto__',
    'constructor',
    'a'.repeat(300),
    'team-a',
    'kube-system',
  ),
);
const command = fc.constantFrom(
  'jobs',
  'logs',
  'events',
  'top pods',
  'pods',
  'builds',
  'function',
  'all',
  'nodes',
  'storage',
);
const flag = fc.constantFrom(
  '',
  '-n',
  '--namespace=',
  '-l',
  '-c',
  '--tail',
  '--since',
  '--sort-by=',
  '--field-selector=',
  '--filter',
  '--cluster',
  '-i',
  '-A',
);

describe('hostile text', () => {
  it('never becomes a request with a name nobody checked, and always gets an answer', async () => {
    await fc.assert(
      fc.asyncProperty(command, fc.array(fc.tuple(flag, nasty), { maxLength: 3 }), async (name, parts) => {
        const world = new World();
        const text = `diag ${name} ${parts.map(([option, value]) => (option.endsWith('=') ? option + value : `${option} ${value}`)).join(' ')}`;
        const answer = await execute(invocation(text), world.ports(), signal);
        expect(answer.title).not.toBe('');
        for (const request of world.requests) expectSafe(request);
      }),
      { numRuns: 800 },
    );
  });

  it('always gets an answer as a whole line, and changes nothing by accident of its spelling', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 200 }), async (text) => {
        const world = new World();
        const answer = await execute(invocation(text), world.ports(), signal);
        expect(answer.title.length).toBeLessThan(400);
        expect(world.changes).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('from an alert’s labels never becomes the name of an object', async () => {
    await fc.assert(
      fc.asyncProperty(command, nasty, nasty, async (name, pod, fn) => {
        const world = new World([
          {
            incident: incident({ number: 1, subject: { kind: 'function', name: fn } }),
            alerts: [alertOf(1, { pod, function: fn, job_name: pod })],
          },
        ]);
        await execute(invocation(`diag ${name}`, { incidentNumber: 1 }), world.ports(), signal);
        for (const request of world.requests) expectSafe(request);
      }),
      { numRuns: 500 },
    );
  });

  it('of a million characters is answered at once', async () => {
    const answer = await execute(invocation(`diag logs ${'“'.repeat(1_000_000)}`), new World().ports(), signal);
    expect(answer.tone).toBe('warning');
  });

  it('does not repeat a secret somebody pasted as an option', async () => {
    const answer = await execute(invocation('diag pods --token=xoxb-1-secret'), new World().ports(), signal);
    expect(JSON.stringify(answer)).not.toContain('xoxb');
  });
});
