import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { type ApiClient, createApiClient } from './apiClient.ts';
import { openBot } from './bot.ts';
import { create, createNamespace, eventually } from './player.ts';
import { openRealPlace } from './realPlace.ts';

/** More than a page of what the bot reads. */
const OBJECTS = 700;
const NAMESPACE = 'expired-pages';

let place: Awaited<ReturnType<typeof openRealPlace>>;
let between: Server;
let folder: string;
let client: ApiClient;
let expired = 0;
/** How often the API server answered 410 to the bot. */
let refused = 0;

beforeAll(async () => {
  place = await openRealPlace();
  await createNamespace(place, NAMESPACE);
  for (let index = 0; index < OBJECTS; index += 20)
    await Promise.all(Array.from({ length: 20 }, (_, offset) => suspendedJob(index + offset)));
  folder = mkdtempSync(join(tmpdir(), 'expired-pages-'));
  client = createApiClient(place.server, await place.cluster.bot.renew(), place.cluster.ca);
  between = createServer((request, response) => {
    void pass(request.url ?? '', request.headers.accept ?? '').then(({ status, text }) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(text),
    );
  });
  await new Promise<void>((listening) => between.listen(0, '127.0.0.1', listening));
});
afterAll(async () => {
  between.closeAllConnections();
  await new Promise((closed) => between.close(closed));
  await client.close();
  await place.api.call('DELETE', `/api/v1/namespaces/${NAMESPACE}`);
  rmSync(folder, { recursive: true, force: true });
  await place.close();
});

function suspendedJob(index: number): Promise<unknown> {
  const container = { name: 'main', image: 'registry.example/job:1' };
  return create(place, {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: `job-${index}`, namespace: NAMESPACE },
    spec: { suspend: true, template: { spec: { restartPolicy: 'Never', containers: [container] } } },
  });
}

/** The first page as the API server gave it to the bot, until it has been given once more. */
let kept: { readonly url: string; readonly text: string } | null = null;

/** What stands between the bot and the API server: pages are short, and a first page that was kept is given again. */
async function pass(url: string, accept: string): Promise<{ status: number; text: string }> {
  const short = url.replace(/limit=\d+/, 'limit=200');
  if (kept?.url === url && expired > 0) {
    const { text } = kept;
    kept = null;
    return { status: 200, text };
  }
  const answer = await client.call('GET', short, undefined, undefined, accept);
  if (!url.includes('continue=') && answer.text.includes('"continue"')) kept ??= { url, text: answer.text };
  if (answer.status === 410) refused += 1;
  return answer;
}

/** Waits until the token of the kept page has expired, as it does by itself when etcd is compacted. */
async function expire(): Promise<void> {
  const token = JSON.parse(kept?.text ?? '{}').metadata?.continue;
  const next = `/apis/batch/v1/namespaces/${NAMESPACE}/jobs?limit=200&continue=${encodeURIComponent(token)}`;
  await eventually('the token to expire', async () => (await client.call('GET', next)).status === 410, 120);
  expired += 1;
}

test('a list whose pages expire while it is read is never told as the whole', async () => {
  const { port } = between.address() as AddressInfo; // It listens on TCP.
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(
    kubeconfig,
    stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'test', cluster: { server: `http://127.0.0.1:${port}` } }],
      users: [{ name: 'nobody', user: {} }],
      contexts: [{ name: 'test', context: { cluster: 'test', user: 'nobody' } }],
      'current-context': 'test',
    }),
  );
  const bot = await openBot(kubeconfig);
  try {
    await bot.ask({ diagnostic: 'jobs', namespace: NAMESPACE });
    await expire();
    const answer = await bot.ask({ diagnostic: 'jobs', namespace: NAMESPACE });
    expect(refused).toBe(1);
    const rows = answer.table?.rows.length ?? 0;
    const whole = rows === OBJECTS || answer.table?.total === OBJECTS;
    const told = answer.notes.some((note) => /stopped|changed|first|at least|expired/i.test(note));
    // Either it read all (asking again from the start), or it says that it did not.
    expect({ whole: whole || told, said: answer.notes }).toMatchObject({ whole: true });
    // A count of a part says that it is one.
    if (!whole) expect(answer.summary).toMatch(/of the \d+ that were read|at least/);
  } finally {
    await bot.close();
  }
});
