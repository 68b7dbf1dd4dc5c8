import type { ServerResponse } from 'node:http';
import { afterEach, expect, test } from '@jest/globals';
import { readTable } from '../../src/k8s/client/kubeTable.ts';
import { RESOURCES } from '../../src/k8s/client/resources.ts';
import { type Asked, json, open, startApiServer } from './servers.ts';
import { asker } from './stage.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function serve(answer: (asked: Asked, response: ServerResponse) => void) {
  const server = await startApiServer(answer);
  closers.push(server.close);
  const cluster = open(server.kubeconfig());
  closers.push(cluster.close);
  return { server, cluster };
}

const signal = new AbortController().signal;
const read = { resource: RESOURCES.pods, namespace: 'shop', priority: 'person', signal } as const;
const object = (name: string) => ({ metadata: { name, creationTimestamp: '2026-03-01T12:00:00Z' } });
const table = (names: readonly string[], metadata: object = {}) => ({
  kind: 'Table',
  metadata,
  columnDefinitions: [{ name: 'Name' }, { name: 'Ready' }, { name: 'IP', priority: 1 }],
  rows: names.map((name) => ({ cells: [name, '1/1', '10.0.0.1'], object: object(name) })),
});

test('a list where a table was asked for is shown by name and creation, with its objects', async () => {
  const { cluster } = await serve((_, response) =>
    json(response, { kind: 'PodList', items: [object('web-1'), object('web-2')] }),
  );
  expect(await readTable(cluster, read)).toEqual({
    columns: ['NAME', 'CREATED AT'],
    rows: [
      { cells: ['web-1', '2026-03-01T12:00:00Z'], object: object('web-1') },
      { cells: ['web-2', '2026-03-01T12:00:00Z'], object: object('web-2') },
    ],
    total: 2,
    isWhole: true,
    notes: ['the server prints no table of pods'],
  });
});

test('an object where a table was asked for is a row', async () => {
  const { cluster } = await serve((_, response) => json(response, { kind: 'Pod', ...object('web-1') }));
  const found = await readTable(cluster, { ...read, name: 'web-1' });
  expect(found.rows.map(({ cells }) => cells[0])).toEqual(['web-1']);
});

test('a diagnostic shows the pods of a server that makes no tables', async () => {
  const pod = (name: string) => ({
    ...object(name),
    metadata: { ...object(name).metadata, namespace: 'shop' },
    spec: { containers: [{ name: 'app', image: 'app:1' }] },
    status: { phase: 'Running' },
  });
  const { cluster } = await serve((_, response) => json(response, { kind: 'PodList', items: [pod('web-1')] }));
  const shown = await asker(cluster, 'builder', Date.now)('pods', { namespace: 'shop' });
  expect(JSON.stringify(shown)).toContain('web-1');
});

test.each([
  ['an empty table', table([]), 0],
  ['an empty list, as Go writes it', { kind: 'PodList', items: null }, 0],
  ['a table', table(['web-1']), 1],
])('%s is read', async (_, answer, rows) => {
  const { cluster } = await serve((__, response) => json(response, answer));
  expect((await readTable(cluster, read)).rows).toHaveLength(rows);
});

test.each([
  ['a status', { kind: 'Status', status: 'Success' }],
  ['something else', { hello: 'world' }],
  ['a text', 'ok'],
  ['a list of what has no name', { kind: 'PodList', items: [{ spec: {} }] }],
  ['a table without cells', { kind: 'Table', rows: [{ object: object('web-1') }] }],
])('%s where a table was asked for is an error, never empty', async (_, answer) => {
  const { cluster } = await serve((__, response) => json(response, answer));
  await expect(readTable(cluster, read)).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('list pods in shop: the answer is '),
  });
});

test('usage that is not understood is an error, never no usage', async () => {
  const { cluster } = await serve((_, response) => json(response, { kind: 'PodMetricsList', items: 'none' }));
  const asking = asker(cluster, 'builder', Date.now)('top pods', { namespace: 'shop' });
  await expect(asking).rejects.toThrow('the answer is a PodMetricsList, where a list was asked for');
});

test('pages are read to the end, the columns from the first', async () => {
  const { cluster, server } = await serve(({ url }, response) =>
    json(
      response,
      /continue=b/.test(url)
        ? { ...table(['web-3']), columnDefinitions: null }
        : /continue=a/.test(url)
          ? table(['web-2'], { continue: 'b' })
          : table(['web-1'], { continue: 'a' }),
    ),
  );
  const found = await readTable(cluster, read);
  expect(found).toMatchObject({ columns: ['NAME', 'READY'], total: 3, notes: [] });
  expect(found.rows.map(({ cells }) => cells)).toEqual([1, 2, 3].map((at) => [`web-${at}`, '1/1']));
  expect(server.asked).toHaveLength(3);
});

test.each([
  ['at once', ['a', 'a']],
  ['after others', ['a', 'b', 'a']],
])('a continue token that comes again %s ends the reading with an error', async (_, tokens) => {
  let page = 0;
  const { cluster, server } = await serve((__, response) => {
    page += 1;
    json(response, table(page % 2 === 0 ? [] : [`web-${page}`], { continue: tokens[(page - 1) % tokens.length] }));
  });
  await expect(readTable(cluster, read)).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('list pods in shop: the server sends the same continue token again'),
  });
  expect(server.asked.length).toBeLessThanOrEqual(tokens.length);
});
