import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { distance } from 'fastest-levenshtein';
import { type Document, isMap, LineCounter, type Node, parseDocument } from 'yaml';
import { z } from 'zod';
import { ResponderError } from '../errors.ts';
import { problemsOfEscalation, shortestHold } from './escalationSchema.ts';
import { type FileSettings, fileSchema } from './fileSchema.ts';
import { valueProblem, yamlProblem } from './problemWords.ts';

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
    const why = Error.isError(error) ? error.message : String(error);
    throw new ResponderError('config_invalid', `${path}: cannot be read: ${why}`, {
      cause: error,
      hint: 'RESPONDER_CONFIG names the file; leave it unset to run on the defaults.',
    });
  }
  return relativeTo(dirname(resolve(path)), parseSettings(path, text));
}

/** The settings with their paths resolved against the folder of the file, wherever the program was started. */
function relativeTo(folder: string, settings: FileSettings): FileSettings {
  const { runbooks, clusters } = settings;
  return {
    ...settings,
    runbooks: { ...runbooks, folders: runbooks.folders.map((path) => resolve(folder, path)) },
    clusters: clusters.map((one) => (one.kubeconfig ? { ...one, kubeconfig: resolve(folder, one.kubeconfig) } : one)),
  };
}

/** Parses settings from text; `file` is only named in errors. */
export function parseSettings(file: string, text: string): FileSettings {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const broken = document.errors[0];
  if (broken) {
    const at = lines.linePos(broken.pos[0]);
    throw new ResponderError(
      'config_invalid',
      `${file}:${at.line}:${at.col}: not valid YAML: ${yamlProblem(broken.code)}`,
    );
  }
  const where = (path: readonly PropertyKey[]) => lineOf(document.contents, path, lines);
  const parsed = fileSchema.safeParse(toPlain(document, file) ?? {});
  const problems = parsed.success
    ? problemsBetween(parsed.data).map(({ path, text }) => ({ line: where(path), text: `${path.join('.')}: ${text}` }))
    : parsed.error.issues.flatMap((issue) => describe(issue, document, where));
  if (parsed.success && problems.length === 0) return parsed.data;
  const sorted = problems.toSorted((left, right) => left.line - right.line);
  throw new ResponderError('config_invalid', sorted.map(({ line, text }) => `${file}:${line}: ${text}`).join('\n'));
}

/** @throws ResponderError config_invalid for aliases that point nowhere or multiply beyond reason. */
function toPlain(document: Document, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 50 });
  } catch (error) {
    throw new ResponderError(
      'config_invalid',
      `${file}: not usable YAML: an alias (*name) points to nothing, or there are too many of them`,
      { cause: error },
    );
  }
}

/** Problems between keys, which no single key shows. */
function problemsBetween(settings: FileSettings): readonly Between[] {
  const { escalation, routes } = settings;
  return [
    ...problemsOfClusters(settings),
    ...problemsOfFallback(settings),
    ...problemsOfAcknowledgement(settings),
    ...problemsOfEscalation(escalation, routes),
  ];
}

interface Between {
  readonly path: readonly string[];
  readonly text: string;
}

function problemsOfFallback({ fallback }: FileSettings): readonly Between[] {
  if (fallback === null || fallback.webhookVariable !== null || fallback.email !== null) return [];
  const text =
    'has no way to send; add webhookVariable: NAME (the variable with the address), or email: {urlVariable: NAME, from: ..., to: [...]}';
  return [{ path: ['fallback'], text }];
}

function problemsOfAcknowledgement({ acknowledgement }: FileSettings): readonly Between[] {
  if (acknowledgement.remindBefore < shortestHold(acknowledgement)) return [];
  const text = 'is as long as an acknowledgement holds, or longer: who acknowledged would be reminded at once';
  return [{ path: ['acknowledgement', 'remindBefore'], text }];
}

function problemsOfClusters({ cluster, clusters }: FileSettings): readonly Between[] {
  const names = clusters.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) return [{ path: ['clusters'], text: `"${twice}" appears twice` }];
  if (names.length < 2 || names.includes(cluster)) return [];
  const which = names.join(', ');
  return [
    { path: ['clusters'], text: `none is the default cluster "${cluster}"; set \`cluster\` to one of them: ${which}` },
  ];
}

interface Problem {
  readonly line: number;
  readonly text: string;
}

function describe(
  issue: z.core.$ZodIssue,
  document: Document,
  lineAt: (path: readonly PropertyKey[]) => number,
): readonly Problem[] {
  const where = issue.path.join('.') || '(top level)';
  if (issue.code !== 'unrecognized_keys')
    return [{ line: lineAt(issue.path), text: `${where}: ${wordsOf(issue, document.getIn(issue.path))}` }];
  const known = keysAt(fileSchema, issue.path);
  return issue.keys.map((key) => {
    const path = [...issue.path, key];
    const text = `${path.join('.')}: unknown key${guess(key, known)} Allowed here: ${known.join(', ')}`;
    return { line: lineAt(path), text };
  });
}

/** `; did you mean "routes"?`, or where the key belongs when it is known elsewhere; a full stop when nothing is near. */
function guess(key: string, known: readonly string[]): string {
  const near = nearestOf(key, known);
  if (near !== null) return `; did you mean "${near}"?`;
  const home = Object.keys(fileSchema.shape).find((parent) => keysAt(fileSchema, [parent]).includes(key));
  return home === undefined ? '.' : `; it belongs under "${home}".`;
}

function nearestOf(word: string, known: readonly string[]): string | null {
  const nearest = known.toSorted((a, b) => distance(a, word) - distance(b, word))[0];
  return nearest !== undefined && distance(nearest, word) <= 3 ? nearest : null;
}

function wordsOf(issue: z.core.$ZodIssue, value: unknown): string {
  if (issue.code !== 'invalid_value') return valueProblem(issue, value);
  const near = typeof value === 'string' ? nearestOf(value, issue.values.map(String)) : null;
  const shown = typeof value === 'string' ? `"${value.slice(0, 60)}" is not known` : 'not a known value';
  return `${shown}${near === null ? '.' : `; did you mean "${near}"?`} Allowed: ${issue.values.join(', ')}`;
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
  if (schema instanceof z.ZodPipe) return schema.in;
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
