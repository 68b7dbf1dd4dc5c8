import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { parseSettings } from '../../src/config/file.ts';
import { fileSchema } from '../../src/config/fileSchema.ts';

const ROOT = join(import.meta.dirname, '../..');
const yamlOf = (file: string) => /```yaml\n([\s\S]*?)```/.exec(readFileSync(join(ROOT, file), 'utf8'))?.[1] ?? '';

/** Keys of nested objects as paths; lists count as one. */
function paths(value: unknown, prefix = ''): readonly string[] {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return [prefix];
  const entries = Object.entries(value);
  return entries.length === 0 ? [prefix] : entries.flatMap(([key, part]) => paths(part, `${prefix}.${key}`));
}

test.each(['docs/configuration.md', 'README.md'])('the responder.yaml of %s is valid', (file) => {
  expect(yamlOf(file)).not.toBe('');
  expect(() => parseSettings(file, yamlOf(file))).not.toThrow();
});

test('docs/configuration.md names every key there is', () => {
  const documented = paths(parse(yamlOf('docs/configuration.md')));
  const missing = paths(fileSchema.parse({})).filter(
    (path) => !documented.some((known) => known === path || known.startsWith(`${path}.`)),
  );
  expect(missing).toEqual([]);
});

test('the times, sizes and counts in docs/configuration.md are the defaults', () => {
  const documented = parseSettings('docs', yamlOf('docs/configuration.md'));
  const { storm, polling, correlation, quiet, flapping, ownChannel, intake, retention, watchdog } = fileSchema.parse(
    {},
  );
  expect(documented).toMatchObject({
    ...{ storm, polling, correlation, quiet, flapping, ownChannel, intake, retention, watchdog },
    mentions: { perIncident: 15 * 60_000, perChannel: 5 * 60_000, backlog: 15 * 60_000 },
    fallback: { after: 120_000 },
  });
});

test('docs/configuration.md names every variable the program reads', () => {
  const text = readFileSync(join(ROOT, 'docs/configuration.md'), 'utf8');
  const source = ['src/config.ts', 'src/config/environment.ts']
    .map((file) => readFileSync(join(ROOT, file), 'utf8'))
    .join('\n');
  const read = [...source.matchAll(/\((?:env, )'([A-Z][A-Z_]+)'/g)].map((match) => match[1] ?? '');
  expect(read.length).toBeGreaterThan(10);
  expect(read.filter((variable) => !text.includes(`${variable}`))).toEqual([]);
});
