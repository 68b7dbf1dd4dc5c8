/** Writes docs/diagnosis/codes.md from the table of codes: `node scripts/diagnosisDocs.ts [--check]`. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CodeRow } from '../src/k8s/rules/code.ts';
import { CODES } from '../src/k8s/rules/codes.ts';

const FILE = join(import.meta.dirname, '../docs/diagnosis/codes.md');

/** A part of a sentence that a rule fills in, shown by its name. */
const blanks = new Proxy({}, { get: (_, name) => `<${String(name)}>` });

export function codesText(): string {
  const sections = Object.entries(CODES).map(([code, row]) => {
    const { level, depth, confirms, excludes, says, next }: CodeRow<never> = row;
    // The blanks stand for whichever parts a row has.
    const parts = blanks as never;
    return `## ${code}\n\n${level}, ${depth}. ${says(parts)}\n\n- Confirmed by: ${confirms}.\n- Excluded by: ${excludes}.\n- What to do: ${next(parts) ?? 'nothing'}\n`;
  });
  const head =
    '# Codes of the diagnosis\n\nGenerated from `src/k8s/rules/codes/` by `npm run diagnosis:docs`. What stands in angle brackets is filled in by the rule.\n';
  return `${[head, ...sections].join('\n').replaceAll('<', '&lt;').replaceAll('>', '&gt;')}`;
}

if (import.meta.main) {
  const text = codesText();
  if (process.argv.includes('--check')) {
    if (readFileSync(FILE, 'utf8') !== text)
      throw new Error('docs/diagnosis/codes.md is not what the codes say: npm run diagnosis:docs');
  } else {
    mkdirSync(join(FILE, '..'), { recursive: true });
    writeFileSync(FILE, text);
  }
}
