import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ROOT, sources, textOf } from '../../scripts/house/sources.ts';
import { fileSchema } from '../../src/config/fileSchema.ts';
import { writeDuration, writeSize } from '../../src/config/quantities.ts';
import { FIXED_RULES } from '../../src/incidents/policy.ts';

const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

/** The anchors of a page of Markdown: those written out, and those of its headings as code hosts make them. */
function anchorsOf(text: string): ReadonlySet<string> {
  const written = [...text.matchAll(/<a id="([^"]+)">/g)].map(([, id = '']) => id);
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
  return new Set([...written, ...headings]);
}

interface Rule {
  readonly anchor: string;
  readonly default: string;
  readonly key: string;
  readonly isFixed: boolean;
}

function rules(): readonly Rule[] {
  const rows = read('docs/rules.md').matchAll(/^\| <a id="([^"]+)"><\/a>.* \| ([^|]+) \| (fixed: )?`([^`]+)` \|$/gm);
  return [...rows].map(([, anchor = '', byDefault = '', fixed, key = '']) => ({
    anchor,
    default: byDefault,
    key,
    isFixed: fixed !== undefined,
  }));
}

/** The value at `storm.perMinute`; undefined where nothing is. */
function at(root: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], root); // undefined stops it
}

/** How a value may be written in the document: a number alone does not say whether it is a time or a size. */
function writings(value: unknown): readonly string[] {
  if (Array.isArray(value)) return [value.map(Number).map(writeDuration).join(', ')];
  return typeof value === 'number'
    ? [String(value), writeDuration(value), writeSize(value)]
    : [String(value ?? 'none')];
}

const SETTINGS = { ...fileSchema.parse({}), fallback: fileSchema.parse({ fallback: {} }).fallback };

test('every row of docs/rules.md has the number the responder runs with', () => {
  const rows = rules();
  expect(rows).toHaveLength(read('docs/rules.md').match(/^\| <a id/gm)?.length ?? 0);
  const wrong = rows.filter(
    (row) => !writings(at(row.isFixed ? FIXED_RULES : SETTINGS, row.key)).includes(row.default),
  );
  expect(wrong).toEqual([]);
});

test('every number that no key changes is in docs/rules.md', () => {
  const fixed = Object.entries(FIXED_RULES).flatMap(([group, numbers]) =>
    Object.keys(numbers).map((name) => `${group}.${name}`),
  );
  const documented = rules().filter(({ isFixed }) => isFixed);
  expect(fixed.filter((key) => !documented.some((row) => row.key === key))).toEqual([]);
});

test('every citation of a document leads to an anchor or a page that exists', () => {
  const files = ['src', 'simulator', 'manifests', 'promql', 'test', 'bench', 'scripts'].flatMap(sources);
  const cited = files.flatMap((file) =>
    [...textOf(file).matchAll(/docs\/(rules|platform|architecture)\.md(?:#([\w-]+))?/g)].map(([, page, anchor]) => ({
      file,
      page: `docs/${page}.md`,
      anchor,
    })),
  );
  expect(cited.length).toBeGreaterThan(50);
  const pages = new Map([...new Set(cited.map(({ page }) => page))].map((page) => [page, anchorsOf(read(page))]));
  expect(cited.filter(({ page, anchor }) => anchor !== undefined && !pages.get(page)?.has(anchor))).toEqual([]);
  const elsewhere = files.filter(
    (file) => /RULES\.md|RULES "|fact sheet/.test(textOf(file)) && !file.endsWith('rules.test.ts'),
  );
  expect(elsewhere.map((file) => `${file}: cite an anchor of the rules or of the platform page in docs`)).toEqual([]);
});

test('an anchor stands once', () => {
  for (const page of ['docs/rules.md', 'docs/platform.md']) {
    const ids = [...read(page).matchAll(/<a id="([^"]+)">/g)].map(([, id]) => id);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  }
});
