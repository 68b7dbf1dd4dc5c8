import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { commandsDocument } from '../../src/commands/document.ts';
import { COMMANDS } from '../../src/commands/index.ts';
import { commandPaths } from '../../src/commands/parse.ts';

const FILE = join(import.meta.dirname, '..', '..', 'docs', 'commands.md');

describe('docs/commands.md', () => {
  it('says what the command table says (UPDATE_DOCS=1 writes it)', async () => {
    if (process.env.UPDATE_DOCS) await writeFile(FILE, commandsDocument(COMMANDS));
    expect(await readFile(FILE, 'utf8')).toBe(commandsDocument(COMMANDS));
  });

  it('names every command', () => {
    const text = commandsDocument(COMMANDS);
    for (const path of commandPaths(COMMANDS)) expect(text).toContain(`\`${path}`);
  });
});
