import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { EVENTS, JOBS, openCrowd, PODS } from './crowd.ts';

/**
 * How the simulated cluster bears the sizes the product promises to bear: 5,000 Jobs, 10,000 pods, 50,000 events and a
 * log of 200 MB. Prints figures; run with `node bench/simulatedCluster.ts`. Needs kubectl.
 */
const begun = performance.now();
const cluster = await openCrowd();
console.log(`fill the world: ${Math.round(performance.now() - begun)} ms`);
const home = await mkdtemp(join(tmpdir(), 'cluster-bench-'));
try {
  memory();
  const config = join(home, 'config');
  await writeFile(config, cluster.kubeconfig());
  const kubectl = (...args: readonly string[]) => run(home, ['--kubeconfig', config, ...args]);
  await kubectl('api-resources');
  const empty = await timed('kubectl get jobs in an empty namespace', () => kubectl('get', 'jobs', '-n', 'default'));
  const full = await timed(`kubectl get jobs, ${JOBS} Jobs`, () => kubectl('get', 'jobs', '-n', 'builds'));
  console.log(`  of which the server and the rows: ${Math.round(full - empty)} ms`);
  // kubectl allows itself 5 requests a second after the first ten, and asks for 500 objects at a time unless told not to.
  const whole = ['-n', 'builds', '--chunk-size=0'];
  await timed(`kubectl get pods -o json, ${PODS} pods`, () => kubectl('get', 'pods', ...whole, '-o', 'json'));
  await timed(`kubectl get events, ${EVENTS} events`, () => kubectl('get', 'events', ...whole));
  for (const path of ['/apis/batch/v1/namespaces/builds/jobs', '/api/v1/pods', '/api/v1/events'])
    await timed(`GET ${path}`, () => drain(`${cluster.url}${path}`));
  await timed('GET 100 events of one pod among them', () =>
    drain(`${cluster.url}/api/v1/namespaces/builds/events?fieldSelector=involvedObject.name=job-7-a&limit=100`),
  );
  memory();
  await timed('GET a log of 200 MB', () => drain(`${cluster.url}/api/v1/namespaces/builds/pods/job-0-a/log`));
  memory();
  await timed('GET its last 100 lines', () =>
    drain(`${cluster.url}/api/v1/namespaces/builds/pods/job-0-a/log?tailLines=100`),
  );
  await timed('one round of the controllers', async () => cluster.step());
} finally {
  await cluster.close();
  await rm(home, { recursive: true, force: true });
}

async function drain(url: string): Promise<void> {
  const response = await fetch(url);
  let bytes = 0;
  // A fetch body is iterable; the DOM's type does not say so.
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) bytes += chunk.length;
  console.log(`  ${(bytes / 1e6).toFixed(1)} MB`);
}

async function timed(what: string, work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  const took = performance.now() - begin;
  console.log(`${what}: ${Math.round(took)} ms`);
  return took;
}

function memory(): void {
  console.log(`  resident memory ${Math.round(process.memoryUsage().rss / 1e6)} MB`);
}

function run(cacheHome: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, HOME: cacheHome };
    execFile('kubectl', [...args], { env, maxBuffer: 1024 ** 3 }, (error) => (error ? reject(error) : resolve()));
  });
}
