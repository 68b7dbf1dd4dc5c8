import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cluster } from '../../../simulator/cluster/start.ts';
import { kubectlOf, type Ran } from '../../cluster/kubectl.ts';

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
  const run = kubectlOf(kubeconfig, { HOME: home, KUBECACHEDIR: env.KUBECACHEDIR });
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
