// The responder's diagnostics beside kubectl doing the same against the same server: 5,000 Jobs, 50,000 events, 10,000
// pods, a log of 200 MB. kubectl is a process each time, as a person runs it; the responder runs already, as it does, and
// its memory is read before and after. Run: node bench/diagnostics.ts [--bundle] [--runs=5]
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openCrowd } from './crowd.ts';
import { cpuMs, flag, memory, openStage, option, quantile } from './stage.ts';

const RUNS = option('runs', 5);
const stage = await openStage({ access: { namespaces: ['builds'] } });
const crowd = await openCrowd();
const kubeconfig = join(stage.folder, 'crowd');
writeFileSync(kubeconfig, crowd.kubeconfig());
const responder = await stage.replica({ KUBECONFIG: kubeconfig, PROMETHEUS_URL: 'none' });

interface Cost {
  readonly ms: number;
  /** Time on the processors, which a busy machine does not stretch. */
  readonly cpu: number;
  readonly peakMb: number;
}

/** kubectl from start to end, with the most memory it held. */
function kubectl(args: readonly string[]): Promise<Cost> {
  const begin = performance.now();
  return new Promise((done, failed) => {
    let peakMb = 0;
    let cpu = 0;
    const options = { env: { ...process.env, HOME: stage.folder }, maxBuffer: 1024 ** 3 };
    const child = execFile('kubectl', ['--kubeconfig', kubeconfig, ...args], options, (error, _out, said) => {
      clearInterval(watching);
      if (error) failed(new Error(`kubectl ${args.join(' ')}: ${said.slice(0, 500)}`));
      else done({ ms: performance.now() - begin, cpu, peakMb });
    });
    const watching = setInterval(() => {
      try {
        peakMb = Math.max(peakMb, memory(child.pid ?? 0, 'peak'));
        cpu = Math.max(cpu, cpuMs(child.pid ?? 0));
      } catch {
        // It ended between two looks; what it held then was seen 20 ms ago.
      }
    }, 20);
  });
}

async function ours(text: string): Promise<Pick<Cost, 'ms' | 'cpu'>> {
  const pid = responder.pid() ?? 0;
  const before = cpuMs(pid);
  const begin = performance.now();
  const answer = await fetch(`${responder.url}/api/commands`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ text, user: 'bench' }),
  });
  const reply: { tone: string; title: string } = await answer.json();
  if (reply.tone === 'error') throw new Error(`${text}: ${reply.title}`);
  return { ms: performance.now() - begin, cpu: cpuMs(pid) - before };
}

async function compare(what: string, args: readonly string[], lambda: string): Promise<void> {
  const theirs: Cost[] = [];
  const mine: Pick<Cost, 'ms' | 'cpu'>[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    theirs.push(await kubectl(args));
    mine.push(await ours(lambda));
  }
  const median = (all: readonly Pick<Cost, 'ms' | 'cpu'>[], of: 'ms' | 'cpu') =>
    quantile(
      all.map((one) => one[of]),
      0.5,
    );
  const [theirMs, ourMs] = [median(theirs, 'ms'), median(mine, 'ms')];
  const [theirCpu, ourCpu] = [median(theirs, 'cpu'), median(mine, 'cpu')];
  const peak = Math.max(...theirs.map(({ peakMb }) => peakMb));
  const now = memory(responder.pid() ?? 0);
  console.log(
    `${what.padEnd(26)} kubectl ${Math.round(theirMs)} ms (CPU ${theirCpu}), ${peak} MB | ours ${Math.round(ourMs)} ms (CPU ${ourCpu}), responder at ${now} MB | ratio ${(ourMs / theirMs).toFixed(2)} (CPU ${(ourCpu / theirCpu).toFixed(2)})`,
  );
}

try {
  await responder.start();
  await ours('diag pods -n builds --tail=1').catch(() => null);
  console.log(
    `responder: ${flag('bundle') ? 'bundle' : 'source'}, ${memory(responder.pid() ?? 0)} MB; median of ${RUNS} runs`,
  );
  await compare('5,000 Jobs', ['get', 'jobs', '-n', 'builds'], 'diag jobs -n builds');
  await compare(
    '50,000 events',
    ['get', 'events', '-n', 'builds', '--sort-by=.lastTimestamp'],
    'diag events -n builds',
  );
  await compare(
    'log of 200 MB, last 100',
    ['logs', 'job-0-a', '-n', 'builds', '--tail=100'],
    'diag logs job-0-a -n builds',
  );
  await compare('top of 10,000 pods', ['top', 'pods', '-n', 'builds'], 'diag top pods -n builds');
  console.log(`most memory of the responder: ${memory(responder.pid() ?? 0, 'peak')} MB`);
} finally {
  await crowd.close();
  await stage.close();
}
