import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ROOT, SOURCE } from '../acceptance/program.ts';

test('npm start runs the source with the flags the image runs the bundle with', () => {
  const { scripts }: { scripts: Record<string, string> } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  expect(scripts.start).toBe(`exec node ${SOURCE.join(' ')}`);
});
