#!/usr/bin/env node
// Starts the program under the pinned Node runtime: the bundle where there is one and no source, else the source, whose
// types Node strips. Plain JavaScript for Node 20 or newer.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const pinned = join(root, 'node_modules', '.bin', 'node');
const runtime = existsSync(pinned) ? pinned : process.execPath;
const source = join(root, 'src', 'main.ts');
const program = existsSync(source) ? source : join(root, 'dist', 'main.js');

if (program === source && !existsSync(join(root, 'node_modules', '.package-lock.json'))) {
  console.error(`Nothing is installed yet: run "npm ci" (or "npm start", which does) in ${root} first.`);
  process.exit(1);
}
// Typed alone it says what it can do; the server is started by `serve`, `npm start` or the image.
const args = process.argv.length > 2 ? process.argv.slice(2) : ['--help'];
const child = spawn(runtime, [program, ...args], { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('error', (error) => {
  console.error(`${runtime} cannot be started: ${error.message}`);
  process.exit(1);
});
child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
