// What the responder costs when nothing happens, and how soon it is ready: start to ready, resident memory and CPU at
// rest, and the connections it keeps to the API server over 1,000 reads. Run: node bench/idle.ts [--bundle] [--starts=5]
import { readFileSync } from 'node:fs';
import { cpuMs, flag, memory, openStage, option, quantile, slackConnected } from './stage.ts';

const STARTS = option('starts', 5);
const REST_S = option('rest', 20);
const READS = option('reads', 1_000);

/** Sockets of a process to a TCP port of this machine. */
function connections(port: number): number {
  const wanted = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .filter((line) => line.trim().split(/\s+/)[2] === wanted && line.trim().split(/\s+/)[3] === '01').length;
}

const stage = await openStage();
try {
  const times: number[] = [];
  const responder = await stage.replica();
  for (let index = 0; index < STARTS; index += 1) {
    await responder.kill('SIGTERM');
    const begin = performance.now();
    await responder.start();
    times.push(performance.now() - begin);
  }
  const pid = responder.pid() ?? 0;
  await slackConnected(responder);
  await new Promise((wake) => setTimeout(wake, 5_000));
  console.log(`responder: ${flag('bundle') ? 'bundle' : 'source'}`);
  console.log(`start to ready   ${Math.round(quantile(times, 0.5))} ms (median of ${STARTS})`);
  console.log(`resident memory  ${memory(pid)} MB at rest`);
  const before = cpuMs(pid);
  await new Promise((wake) => setTimeout(wake, REST_S * 1000));
  console.log(`CPU at rest      ${((cpuMs(pid) - before) / REST_S).toFixed(1)} ms a second`);

  const server = /server: .*?:(\d+)/.exec(readFileSync(stage.kubeconfig, 'utf8'))?.[1] ?? '0';
  let most = 0;
  const begin = performance.now();
  for (let index = 0; index < READS; index += 1) {
    const answer = await fetch(`${responder.url}/api/commands`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text: 'diag jobs', user: 'bench' }),
    });
    await answer.text();
    if (index % 50 === 0) most = Math.max(most, connections(Number(server)));
  }
  const seconds = (performance.now() - begin) / 1000;
  console.log(
    `${READS} reads       at most ${most} connections to the API server, ${(READS / seconds).toFixed(0)} reads/s`,
  );
  console.log(`resident memory  ${memory(pid)} MB after them`);
} finally {
  await stage.close();
}
