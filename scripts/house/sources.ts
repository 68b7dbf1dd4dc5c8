/** The source as files and imports: what the measures, the map and the tests of the structure read. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../..');

export interface Import {
  readonly file: string;
  readonly typeOnly: boolean;
  /** As written: a package, or a path relative to the file. */
  readonly target: string;
}

/** TypeScript files below a folder of the repository, as paths from its root. */
export function sources(folder: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !entry.name.endsWith('.d.ts'))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .toSorted();
}

export function textOf(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

export function importsOf(file: string): readonly Import[] {
  const pattern = /(?:^|\n)\s*(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?'([^']+)'|import\(\s*'([^']+)'\s*\)/g;
  return [...textOf(file).matchAll(pattern)].map((match) => ({
    file,
    typeOnly: match[1] !== undefined,
    target: match[2] ?? match[3] ?? '',
  }));
}

/** The file of ours that an import names, from the root; null for a package. */
export function importedFile({ file, target }: Pick<Import, 'file' | 'target'>): string | null {
  return target.startsWith('.') ? relative(ROOT, resolve(ROOT, dirname(file), target)) : null;
}

/** `src/k8s/rules/oom.ts` -> top `src`, room `k8s`, shelf `rules` ('' for a file of the room itself), module `k8s/rules/oom`. */
export function place(file: string): {
  readonly top: string;
  readonly room: string;
  readonly shelf: string;
  readonly module: string;
} {
  const [top = '', ...rest] = file.split('/');
  const module = rest.join('/').replace(/\.tsx?$/, '');
  return { top, room: module.split('/')[0] ?? '', shelf: rest.length > 2 ? (rest[1] ?? '') : '', module };
}

/**
 * Groups of files that import each other in a circle, types included: Tarjan's strongly connected components of more
 * than one file, each sorted by name.
 */
export function circles(files: readonly string[]): readonly (readonly string[])[] {
  const known = new Set(files);
  const edges = new Map(
    files.map((file) => [
      file,
      importsOf(file)
        .map(importedFile)
        .filter((target) => target !== null && known.has(target)),
    ]),
  );
  const found: string[][] = [];
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const visit = (file: string): number => {
    const mine = index.size;
    index.set(file, mine);
    low.set(file, mine);
    stack.push(file);
    for (const target of edges.get(file) ?? []) {
      if (target === null) continue;
      const reach = index.has(target) ? (stack.includes(target) ? (index.get(target) ?? mine) : mine) : visit(target);
      low.set(file, Math.min(low.get(file) ?? mine, reach));
    }
    if (low.get(file) === mine) {
      const group = stack.splice(stack.indexOf(file));
      if (group.length > 1) found.push(group.toSorted());
    }
    return low.get(file) ?? mine;
  };
  for (const file of files) if (!index.has(file)) visit(file);
  return found.toSorted((left, right) => (left[0] ?? '').localeCompare(right[0] ?? ''));
}
