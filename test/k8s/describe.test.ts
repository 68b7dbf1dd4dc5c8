import { afterEach, describe, expect, test } from '@jest/globals';
import { KIND_WORDS, spellingOf } from '../../src/alerts/kindWords.ts';
import { ResponderError } from '../../src/errors.ts';
import type { ClusterAccess } from '../../src/k8s/client/cluster.ts';
import type { Kind } from '../../src/k8s/subjects/kinds.ts';
import { asker, START, type Stage, startStage } from './stage.ts';

let stage: Stage | null = null;
afterEach(async () => {
  await stage?.close();
  stage = null;
});

async function world(scenario: string | null, seconds: number): Promise<Stage> {
  stage = await startStage('builder');
  if (scenario) stage.director.start(scenario);
  stage.pass(seconds);
  return stage;
}

describe('describe', () => {
  test('shows a crashing pod’s conditions, containers, owners, events and the cause', async () => {
    const at = await world('s06', 300);
    const pods = await at.ask('pods');
    const sick =
      pods.table?.rows.map(([name]) => name ?? '').find((name) => name.startsWith('hello-nodejs-00008')) ?? '';
    const answer = await at.ask('describe', { name: `pod/${sick}` });
    expect(answer.kubectl).toBe(`kubectl describe pod/${sick} -n knative-lambda`);
    expect(answer.table?.columns).toEqual(['CONDITION', 'STATUS', 'SINCE', 'REASON', 'MESSAGE']);
    const lines = answer.lines?.join('\n') ?? '';
    expect(lines).toMatch(/owned by: ReplicaSet\/hello-nodejs-00008/);
    expect(lines).toMatch(/container user-container: waiting, CrashLoopBackOff.*restart/);
    expect(lines).toMatch(/events:\n.*BackOff/);
    expect(answer.findings[0]?.conclusion).toContain('express');
  });

  test('finds what a bare name means', async () => {
    const at = await world(null, 5);
    const answer = await at.ask('describe', { name: 'knative-lambda-builder' });
    expect(answer.title).toBe('deployment knative-lambda-builder in knative-lambda');
    expect(answer.lines?.join('\n')).toMatch(/ready: \d\/\d/);
  });

  test('says that there is none of a name, and how to see what there is', async () => {
    const at = await world(null, 5);
    await expect(at.ask('describe', { name: 'deployment/nobody' })).rejects.toMatchObject({
      code: 'not_found',
      hint: 'All of that kind: diag describe deployment -n NAMESPACE',
    });
    await expect(at.ask('describe', { name: 'nobody' })).rejects.toMatchObject({ code: 'not_found' });
  });

  test('reads the list of every kind there is a word for', async () => {
    const at = await world(null, 5);
    const outcomes = await Promise.all(
      (Object.keys(KIND_WORDS) as Kind[]).map(async (kind) =>
        at.ask('describe', { name: `${spellingOf(kind)}/` }).then(
          () => 'read',
          (thrown: { code?: string }) => `${kind} ${thrown.code}`,
        ),
      ),
    );
    // What the simulated platform has not installed is said not to be there; nothing else goes wrong.
    expect(outcomes.filter((one) => one !== 'read' && !one.endsWith(' not_found'))).toEqual([]);
    expect(outcomes.filter((one) => one === 'read').length).toBeGreaterThan(25);
  });

  test('of a node needs no namespace', async () => {
    const at = await world(null, 5);
    const nodes = await at.ask('nodes');
    const name = nodes.table?.rows[0]?.[0] ?? '';
    const answer = await at.ask('describe', { name: `node/${name}` });
    expect(answer.title).toBe(`node ${name}`);
    expect(answer.table?.rows.map(([type]) => type)).toContain('Ready');
  });
});

describe('a bare name', () => {
  const refusing = (isRefused: (path: readonly string[]) => boolean) => {
    const empty = { kind: 'Table', metadata: {}, columnDefinitions: [{ name: 'Name' }], rows: [] };
    const cluster: ClusterAccess = {
      name: 'test',
      server: 'test',
      simulated: false,
      paceMs: () => null,
      close: async () => {},
      text: () => Promise.reject(new ResponderError('unreachable', 'no route to host')),
      json: ({ path }) =>
        isRefused(path)
          ? Promise.reject(new ResponderError('unreachable', 'no route to host'))
          : Promise.resolve(empty),
    };
    return asker(cluster, 'builder', () => START)('describe', { name: 'checkout' });
  };

  test('of a cluster that does not answer is told as that, not as a name that nobody has', async () => {
    await expect(refusing(() => true)).rejects.toMatchObject({ code: 'unreachable', message: 'no route to host' });
  });

  test('that nothing has of what could be read names what could not', async () => {
    await expect(refusing((path) => path.includes('deployments'))).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringMatching(/^nothing that could be read is called checkout .*; not read: deployments \(/),
    });
  });
});
