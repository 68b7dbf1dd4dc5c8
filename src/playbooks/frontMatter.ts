import { distance } from 'fastest-levenshtein';
import { isMap, LineCounter, type Node, parseDocument } from 'yaml';
import { z } from 'zod';
import { matcherProblem } from '../incidents/matchers.ts';
import { readSeverity } from '../incidents/severity.ts';
import type { PlaybookProblem } from './playbook.ts';

const name = z.string().trim().min(1, 'must not be empty').max(200);

/**
 * The schema of a runbook's front matter, the YAML between the `---` lines. Unknown keys are errors: a misspelt
 * `alert:` would silently serve nothing.
 */
const schema = z.strictObject({
  title: name.optional(),
  alerts: z.array(name).max(100).default([]),
  match: z
    .array(
      z.record(
        name,
        z.string().superRefine((value, context) => {
          const problem = matcherProblem(value);
          if (problem !== null) context.addIssue({ code: 'custom', message: `not usable as a pattern: ${problem}` });
        }),
      ),
    )
    .max(20)
    .default([]),
  owner: name.optional(),
  severity: name
    .refine((text) => readSeverity(text) !== null, 'must be sev1, sev2, sev3 or sev4')
    .transform((text) => readSeverity(text))
    .optional(),
  impact: name.optional(),
  url: z.url({ protocol: /^https?$/ }).optional(),
});

export type FrontMatter = z.output<typeof schema>;
const KEYS = Object.keys(schema.shape);

export interface ReadFrontMatter {
  readonly matter: FrontMatter | null;
  /** The Markdown below, with as many empty lines in front as the front matter took, so that line numbers hold. */
  readonly body: string;
  readonly problems: readonly PlaybookProblem[];
}

/** Reads the YAML in front of a runbook; every problem comes with its line and the nearest name there is. */
export function readFrontMatter(file: string, text: string): ReadFrontMatter {
  const match = /^---[ \t]*\r?\n([\s\S]*?)\r?\n?---[ \t]*(?:\r?\n|$)/.exec(text);
  const problem = (line: number, what: string, hint: string): PlaybookProblem => ({ file, line, problem: what, hint });
  if (!match)
    return {
      matter: null,
      body: text,
      problems: [
        /^---[ \t]*\r?\n/.test(text)
          ? problem(1, 'its front matter does not end', 'Close it with a line of its own: ---')
          : problem(
              1,
              'has no front matter in its first line',
              'Begin the file with ---, a line “alerts: [NameOfTheAlert]”, and ---.',
            ),
      ],
    };
  const body = '\n'.repeat(match[0].split('\n').length - 1) + text.slice(match[0].length);
  const counter = new LineCounter();
  const document = parseDocument(match[1] ?? '', { lineCounter: counter, prettyErrors: false });
  const broken = document.errors[0];
  if (broken)
    return {
      matter: null,
      body,
      problems: [
        problem(
          counter.linePos(broken.pos[0]).line + 1,
          `not valid YAML: ${broken.message}`,
          'Check indentation and quotes.',
        ),
      ],
    };
  const values = valuesOf(document);
  if (values === null)
    return { matter: null, body, problems: [problem(2, 'uses YAML aliases to excess', 'Write the values out.')] };
  const parsed = schema.safeParse(values);
  if (parsed.success) return { matter: parsed.data, body, problems: [] };
  const lineAt = (path: readonly PropertyKey[]) => lineOf(document.contents, path, counter) + 1;
  return { matter: null, body, problems: parsed.error.issues.flatMap((issue) => explain(issue, lineAt, problem)) };
}

/** The values; null when aliases multiply them without bounds, which `toJS` refuses by throwing. */
function valuesOf(document: ReturnType<typeof parseDocument>): unknown {
  try {
    return document.toJS({ maxAliasCount: 20 }) ?? {};
  } catch {
    return null;
  }
}

function explain(
  issue: z.core.$ZodIssue,
  lineAt: (path: readonly PropertyKey[]) => number,
  problem: (line: number, what: string, hint: string) => PlaybookProblem,
): readonly PlaybookProblem[] {
  if (issue.code !== 'unrecognized_keys')
    return [
      problem(
        lineAt(issue.path),
        `${issue.path.join('.') || 'front matter'}: ${issue.message}`,
        `Allowed here: ${KEYS.join(', ')}.`,
      ),
    ];
  return issue.keys.map((key) => {
    const near = KEYS.toSorted((a, b) => distance(a, key) - distance(b, key))[0];
    const guess = near !== undefined && distance(near, key) <= 3 ? `Did you mean “${near}”? ` : '';
    return problem(lineAt([...issue.path, key]), `unknown key “${key}”`, `${guess}Allowed: ${KEYS.join(', ')}.`);
  });
}

/** The 1-based line of a path within the YAML; 1 when it cannot be told. */
function lineOf(contents: unknown, path: readonly PropertyKey[], counter: LineCounter): number {
  let node = contents as Node | null; // `contents` is a node or null once there are no errors.
  let line = 1;
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => String(item.key) === String(part));
      const key = pair?.key as Node | undefined; // Keys of a parsed document are nodes.
      if (key?.range) line = counter.linePos(key.range[0]).line;
      node = (pair?.value ?? null) as Node | null;
    } else if (node && 'items' in node && Array.isArray(node.items)) {
      node = (node.items[Number(part)] ?? null) as Node | null;
      if (node?.range) line = counter.linePos(node.range[0]).line;
    }
  }
  return line;
}
