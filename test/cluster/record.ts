import { copyFileSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { runCli } from '../../src/cli.ts';
import type { Place } from './place.ts';
import { openRealPlace } from './realPlace.ts';
import { RECORDED } from './recordings/index.ts';
import type { Recorded } from './recordings/recorded.ts';
import { startTestCluster } from './testCluster.ts';

/**
 * Plays every case of `recordings/` on a real control plane, waits until nothing of it is new, and keeps each as a snapshot
 * in `test/diagnosis/recorded`: `node test/cluster/record.ts [NAME...]`. What a file shows when it is replayed has to be what
 * was told of the live cluster.
 */
const ROOT = resolve(import.meta.dirname, '../..');
const FOLDER = join(ROOT, 'test/diagnosis/recorded');
/** RULES: what is stuck for five minutes is sick. */
const SETTLED_MS = 5.5 * 60_000;
const MOST_BYTES = 60 * 1024;

const wanted = process.argv.slice(2);
const chosen = RECORDED.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
const started = await startTestCluster();
process.env.KUBECONFIG_TEST = started.kubeconfig;
const place = await openRealPlace();
const failed: string[] = [];
try {
  await place.define();
  const begin = Date.now();
  const played: Recorded[] = [];
  await Promise.all(
    chosen.map((one) =>
      one.happens(place).then(
        () => played.push(one),
        (thrown) => failed.push(`${one.name} did not happen: ${thrown}`),
      ),
    ),
  );
  console.log(`${played.length} of ${chosen.length} played in ${Math.round((Date.now() - begin) / 1000)} s`);
  await new Promise((wake) => setTimeout(wake, Math.max(0, SETTLED_MS - (Date.now() - begin))));
  for (const one of played) await keep(one, place).catch((thrown) => failed.push(`${one.name}: ${thrown}`));
} finally {
  await place.close();
  await started.stop();
}
for (const one of failed) console.log(`FAILED ${one}`);
process.exitCode = failed.length === 0 ? 0 : 1;

async function keep(one: Recorded, from: Place): Promise<void> {
  await one.later?.(from);
  // What was recorded before stays until there is something better.
  const scratch = mkdtempSync(join(tmpdir(), 'recorded-'));
  const file = join(scratch, `${one.name}.json`);
  const question = one.alert ? ['--alert', await labelsOf(one, from), file] : [file, 'diag', 'all', '-n', one.name];
  const live = await cli(from, 'snapshot', 'save', ...question);
  if (!existsSync(file)) throw new Error(live.err);
  const again = await cli(from, 'snapshot', 'replay', file);
  const { size } = statSync(file);
  if (size > MOST_BYTES) failed.push(`${one.name}: ${size} bytes`);
  if (findings(live.out) !== findings(again.out)) failed.push(`${one.name}: live\n${live.out}\nreplayed\n${again.out}`);
  copyFileSync(file, join(FOLDER, `${one.name}.json`));
  rmSync(scratch, { recursive: true });
  console.log(`${one.name} (${size} bytes): ${live.out.split('\n')[1]}`);
}

/** What comes before the table of lists, whose order is that of the answers. */
function findings(out: string): string | undefined {
  return out.split(/\n\nNAME +READ/)[0];
}

async function labelsOf({ name, alert = {} }: Recorded, from: Place): Promise<string> {
  const labels: Record<string, string> = { severity: 'critical', namespace: name, ...alert };
  if (labels.pod === '@') labels.pod = await unreadyPod(from, name);
  const { alertname = '', ...rest } = labels;
  return Object.entries({ alertname, ...rest })
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

async function unreadyPod(from: Place, namespace: string): Promise<string> {
  const { items } = await from.api.json('GET', `/api/v1/namespaces/${namespace}/pods`);
  const isReady = (pod: { status?: { conditions?: { type: string; status: string }[] } }) =>
    pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
  return (items.find((pod: object) => !isReady(pod)) ?? items[0]).metadata.name;
}

async function cli(from: Place, ...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const out: string[] = [];
  const err: string[] = [];
  const config = join(ROOT, 'test/cluster/record.responder.yaml');
  const io = {
    env: { KUBECONFIG: from.botKubeconfig, PROMETHEUS_URL: 'none', SIMULATE: 'workspace', RESPONDER_CONFIG: config },
    root: ROOT,
    stdout: { columns: 400, write: (text: string) => out.push(text) },
    stderr: { write: (text: string) => err.push(text) },
    signal: AbortSignal.timeout(60_000),
  };
  const code = await runCli(argv, io);
  return { code, out: out.join(''), err: err.join('') };
}
