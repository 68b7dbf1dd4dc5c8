/** What the syntax tree of a file tells: how long its functions are, and which names its declarations use. */
import { type ModuleItem, parseSync } from '@swc/core';
import { importedFile, textOf } from './sources.ts';

export interface FunctionLength {
  readonly file: string;
  /** Line of its first character, from 1. */
  readonly line: number;
  readonly lines: number;
}

/** An object that is written out: the names of its fields, sorted, without what is spread into it. */
export interface Literal {
  readonly file: string;
  /** Line of its brace, from 1. */
  readonly line: number;
  readonly fields: readonly string[];
}

/** A top-level declaration and the names it uses, in reading order. */
export interface Declaration {
  readonly exported: boolean;
  readonly uses: readonly string[];
}

export interface Syntax {
  readonly functions: readonly FunctionLength[];
  readonly literals: readonly Literal[];
  readonly declarations: ReadonlyMap<string, Declaration>;
  /** Local name -> where it comes from; only values, only from files of ours. */
  readonly imported: ReadonlyMap<string, { readonly file: string; readonly name: string }>;
  readonly importedTypes: ReadonlyMap<string, { readonly file: string; readonly name: string }>;
  readonly exportedNames: readonly string[];
}

/** A node of swc's tree. */
export interface Node {
  readonly type?: string;
  readonly span?: { readonly start: number; readonly end: number };
  readonly [key: string]: unknown;
}

const FUNCTIONS = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
  'ClassMethod',
  'PrivateMethod',
  'MethodProperty',
  'Constructor',
]);

/** Every node below a value, itself first, in the order of the source; nothing of a node that is skipped. */
export function* nodes(value: unknown, isSkipped: (node: Node) => boolean = () => false): Generator<Node> {
  if (Array.isArray(value)) for (const item of value) yield* nodes(item, isSkipped);
  else if (value !== null && typeof value === 'object') {
    const node = 'type' in value ? (value as Node) : null; // a node of swc: an object with a type
    if (node && isSkipped(node)) return;
    if (node) yield node;
    for (const [key, inner] of Object.entries(value)) if (key !== 'span') yield* nodes(inner, isSkipped);
  }
}

function identifiers(value: unknown): readonly string[] {
  return [...nodes(value)]
    .filter(({ type }) => type === 'Identifier')
    .map((node) => String(node.value))
    .filter((name, at, all) => all.indexOf(name) === at);
}

/** Of an object that is written out: a field is a pair, a method, or a name that stands for both. */
function fieldsOf({ properties }: Node): readonly string[] {
  return (properties as readonly Node[])
    .flatMap(({ type, key, value }) => {
      if (type === 'SpreadElement') return [];
      return [String(type === 'Identifier' ? value : (key as Node | undefined)?.value)];
    })
    .sort();
}

/** The names a statement declares, with what each is made of. */
function declared(item: Node): readonly (readonly [string, unknown])[] {
  const name = (node: unknown) => String((node as Node | undefined)?.value ?? ''); // identifiers carry their name as value
  if (item.type === 'VariableDeclaration')
    return (item.declarations as readonly Node[]).map((one) => [name(one.id), one] as const); // swc's shape
  if (item.type === 'FunctionDeclaration' || item.type === 'ClassDeclaration')
    return [[name(item.identifier), item] as const];
  if (/^Ts(Interface|TypeAlias)Declaration$/.test(item.type ?? '')) return [[name(item.id), null] as const];
  return [];
}

/** @throws when the file is not TypeScript. */
export function syntaxOf(file: string): Syntax {
  const text = `0;${textOf(file)}`; // the first statement tells where spans begin: they count on from file to file
  const { body } = parseSync(text, { syntax: 'typescript', tsx: file.endsWith('x'), target: 'es2024' });
  const bytes = Buffer.from(text);
  const base = body[0]?.span.start ?? 0;
  const lineAt = (position: number) =>
    bytes
      .subarray(0, position - base)
      .toString('latin1')
      .split('\n').length;
  const functions = [...nodes(body)]
    .filter(({ type = '', span, body: inner }) => FUNCTIONS.has(type) && span !== undefined && inner !== null)
    .map(({ span = { start: base, end: base } }) => {
      const line = lineAt(span.start);
      return { file, line, lines: lineAt(span.end) - line + 1 };
    });
  const literals = [...nodes(body)]
    .filter(({ type }) => type === 'ObjectExpression')
    .map((node) => ({ file, line: lineAt(node.span?.start ?? base), fields: fieldsOf(node) }));
  const imported = new Map<string, { file: string; name: string }>();
  const importedTypes = new Map<string, { file: string; name: string }>();
  const declarations = new Map<string, Declaration>();
  for (const item of body) {
    if (item.type === 'ImportDeclaration') {
      const from = importedFile({ file, target: item.source.value });
      if (from === null) continue;
      for (const specifier of item.specifiers) {
        if (specifier.type !== 'ImportSpecifier') continue;
        const types = item.typeOnly || specifier.isTypeOnly;
        (types ? importedTypes : imported).set(specifier.local.value, {
          file: from,
          name: specifier.imported?.value ?? specifier.local.value,
        });
      }
      continue;
    }
    const exported = item.type === 'ExportDeclaration';
    const statement: ModuleItem | Node = exported ? (item.declaration as unknown as Node) : item;
    for (const [name, content] of declared(statement as unknown as Node))
      declarations.set(name, { exported, uses: identifiers(content).filter((used) => used !== name) });
  }
  const exportedNames = [...declarations].filter(([, { exported }]) => exported).map(([name]) => name);
  return { functions, literals, declarations, imported, importedTypes, exportedNames };
}
