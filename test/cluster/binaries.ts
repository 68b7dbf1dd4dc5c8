import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

const SCRIPT = resolve(import.meta.dirname, '../../scripts/clusterBinaries.mjs');

/** Where the built programs of one version lie. */
export interface Binaries {
  readonly etcd: string;
  readonly kubeApiserver: string;
  readonly kubeControllerManager: string;
  readonly kubeScheduler: string;
  readonly kwok: string;
}

/**
 * Finds the programs of a minor version of Kubernetes in the cache.
 * @throws Error naming what is missing and how to build it
 */
export function findBinaries(minor: string): Binaries {
  const { folders, missing } = listed(minor);
  if (missing.length > 0)
    throw new Error(
      `The control plane of Kubernetes ${minor} is not built: ${missing.join(', ')} missing. Run: node scripts/clusterBinaries.mjs ${minor}`,
    );
  const find = (name: string) => {
    const path = folders.map((folder) => join(folder, name)).find((one) => existsSync(one));
    if (!path) throw new Error(`${name} is in none of ${folders.join(', ')}. Delete them and build again.`);
    return path;
  };
  return {
    etcd: find('etcd'),
    kubeApiserver: find('kube-apiserver'),
    kubeControllerManager: find('kube-controller-manager'),
    kubeScheduler: find('kube-scheduler'),
    kwok: find('kwok'),
  };
}

/** The script says where things are: `built PATH` or `missing PATH`, a line each, and ends with 1 when one is missing. */
export function listed(minor: string): { readonly folders: readonly string[]; readonly missing: readonly string[] } {
  const script = `node ${SCRIPT}`;
  let text: string;
  try {
    text = execFileSync(process.execPath, [SCRIPT, '--list', minor], { encoding: 'utf8' });
  } catch (thrown) {
    const { status, stdout, stderr } = thrown as { status?: number; stdout?: string; stderr?: string }; // What execFileSync throws.
    if (status !== 1 || !stdout) throw new Error(`${script}: ${stderr ?? String(thrown)}`, { cause: thrown });
    text = stdout;
  }
  const lines = text
    .trim()
    .split('\n')
    .map((line) => line.split(/\s+/, 2));
  const of = (word: string) => lines.filter(([state]) => state === word).map(([, path = '']) => path);
  return { folders: of('built'), missing: of('missing') };
}
