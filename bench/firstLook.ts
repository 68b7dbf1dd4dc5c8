// What a first look costs in the largest namespace the product promises to bear: 10,000 pods of which the last 20 by name crash,
// 5,000 Jobs, 50,000 events, and in a namespace beside it of which six pods crash. A cluster of the simulator answers at once and 50 ms late; the responder is a process of its own.
// Then the judging alone, of every written case. Run: node bench/firstLook.ts [--bundle] [--runs=5]
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROFILES } from '../src/alerts/profile.ts';
import { snapshot } from '../src/k8s/facts/snapshot.ts';
import { replay } from '../src/k8s/look/replay.ts';
import { CASES } from '../test/diagnosis/cases/index.ts';
import { openCrowd } from './crowd.ts';
import { cpuMs, flag, memory, openStage, option, quantile } from './stage.ts';

const RUNS = option('runs', 5);
const ILL = 20;
const NAMESPACE = 'builds';
const ORDINARY = 'shop';
/** A look may use what one before it read within ten seconds. */
const SHARED_MS = 10_500;

const stage = await openStage({ access: { namespaces: [NAMESPACE, ORDINARY] } });
const crowd = await openCrowd();
const kubeconfig = join(stage.folder, 'crowd');
writeFileSync(kubeconfig, crowd.kubeconfig());
const responder = await stage.replica({ KUBECONFIG: kubeconfig, PROMETHEUS_URL: 'none' });

function apply(apiVersion: string, kind: string, namespace: string, name: string, rest: object): void {
  crowd.world.apply({ apiVersion, kind, metadata: { name, namespace, labels: { app: name } }, ...rest });
}

function crashing(namespace: string, name: string): void {
  const finishedAt = new Date().toISOString();
  const crashed = {
    name: 'zz',
    ready: false,
    restartCount: 9,
    state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 5m0s' } },
    lastState: { terminated: { exitCode: 1, reason: 'Error', finishedAt } },
  };
  apply('v1', 'Pod', namespace, name, {
    spec: { nodeName: 'node-a', containers: [{ name: 'zz', image: 'zz:1' }] },
    status: { phase: 'Running', containerStatuses: [crashed] },
  });
}

for (let index = 0; index < ILL; index += 1) crashing(NAMESPACE, `zz-ill-${index}`);
for (let index = 0; index < 6; index += 1) {
  const name = `shop-${index}`;
  crashing(ORDINARY, name);
  apply('v1', 'Service', ORDINARY, name, { spec: { selector: { app: name }, ports: [{ port: 80 }] } });
  const regarding = { apiVersion: 'v1', kind: 'Pod', namespace: ORDINARY, name };
  const message = 'Back-off restarting failed container';
  crowd.world.event({ type: 'Warning', reason: 'BackOff', message, regarding, source: 'kubelet' });
}

async function look(namespace: string): Promise<{ readonly ms: number; readonly says: string }> {
  const begin = performance.now();
  const answer = await fetch(`${responder.url}/api/commands`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ text: `diag all -n ${namespace}`, user: 'bench' }),
  });
  const reply: { tone: string; title: string; summary: string } = await answer.json();
  if (reply.tone === 'error') throw new Error(reply.title);
  return { ms: performance.now() - begin, says: reply.summary };
}

async function measure(what: string, namespace = NAMESPACE): Promise<void> {
  const pid = responder.pid() ?? 0;
  const times: number[] = [];
  let says = '';
  const before = cpuMs(pid);
  for (let run = 0; run < RUNS; run += 1) {
    await new Promise((wake) => setTimeout(wake, SHARED_MS));
    const one = await look(namespace);
    times.push(one.ms);
    says = one.says;
  }
  const cpu = Math.round((cpuMs(pid) - before) / RUNS);
  console.log(
    `${what.padEnd(20)} median ${Math.round(quantile(times, 0.5))} ms, most ${Math.round(Math.max(...times))} ms, ${cpu} ms CPU a look with what it does besides; ${memory(pid)} MB now, ${memory(pid, 'peak')} MB at most`,
  );
  console.log(`  ${says.slice(0, 160)}`);
}

try {
  await responder.start();
  console.log(`responder: ${flag('bundle') ? 'bundle' : 'source'}, ${memory(responder.pid() ?? 0)} MB; ${RUNS} runs`);
  await measure('answers at once');
  crowd.world.faults.add({ kind: 'latency', ms: 50 }, Date.now());
  await measure('answers 50 ms late');
  await measure('six crash, 50 ms', ORDINARY);
} finally {
  await crowd.close();
  await stage.close();
}

const judged: number[] = [];
for (const one of CASES) {
  const taken = snapshot.parse({ ...one.world(), unread: [] });
  judged.push((await replay(taken, PROFILES.builder)).judgedMs);
}
console.log(
  `judging ${judged.length} written cases: p50 ${quantile(judged, 0.5).toFixed(1)} ms, p95 ${quantile(judged, 0.95).toFixed(1)} ms, most ${Math.max(...judged).toFixed(1)} ms`,
);
