import { spawn } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Route, sendText } from '../server.ts';

const SOURCES = fileURLToPath(new URL('../page', import.meta.url));
const BUILDER = fileURLToPath(new URL('./build.ts', import.meta.url));
const OUT = fileURLToPath(new URL('../../../node_modules/.cache/workspace-page', import.meta.url));

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
};

/** The built page, built in the background the first time it is wanted and again when a source is newer. */
export interface Page {
  /** Resolves once the page can be served; rejects with what the builder said. */
  ready(): Promise<void>;
  readonly route: Route;
}

let building: Promise<void> | undefined;

/** Serves the page at `/` and below; every address that is no file is the page itself, which reads its own address. */
export function createPage(): Page {
  const ready = () => {
    building ??= buildWhenStale().finally(() => {
      building = undefined;
    });
    return building;
  };
  let known = false;
  return {
    ready,
    route: async (request, response, url) => {
      if (request.method !== 'GET' && request.method !== 'HEAD') return false;
      const wanted = /^\/assets\/[\w.-]+$/.test(url.pathname) ? normalize(url.pathname) : '/index.html';
      if (wanted === '/index.html' && !isPageAddress(url.pathname)) return false;
      try {
        // Sources are looked at when the page itself is asked for, not for each of its parts.
        if (!known || wanted === '/index.html') await ready();
        known = true;
        const content = await readFile(join(OUT, wanted));
        const cache = wanted === '/index.html' ? 'no-cache' : 'public, max-age=31536000, immutable';
        response.writeHead(200, {
          'content-type': TYPES[extname(wanted)] ?? 'application/octet-stream',
          'cache-control': cache,
        });
        response.end(content);
      } catch (error) {
        sendText(response, 500, `The page could not be built.\n\n${error instanceof Error ? error.message : error}\n`);
      }
      return true;
    },
  };
}

function isPageAddress(path: string): boolean {
  return path === '/' || path.startsWith('/archives/') || path.startsWith('/files/');
}

async function buildWhenStale(): Promise<void> {
  const [built, changed] = await Promise.all([modified(join(OUT, 'index.html')), newest(SOURCES)]);
  if (changed === 0) throw new Error(`There are no sources at ${SOURCES}.`);
  if (built >= changed) return;
  await run(process.execPath, [BUILDER, SOURCES, OUT]);
}

function run(command: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, NODE_ENV: 'production' },
    });
    let said = '';
    child.stderr.on('data', (chunk) => {
      said = `${said}${chunk}`.slice(-4_000);
    });
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(said || `the builder ended with ${code}`))));
  });
}

async function modified(path: string): Promise<number> {
  return stat(path).then(
    (found) => found.mtimeMs,
    () => 0,
  );
}

async function newest(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true }).catch(() => []);
  const times = await Promise.all(entries.map((entry) => modified(join(folder, entry))));
  return Math.max(0, ...times);
}
