/**
 * Writes `test/wording/strings.txt`, every text of `src` that a person may read, so that a new or changed one is seen in
 * review: `npm run strings`.
 *
 * Listed is a string or template literal in which two words follow each other with a blank between them, one a line behind its
 * file, sorted; `{…}` stands for what is filled in. Left out are names of modules and types, templates with a tag (SQL), and
 * the files of UNREAD, which no one reads as sentences.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from '@swc/core';
import { ROOT, sources, textOf } from './house/sources.ts';
import { type Node, nodes } from './house/syntax.ts';

const FILE = 'test/wording/strings.txt';

/** Words that people type, a stylesheet, a shell script, and names of what the redaction looks for. */
const UNREAD = new Set([
  'src/commands/understand/lexicon.ts',
  'src/http/pages/stylesheet.ts',
  'src/cli/completion.ts',
  'src/redaction/secretPlaces.ts',
]);

/** A word, what may follow it, one blank, and the next word. */
const TWO_WORDS = /\p{L}[\p{L}\p{N}’'.,:;!?)%-]* [(]?\p{L}/u;

/** Nodes whose strings name a module or a type, or are SQL. */
const SKIPPED = new Set([
  'ImportDeclaration',
  'TaggedTemplateExpression',
  'TsTypeAnnotation',
  'TsTypeAliasDeclaration',
  'TsInterfaceDeclaration',
  'TsTypeParameterInstantiation',
  'TsLiteralType',
]);

/** What a literal says, its blanks filled with `{…}`; null for any other node. */
function textOfLiteral(node: Node): string | null {
  if (node.type === 'StringLiteral') return String(node.value);
  if (node.type !== 'TemplateLiteral' || !Array.isArray(node.quasis)) return null;
  // swc's shape of a template's fixed parts
  return (node.quasis as readonly { readonly cooked?: string }[]).map(({ cooked }) => cooked ?? '').join('{…}');
}

function textsOf(file: string): readonly string[] {
  const { body } = parseSync(textOf(file), { syntax: 'typescript', tsx: file.endsWith('x'), target: 'es2024' });
  return [...nodes(body, (node) => SKIPPED.has(node.type ?? ''))]
    .map(textOfLiteral)
    .filter((text) => text !== null)
    .filter((text) => TWO_WORDS.test(text.replaceAll('{…}', ' ')));
}

/** The list as it is kept: `file: text`, each once, line breaks written as `\n`. */
export function stringsOfSource(): string {
  const lines = sources('src')
    .filter((file) => !UNREAD.has(file))
    .flatMap((file) =>
      [...new Set(textsOf(file))]
        .toSorted()
        .map((text) => `${file.slice('src/'.length)}: ${text.replaceAll('\n', '\\n')}`),
    );
  return `${lines.join('\n')}\n`;
}

if (import.meta.main) writeFileSync(join(ROOT, FILE), stringsOfSource());
