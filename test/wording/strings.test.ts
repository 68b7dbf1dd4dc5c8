import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { stringsOfSource } from '../../scripts/strings.ts';

test('every text that a person may read is in test/wording/strings.txt (npm run strings writes it)', async () => {
  const kept = new Set((await readFile(join(import.meta.dirname, 'strings.txt'), 'utf8')).split('\n'));
  const now = new Set(stringsOfSource().split('\n'));
  const differences = {
    notListed: [...now].filter((line) => !kept.has(line)),
    gone: [...kept].filter((line) => !now.has(line)),
    refreshedBy: 'npm run strings',
  };
  expect(differences).toEqual({ notListed: [], gone: [], refreshedBy: 'npm run strings' });
});

test('the list has sentences with what is filled in, and neither SQL nor names of modules', () => {
  const lines = stringsOfSource().split('\n');
  expect(lines).toContain('commands/note.ts: Noted on #{…}.');
  expect(lines.filter((line) => /: (select|insert into|update) /.test(line) && !line.startsWith('store/'))).toEqual([]);
});
