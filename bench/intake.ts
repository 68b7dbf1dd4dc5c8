// How many webhooks a second are taken, each answered after its commit, beside a route that only parses the body and one
// that commits a row for each, on the same machine in the same run. Run: node bench/intake.ts [--seconds=15]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import rateLimit from '@fastify/rate-limit';
import fastify, { type FastifyInstance } from 'fastify';
import { alertmanagerWebhook } from '../src/http/alertmanagerWebhook.ts';
import { createLogger } from '../src/logger.ts';
import { openStore } from '../src/store/open.ts';
import type { Load, LoadResult } from './load.ts';
import { option, quantiles } from './stage.ts';

const SECONDS = option('seconds', 15);
const RATE = option('rate', 1_000);

const folder = mkdtempSync(join(tmpdir(), 'bench-intake-'));
const log = createLogger({ level: 'silent' });

interface Server {
  readonly name: string;
  readonly app: FastifyInstance;
  close(): Promise<void>;
}

function parseOnly(): Server {
  const app = fastify();
  app.post('/webhooks/alertmanager', async () => ({}));
  return { name: 'parses the body, keeps nothing', app, close: () => app.close() };
}

function rowEach(): Server {
  const database = new DatabaseSync(join(folder, 'rows.db'));
  database.exec(
    'pragma journal_mode = wal; pragma synchronous = full; create table bodies (id integer primary key, body)',
  );
  const insert = database.prepare('insert into bodies (body) values (?)');
  const app = fastify();
  app.post('/webhooks/alertmanager', async (request) => {
    insert.run(JSON.stringify(request.body));
    return {};
  });
  return {
    name: 'commits a row for each',
    app,
    async close() {
      await app.close();
      database.close();
    },
  };
}

async function responder(): Promise<Server> {
  const store = await openStore(`sqlite:${join(folder, 'responder.db')}`, {
    log,
    clock: Date.now,
  });
  const app = fastify();
  await app.register(rateLimit, { global: false });
  alertmanagerWebhook(app, {
    intake: {
      accept: (delivery) => store.deliveries.accept(delivery),
      refuse: async (refused) => void (await store.rejected.keep(refused)),
    },
    tokens: [],
    maxBody: 32 * 1024 * 1024,
    clock: Date.now,
  });
  return {
    name: 'lambda-responder: delivery and its job',
    app,
    async close() {
      await app.close();
      await store.close();
    },
  };
}

async function load(given: Load): Promise<LoadResult> {
  const worker = new Worker(new URL('./load.ts', import.meta.url), { workerData: given });
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

try {
  const most: number[] = [];
  for (const open of [parseOnly, rowEach, responder]) {
    const { name, app, close } = await open();
    const url = await app.listen({ host: '127.0.0.1', port: 0 });
    await load({ url, rate: 0, atOnce: 64, seconds: 1 });
    const full = await load({ url, rate: 0, atOnce: 64, seconds: SECONDS });
    most.push(full.posts / full.seconds);
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const paced = await load({ url, rate: RATE, atOnce: 64, seconds: SECONDS });
    delay.disable();
    await close();
    console.log(name);
    console.log(
      `  as many as it can    ${Math.round(full.posts / full.seconds)} posts/s  ${quantiles(full.latencies, 1)}`,
    );
    console.log(`  at ${RATE} posts/s     ${quantiles(paced.latencies, 1)}, refused ${full.refused + paced.refused}`);
    // The resolution is a part of what the histogram measures.
    console.log(`  event loop delay     p99 ${Math.max(0, delay.percentile(99) / 1e6 - 5).toFixed(1)} ms`);
  }
  const [parsed = Number.NaN, row = Number.NaN, ours = Number.NaN] = most;
  console.log(`ratio: ${(ours / row).toFixed(2)} of a commit for each, ${(ours / parsed).toFixed(2)} of parsing only`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
