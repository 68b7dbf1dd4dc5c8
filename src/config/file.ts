import { readFileSync } from 'node:fs';
import { distance } from 'fastest-levenshtein';
import { type Document, isMap, LineCounter, type Node, parseDocument } from 'yaml';
import { z } from 'zod';
import { ResponderError } from '../errors.ts';
import { type FileSettings, fileSchema } from './schema.ts';

/**
 * Reads `responder.yaml`.
 * @param path null: no file, defaults only.
 * @throws ResponderError config_invalid naming file, line, path, what is allowed and the nearest name, one line each problem.
 */
export function readSettingsFile(path: string | null): FileSettings {
  if (path === null) return fileSchema.parse({});
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new ResponderError('config_invalid', `${path}: cannot be read`, {
      cause: error,
      hint: 'RESPONDER_CONFIG names the file; leave it unset to run on the defaults.',
    });
  }
  return parseSettings(path, text);
}

/** The same for text at hand; `file` is only named in errors. */
export function parseSettings(file: string, text: string): FileSettings {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const broken = document.errors[0];
  if (broken) {
    const at = lines.linePos(broken.pos[0]);
    throw new ResponderError('config_invalid', `${file}:${at.line}:${at.col}: not valid YAML: ${broken.message}`);
  }
  const parsed = fileSchema.safeParse(toPlain(document, file) ?? {});
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.flatMap((issue) =>
    describe(issue, (path) => lineOf(document.contents, path, lines)),
  );
  throw new ResponderError('config_invalid', problems.map((problem) => `${file}:${problem}`).join('\n'));
}

/** @throws ResponderError config_invalid for aliases that point nowhere or multiply beyond reason. */
function toPlain(document: Document, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 50 });
  } catch (error) {
    const reason = Error.isError(error) ? error.message : String(error);
    throw new ResponderError('config_invalid', `${file}: not usable YAML: ${reason}`, { cause: error });
  }
}

function describe(issue: z.core.$ZodIssue, line: (path: readonly PropertyKey[]) => number): readonly string[] {
  const where = issue.path.join('.') || '(top level)';
  if (issue.code !== 'unrecognized_keys') return [`${line(issue.path)}: ${where}: ${issue.message}${allowed(issue)}`];
  const known = keysAt(fileSchema, issue.path);
  return issue.keys.map((key) => {
    const path = [...issue.path, key];
    const nearest = known.toSorted((a, b) => distance(a, key) - distance(b, key))[0];
    const guess = nearest !== undefined && distance(nearest, key) <= 3 ? `; did you mean "${nearest}"?` : '';
    return `${line(path)}: ${path.join('.')}: unknown key${guess} Allowed here: ${known.join(', ')}`.replace(
      'key Allowed',
      'key. Allowed',
    );
  });
}

function allowed(issue: z.core.$ZodIssue): string {
  return issue.code === 'invalid_value' && !issue.message.includes('expected')
    ? ` (allowed: ${issue.values.join(', ')})`
    : '';
}

/** The keys the schema knows at a path; [] where it is not an object. */
function keysAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): readonly string[] {
  let at: z.core.$ZodType = schema;
  for (const step of [...path, null]) {
    for (let inner = unwrap(at); inner !== at; inner = unwrap(at)) at = inner;
    if (step === null) break;
    if (at instanceof z.ZodObject) at = at.shape[String(step)];
    else if (at instanceof z.ZodArray) at = at.element;
    else return [];
    if (at === undefined) return [];
  }
  return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  if (
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodOptional
  ) {
    return schema.def.innerType;
  }
  return schema;
}

/** Line of the node at a path, or of the nearest ancestor that exists; 1 for an empty file. */
function lineOf(root: Node | null, path: readonly PropertyKey[], lines: LineCounter): number {
  let offset = root?.range?.[0] ?? 0;
  let at: unknown = root;
  for (const step of path) {
    if (isMap(at)) {
      const pair = at.items.find((item) => String(item.key) === String(step));
      if (!pair) break;
      offset = (pair.key as Node | null)?.range?.[0] ?? offset; // keys of a parsed document are nodes
      at = pair.value;
    } else if (at && typeof at === 'object' && 'items' in at && Array.isArray(at.items)) {
      at = at.items[Number(step)];
      offset = (at as Node | undefined)?.range?.[0] ?? offset; // items of a parsed sequence are nodes
    } else break;
  }
  return lines.linePos(offset).line;
}
