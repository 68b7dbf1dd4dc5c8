import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../..');

/** Arguments of Node in the image, as the ENTRYPOINT of the Dockerfile says them: its flags, then the bundle. */
export const BUNDLE: readonly string[] = entrypoint();

/** The same flags before the source: what `npm start` runs. */
export const SOURCE: readonly string[] = BUNDLE.map((word) => (word === 'dist/main.js' ? 'src/main.ts' : word));

/** `BUNDLE=1`: the suites that run the whole program run what the image runs, and not the source. */
export const ON_BUNDLE = process.env.BUNDLE === '1';

/** Arguments of Node for what is tested. */
export const PROGRAM = ON_BUNDLE ? BUNDLE : SOURCE;

if (ON_BUNDLE) refuseOldBundle();

function entrypoint(): readonly string[] {
  const line = /^ENTRYPOINT (\[.*\])$/m.exec(readFileSync(join(ROOT, 'Dockerfile'), 'utf8'))?.[1];
  const words: unknown = JSON.parse(line ?? '[]');
  if (!Array.isArray(words) || words[0] !== 'node' || words.at(-1) !== 'dist/main.js')
    throw new Error('the Dockerfile has no ENTRYPOINT that runs dist/main.js with node');
  return words.slice(1).map(String);
}

/** A bundle of other code than is here would pass or fail for nothing. */
function refuseOldBundle(): void {
  const main = join(ROOT, 'dist', 'main.js');
  if (!existsSync(main)) throw new Error('BUNDLE=1 needs the bundle: npm run build');
  const built = statSync(main).mtimeMs;
  const newer = ['src', 'promql']
    .flatMap((folder) => readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .find((file) => statSync(file).mtimeMs > built);
  if (newer) throw new Error(`the bundle is older than ${newer}: npm run build`);
}

/** The program in a process of its own. */
export interface Running {
  readonly child: ChildProcess;
  /** What it has written so far, both streams. */
  readonly output: () => string;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

/** Runs what is tested with these arguments and this environment alone. */
export function run(args: readonly string[], env: Readonly<Record<string, string>>): Running {
  const child = spawn(process.execPath, [...PROGRAM, ...args], {
    cwd: ROOT,
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  return {
    child,
    output: () => output,
    ended: new Promise((done) => child.once('close', (code, signal) => done({ code, signal }))),
  };
}

/** What is typed in a terminal, with what came of it. */
export async function typed(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ readonly code: number | null; readonly out: string; readonly err: string }> {
  const { child, ended } = run(args, env);
  const said = { out: '', err: '' };
  child.stdout?.on('data', (text: string) => {
    said.out += text;
  });
  child.stderr?.on('data', (text: string) => {
    said.err += text;
  });
  const { code } = await ended;
  return { code, ...said };
}
