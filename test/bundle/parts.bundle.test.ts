import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { BUNDLE, ROOT } from '../acceptance/program.ts';

/** Files of `src` that are loaded on first use: each becomes a part of the bundle of its own, named after it. */
function loadedLater(): readonly string[] {
  const files = readdirSync(join(ROOT, 'src'), { recursive: true, withFileTypes: true }).filter((entry) =>
    /\.ts$/.test(entry.name),
  );
  const targets = files.flatMap((entry) =>
    [
      ...readFileSync(join(entry.parentPath, entry.name), 'utf8').matchAll(/(?<!typeof )\bimport\('(\.[^']+)\.ts'\)/g),
    ].map(([, target]) => basename(target ?? '')),
  );
  return [...new Set(targets)].toSorted();
}

/** Imports each file under the flags of the image; answers, by file, the names whose value is undefined, or why it cannot be loaded. */
const LOAD = `
  const wrong = {};
  for (const file of JSON.parse(process.argv[1])) {
    const part = await import(file).catch((error) => ({ [String(error)]: undefined }));
    const missing = Object.keys(part).filter((name) => part[name] === undefined);
    if (missing.length > 0) wrong[file] = missing;
  }
  console.log(JSON.stringify(wrong));
  process.exit(0);
`;

test('everything that is loaded on first use is in the bundle, and nothing it exports is undefined', async () => {
  const dist = join(ROOT, 'dist');
  const parts = readdirSync(dist).filter((name) => /^part-.*\.js$/.test(name));
  const later = loadedLater();
  expect(later.length).toBeGreaterThan(8);
  const named = parts.map((name) => name.replace(/^part-|-[A-Z0-9]{8}\.js$/g, ''));
  expect(later.filter((name) => !named.includes(name))).toEqual([]);
  const files = JSON.stringify(parts.map((name) => join(dist, name)));
  const args = [...BUNDLE.slice(0, -1), '--input-type=module', '-e', LOAD, files];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT });
  expect(JSON.parse(stdout)).toEqual({});
});
