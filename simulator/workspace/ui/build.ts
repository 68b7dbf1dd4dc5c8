import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import react from '@vitejs/plugin-react';
import { build } from 'vite';

/**
 * Builds the page into a folder: `node build.ts <sources> <out>`. Run in a process of its own, so that the bundler's
 * memory is given back; built beside the goal and moved there, so that a half-built page is never served.
 */
const [root, out] = process.argv.slice(2);
if (!root || !out) throw new Error('usage: build.ts <sources> <out>');
const beside = `${out}.${process.pid}`;
await mkdir(dirname(out), { recursive: true });
await build({
  root,
  configFile: false,
  logLevel: 'error',
  plugins: [react()],
  build: { outDir: beside, emptyOutDir: true, sourcemap: false },
});
await rm(out, { recursive: true, force: true });
await rename(beside, out);
