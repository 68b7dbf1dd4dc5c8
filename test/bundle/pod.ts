import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chownSync, cpSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../acceptance/program.ts';
import { chosenHeap, mayMount, memoryLimit, peakMemory } from './confinement.ts';
import type { Deployment } from './deployment.ts';
import type { Image } from './dockerfile.ts';

/** The image's entrypoint running as the Deployment says, as far as this machine lets it. */
export interface Pod {
  /** What holds here, for people: which limit, whose rights, what may be written. */
  readonly conditions: readonly string[];
  readonly readOnly: boolean;
  output(): string;
  isUp(): boolean;
  /** Bytes; of the process at its fullest so far. */
  peak(): number;
  /** As `kubectl exec` runs it. Rejects with what it said when it fails. */
  exec(command: string): Promise<string>;
  /** SIGTERM, and SIGKILL when the grace is over; what it ended with. */
  stop(): Promise<number | NodeJS.Signals | null>;
  close(): Promise<void>;
}

export interface PodOptions {
  readonly folder: string;
  readonly image: Image;
  readonly deployment: Deployment;
  readonly env: Readonly<Record<string, string>>;
  /** Files beside the settings, by name. */
  readonly files: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
}

/** Starts it; does not wait until it is ready. */
export function startPod(options: PodOptions): Pod {
  const { image, deployment } = options;
  const limit = memoryLimit(deployment.memoryLimit);
  const confined = mayMount();
  const [, ...args] = image.entrypoint;
  const heap = limit ? [] : [`--max-old-space-size=${chosenHeap(deployment.memoryLimit)}`];
  const command = ['node', ...heap, ...args];
  const volumes = layOut(options, confined);
  const inside = confined ? mounted(options, volumes) : null;
  const env = {
    ...image.env,
    ...deployment.env,
    ...options.env,
    PATH: '/opt/node:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/tmp',
  };
  const script = [limit?.join ?? ':', inside?.script ?? ':', `exec ${inside?.enter ?? ''} "$@"`].join('\n');
  const child: ChildProcess = confined
    ? spawn('unshare', ['--mount', 'sh', '-ec', script, 'sh', ...command], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    : spawn('sh', ['-ec', script, 'sh', process.execPath, ...command.slice(1)], {
        env: { ...env, ...unconfined(options, volumes), PATH: process.env.PATH ?? '' },
        cwd: join(image.root, image.workdir),
        stdio: ['ignore', 'pipe', 'pipe'],
      });
  const isUp = () => child.exitCode === null && child.signalCode === null;
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  const ended = new Promise<number | NodeJS.Signals | null>((done) =>
    child.once('close', (code, signal) => done(code ?? signal)),
  );
  return {
    conditions: [
      limit?.words ??
        `no cgroup to be had: a heap of ${chosenHeap(deployment.memoryLimit)} MiB, as Node would choose there`,
      confined
        ? `user ${image.user} without capabilities, its root read-only`
        : 'this user, its own folder: no mounts to be had',
    ],
    readOnly: confined,
    output: () => output,
    isUp,
    peak: () => peakMemory(child.pid ?? 0),
    async exec(line) {
      const enter = inside ? `nsenter --target ${child.pid} --mount --root --wd ${inside.asUser}` : '';
      const { stdout } = await promisify(execFile)('sh', ['-c', `${enter} ${line}`], {
        env: { ...env, ...(inside ? {} : { ...unconfined(options, volumes), PATH: process.env.PATH ?? '' }) },
        cwd: inside ? '/' : join(image.root, image.workdir),
      });
      return stdout;
    },
    async stop() {
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), deployment.graceSeconds * 1000);
      const how = await ended;
      clearTimeout(late);
      return how;
    },
    async close() {
      if (isUp()) child.kill('SIGKILL');
      await ended;
      limit?.remove();
    },
  };
}

