import type { Document } from 'yaml';
import type { z } from 'zod';

type YamlCode = Document['errors'][number]['code'];

/** Problems of the YAML in our words; the parser's words are for programmers. */
const YAML: Readonly<Record<YamlCode, string>> = {
  ALIAS_PROPS: 'an alias (*name) cannot have an anchor or a tag',
  BAD_ALIAS: 'an alias (*name) has no name, or one that ends in a colon',
  BAD_DIRECTIVE: 'a line that begins with % is not understood; put the value in quotes',
  BAD_DQ_ESCAPE: 'a backslash in double quotes must be doubled (\\\\), or use single quotes',
  BAD_INDENT: 'the indentation does not fit the lines above',
  BAD_PROP_ORDER: 'an anchor (&name) or a tag (!name) is in the wrong place',
  BAD_SCALAR_START: 'a value cannot begin with this character; put it in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a list or a block is where a key is expected; is a colon missing, or is there one too many?',
  BLOCK_IN_FLOW: 'a block is inside [ ] or { }; write it on one line',
  DUPLICATE_KEY: 'a key appears twice',
  IMPOSSIBLE: 'this cannot be read',
  KEY_OVER_1024_CHARS: 'a key is longer than 1024 characters',
  MISSING_CHAR: 'something is not closed: a quote, a bracket, or a comma between two values is missing',
  MULTILINE_IMPLICIT_KEY: 'a key spans several lines; is a colon missing, or a quote not closed?',
  MULTIPLE_ANCHORS: 'a value has two anchors (&name)',
  MULTIPLE_DOCS: 'one document is expected, without ---',
  MULTIPLE_TAGS: 'a value has two tags (!name)',
  NON_STRING_KEY: 'a key must be a word',
  RESOURCE_EXHAUSTION: 'it is nested too deeply',
  TAB_AS_INDENT: 'lines are indented by blanks, not by tabs',
  TAG_RESOLVE_FAILED: 'a tag (!name) is not known; put the value in quotes',
  UNEXPECTED_TOKEN: 'this does not fit here; is a quote, a colon or a blank after a colon missing?',
  BAD_COLLECTION_TYPE: 'a tag (!name) does not fit the value behind it',
};

export function yamlProblem(code: YamlCode): string {
  return YAML[code];
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list ([a, b], or lines that begin with -)',
  object: 'a block of keys',
  record: 'a block of keys',
  null: 'null',
};

function kindOf(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return value === undefined ? 'missing' : (TYPES[typeof value] ?? typeof value);
}

/** The problem of a value in our words; a check of ours has its own. */
export function valueProblem(issue: z.core.$ZodIssue, value: unknown): string {
  switch (issue.code) {
    case 'invalid_type': {
      const wanted = TYPES[issue.expected] ?? issue.expected;
      return value === undefined
        ? `missing; ${wanted} is expected`
        : `${wanted} is expected, and this is ${kindOf(value)}`;
    }
    case 'too_small':
      if (isOurs(issue.message)) return issue.message;
      return `at least ${amountOf(issue.origin, Number(issue.minimum))} ${issue.minimum === 1 || issue.minimum === 1n ? 'is' : 'are'} expected`;
    case 'too_big':
      return `at most ${amountOf(issue.origin, Number(issue.maximum))} ${issue.maximum === 1 || issue.maximum === 1n ? 'is' : 'are'} expected`;
    case 'invalid_format':
      return isOurs(issue.message) ? issue.message : 'not in the expected form';
    case 'invalid_union':
    case 'invalid_element':
    case 'invalid_key':
    case 'not_multiple_of':
      return 'not a value that is allowed here';
    default:
      return issue.message;
  }
}

/** Whether a message is ours: zod's own begin otherwise. */
function isOurs(message: string): boolean {
  return !/^(?:Invalid|Too )/.test(message);
}

function amountOf(origin: string, amount: number): string {
  const one = amount === 1;
  if (origin === 'string') return one ? 'one character' : `${amount} characters`;
  if (origin === 'array' || origin === 'set') return one ? 'one entry' : `${amount} entries`;
  return String(amount);
}
