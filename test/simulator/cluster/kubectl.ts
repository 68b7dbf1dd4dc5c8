import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cluster } from '../../../simulator/cluster/start.ts';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Kubectl {
  (...args: readonly string[]): Promise<Ran>;
  /** Reads its output until it matches, then ends it. */
  until(pattern: RegExp, ...args: readonly string[]): Promise<string>;
  close(): Promise<void>;
}

/** The machine's own kubectl, with a kubeconfig and a cache of its own. */
export async function kubectlFor(cluster: Cluster): Promise<Kubectl> {
  const home = await mkdtemp(join(tmpdir(), 'kubectl-'));
  const kubeconfig = join(home, 'config');
  await writeFile(kubeconfig, cluster.kubeconfig());
  const env = { ...process.env, HOME: home, KUBECONFIG: kubeconfig, KUBECACHEDIR: join(home, 'cache') };
  const run = (...args: readonly string[]) =>
    new Promise<Ran>((resolve) => {
      execFile(
        'kubectl',
        [...args],
        { env, maxBuffer: 512 * 1024 * 1024, timeout: 60_000 },
        (error, stdout, stderr) => {
          const code = error ? (typeof error.code === 'number' ? error.code : 1) : 0;
          resolve({ code, stdout, stderr });
        },
      );
    });
  return Object.assign(run, {
    until: (pattern: RegExp, ...args: readonly string[]) =>
      new Promise<string>((resolve, reject) => {
        const child = spawn('kubectl', [...args], { env, stdio: ['ignore', 'pipe', 'inherit'] });
        const late = setTimeout(() => child.kill(), 20_000);
        let seen = '';
        child.stdout.on('data', (chunk) => {
          seen += String(chunk);
          if (pattern.test(seen)) child.kill();
        });
        child.once('error', reject);
        child.once('close', () => {
          clearTimeout(late);
          resolve(seen);
        });
      }),
    close: () => rm(home, { recursive: true, force: true }),
  });
}

/** What kubectl printed as a table: the cells of each line under the headings, cut where the headings begin. */
export function cellsOf(stdout: string): readonly Readonly<Record<string, string>>[] {
  const [head = '', ...lines] = stdout.trimEnd().split('\n');
  const columns = [...head.matchAll(/\S+(?: \S+)*/g)].map((match) => ({ name: match[0], from: match.index }));
  return lines.map((line) =>
    Object.fromEntries(
      columns.map(({ name, from }, index) => [name, line.slice(from, columns[index + 1]?.from).trim()]),
    ),
  );
}
