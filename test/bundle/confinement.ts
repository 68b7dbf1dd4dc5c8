import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const V2 = '/sys/fs/cgroup';
const V1 = '/sys/fs/cgroup/memory';

/** A limit of memory that the kernel holds, as the kubelet sets it. */
export interface MemoryLimit {
  readonly words: string;
  /** A shell line that puts the shell and what it becomes under the limit. */
  readonly join: string;
  remove(): void;
}

/** A cgroup with this limit and without swap; null where this user or machine has none to give. */
export function memoryLimit(bytes: number): MemoryLimit | null {
  const isV2 = existsSync(join(V2, 'cgroup.controllers'));
  const folder = join(isV2 ? V2 : V1, `lambda-responder-${process.pid}`);
  const files = isV2
    ? ([
        ['memory.max', bytes],
        ['memory.swap.max', 0],
      ] as const)
    : ([
        ['memory.limit_in_bytes', bytes],
        ['memory.memsw.limit_in_bytes', bytes],
      ] as const);
  try {
    mkdirSync(folder);
  } catch {
    return null;
  }
  try {
    const [limit, swap] = files;
    writeFileSync(join(folder, limit[0]), String(limit[1]));
    // Not every kernel counts swap.
    if (existsSync(join(folder, swap[0]))) writeFileSync(join(folder, swap[0]), String(swap[1]));
  } catch {
    rmdirSync(folder);
    return null;
  }
  return {
    words: `a cgroup (${isV2 ? 'v2' : 'v1'}) of ${bytes / 1024 ** 2} MiB`,
    join: `echo $$ > ${join(folder, 'cgroup.procs')}`,
    remove: () => rmdirSync(folder),
  };
}

/**
 * The heap Node chooses for itself in a container of this limit, in MiB: half of it, at least 256 (measured with Node 26.10 under
 * cgroups of 128 MiB to 2 GiB).
 */
export function chosenHeap(bytes: number): number {
  return Math.max(256, Math.floor(bytes / 1024 ** 2 / 2));
}

/** Whether this user may make mounts of its own, and so a root that is read-only. */
export function mayMount(): boolean {
  return process.getuid?.() === 0 && spawnSync('unshare', ['--mount', 'true']).status === 0;
}

/** The most memory a process ever had resident, in bytes (`VmHWM`, proc(5)). */
export function peakMemory(pid: number): number {
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}