/** A folder on this machine for each of the pod's, by its path there. */
function layOut({ folder, deployment, files, secrets }: PodOptions, confined: boolean): ReadonlyMap<string, string> {
  return new Map(
    deployment.mounts.map(({ path, kind }) => {
      const here = join(folder, 'volumes', kind);
      mkdirSync(here, { recursive: true });
      if (kind === 'settings') {
        cpSync(join(ROOT, 'manifests/base/responder.yaml'), join(here, 'responder.yaml'));
        for (const [name, text] of Object.entries(files)) writeFileSync(join(here, name), text);
      } else if (kind === 'secrets') mountSecrets(here, secrets, confined ? deployment.gid : null);
      else if (confined) chownSync(here, deployment.uid, deployment.gid);
      return [path, here];
    }),
  );
}

/** As the kubelet does it: links to links, so that all change at once; root's, for the pod's group to read. */
function mountSecrets(here: string, secrets: Readonly<Record<string, string>>, gid: number | null): void {
  const version = '..2026_11_30_00_00_00.1';
  mkdirSync(join(here, version), { recursive: true });
  symlinkSync(version, join(here, '..data'));
  for (const [name, text] of Object.entries(secrets)) {
    const file = join(here, version, name);
    writeFileSync(file, text, { mode: 0o440 });
    if (gid !== null) chownSync(file, 0, gid);
    symlinkSync(join('..data', name), join(here, name));
  }
}

/** Where nothing can be mounted the settings and the store are where they are. */
function unconfined({ deployment }: PodOptions, volumes: ReadonlyMap<string, string>): Record<string, string> {
  const moved = Object.entries(deployment.env).flatMap(([name, value]) => {
    const found = [...volumes].find(([path]) => value.includes(path));
    return found ? [[name, value.replace(found[0], found[1])] as const] : [];
  });
  const settings = [...volumes].find(([, here]) => here.endsWith('settings'))?.[1] ?? '';
  return { ...Object.fromEntries(moved), KUBECONFIG: join(settings, 'kubeconfig') };
}

interface Inside {
  /** Shell lines that make the pod's root of the image's. */
  readonly script: string;
  /** Goes before a command, to run it there. */
  readonly enter: string;
  readonly asUser: string;
}

/** The image's root with this machine's system below it in place of the base image, all of it read-only but the volumes. */
function mounted({ image, deployment }: PodOptions, volumes: ReadonlyMap<string, string>): Inside {
  const root = image.root;
  const lines = [`mount --make-rprivate /`, `mount --bind ${root} ${root}`];
  const bind = (from: string, to: string, flags = 'ro') => {
    lines.push(`mkdir -p ${root}${to}`, `mount --bind ${from} ${root}${to}`);
    if (flags === 'ro') lines.push(`mount -o remount,bind,ro ${root}${to}`);
  };
  bind('/usr', '/usr');
  for (const name of ['bin', 'lib', 'lib64', 'sbin'])
    lines.push(
      `[ -L /${name} ] && ln -sfn usr/${name} ${root}/${name} || { mkdir -p ${root}/${name}; mount --rbind /${name} ${root}/${name}; }`,
    );
  lines.push(`mkdir -p ${root}/etc && cp -L /etc/hosts /etc/resolv.conf /etc/nsswitch.conf ${root}/etc/`);
  // The Node that runs this check is the one the image is built from.
  lines.push(`mkdir -p ${root}/opt/node && cp ${realpathSync(process.execPath)} ${root}/opt/node/node`);
  lines.push(`mkdir -p ${root}/proc ${root}/dev`, `mount -t proc proc ${root}/proc`, `mount --rbind /dev ${root}/dev`);
  for (const { path, kind, limit } of deployment.mounts) {
    if (kind !== 'scratch') bind(volumes.get(path) ?? '', path, kind === 'store' ? 'rw' : 'ro');
    else
      lines.push(
        `mkdir -p ${root}${path}`,
        `mount -t tmpfs -o mode=1777${limit === null ? '' : `,size=${limit}`} tmpfs ${root}${path}`,
      );
  }
  lines.push(`mount -o remount,bind,ro ${root}`);
  const [uid = '', gid = uid] = image.user.split(':');
  const asUser = `/usr/bin/setpriv --reuid=${uid} --regid=${gid} --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all /usr/bin/env -C ${image.workdir}`;
  return { script: lines.join('\n'), enter: `chroot ${root} ${asUser}`, asUser };
}
