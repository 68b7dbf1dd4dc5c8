import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../acceptance/program.ts';

/** What the steps of the Dockerfile made, without Docker. */
export interface Image {
  /** The last stage's own files, under a folder that stands for its root. */
  readonly root: string;
  readonly workdir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly user: string;
  readonly entrypoint: readonly string[];
}

interface Stage extends Image {
  readonly name: string;
}

/**
 * Carries out the Dockerfile step by step: its COPY and RUN lines as they stand, with this process's Node in place of the base
 * image and this machine's npm. An instruction it does not know is an error, so that none is left out in silence.
 * @param folder where the stages are made
 */
export async function buildImage(folder: string): Promise<Image> {
  const stages: Stage[] = [];
  const swap = (change: Partial<Stage>) => stages.push({ ...current(stages), ...change });
  for (const { word, rest } of instructions()) {
    if (word === 'FROM') {
      const name = / AS (\S+)$/i.exec(rest)?.[1] ?? 'last';
      const root = join(folder, name);
      mkdirSync(root, { recursive: true });
      stages.push({ name, root, workdir: '/', env: {}, user: '0', entrypoint: [] });
    } else if (word === 'WORKDIR') {
      mkdirSync(join(current(stages).root, rest), { recursive: true });
      swap({ workdir: rest });
    } else if (word === 'COPY') copy(rest, stages);
    else if (word === 'RUN') await execute(rest, current(stages));
    else if (word === 'ENV') swap({ env: { ...current(stages).env, ...assignments(rest) } });
    else if (word === 'USER') swap({ user: rest });
    else if (word === 'ENTRYPOINT') swap({ entrypoint: JSON.parse(rest) });
    else if (word !== 'EXPOSE' && word !== 'ARG' && word !== 'LABEL')
      throw new Error(`the Dockerfile has a ${word}, which this check cannot carry out: teach it`);
  }
  return current(stages);
}

function instructions(): readonly { readonly word: string; readonly rest: string }[] {
  const text = readFileSync(join(ROOT, 'Dockerfile'), 'utf8').replaceAll(/^\s*#.*\n/gm, '');
  return text
    .replaceAll(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [word = '', ...rest] = line.trim().split(/\s+/);
      return { word: word.toUpperCase(), rest: rest.join(' ') };
    });
}

/** The stage as the last instruction left it: each adds a version of it. */
function current(stages: readonly Stage[]): Stage {
  const stage = stages.at(-1);
  if (!stage) throw new Error('the Dockerfile begins without FROM');
  return stage;
}

/** `COPY [--from=stage] what... where`: files into a folder, a folder's content into another. */
function copy(words: string, stages: readonly Stage[]): void {
  const { root, workdir } = current(stages);
  const paths = words.split(' ').filter((word) => !word.startsWith('--'));
  const from = /--from=(\S+)/.exec(words)?.[1];
  const origin = from === undefined ? ROOT : stages.findLast(({ name }) => name === from)?.root;
  if (origin === undefined) throw new Error(`COPY ${words}: there is no such stage`);
  const target = paths.pop() ?? '.';
  const into = target.startsWith('/') ? join(root, target) : join(root, workdir, target);
  for (const path of paths) {
    const isFile = /\/$|^\.$/.test(target);
    const to = isFile ? join(into, basename(path)) : into;
    mkdirSync(dirname(to), { recursive: true });
    cpSync(join(origin, path), to, { recursive: true, verbatimSymlinks: true });
  }
}

async function execute(command: string, { root, workdir, env }: Stage): Promise<void> {
  // What the npm that runs these tests tells its children is about this folder, not about that one.
  const own = Object.entries(process.env).filter(
    ([name]) => !/^npm_|^(NODE_ENV|NODE_OPTIONS|INIT_CWD|BUNDLE)$/.test(name),
  );
  const path = `${dirname(process.execPath)}:${process.env.PATH}`;
  await promisify(execFile)('sh', ['-c', command], {
    cwd: join(root, workdir),
    env: { ...Object.fromEntries(own), ...env, PATH: path },
    maxBuffer: 64 * 1024 * 1024,
  });
}

function assignments(words: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...words.matchAll(/(\w+)=("[^"]*"|\S+)/g)].map((row) => [row[1], row[2]?.replaceAll('"', '')]),
  );
}
