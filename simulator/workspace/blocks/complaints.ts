import type { z } from 'zod';
import { isObject } from './blockIds.ts';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** Places where Slack tries several schemas and says so before it says what was wrong inside. */
const ALTERNATIVES = new Set(['text', 'fields', 'accessory', 'element', 'elements']);

/**
 * The problems of a value in Slack's words and with JSON pointers, e.g. `must be less than 3001 characters
 * [json-pointer:/blocks/0/text/text]`. `at` is the pointer of the value itself.
 */
export function complaints(issues: readonly Issue[], value: unknown, at: string): string[] {
  return [...new Set(issues.flatMap((issue) => inWords(issue, value, at)))];
}

/** ` [json-pointer:/blocks/0/text]` */
export function pointer(at: string, path: Path = []): string {
  return ` [json-pointer:${at}${path.map((part) => `/${String(part)}`).join('')}]`;
}

function inWords(issue: Issue, value: unknown, at: string): string[] {
  const { path } = issue;
  const parent = path.slice(0, -1);
  const missing = lookUp(value, path) === undefined && path.length > 0;
  const around = alternativesAround(path, at);
  if (missing && (issue.code === 'invalid_type' || issue.code === 'invalid_union' || issue.code === 'invalid_value')) {
    return [...around, `missing required field: ${String(path.at(-1))}${pointer(at, parent)}`];
  }
  switch (issue.code) {
    case 'invalid_type':
      return [...around, `must provide ${article(issue.expected)}${pointer(at, path)}`];
    case 'too_big':
      return issue.origin === 'array'
        ? [`no more than ${issue.maximum} items allowed${pointer(at, path)}`]
        : [...around, `must be less than ${Number(issue.maximum) + 1}${unit(issue.origin)}${pointer(at, path)}`];
    case 'too_small':
      return issue.origin === 'array'
        ? [`no fewer than ${issue.minimum} items allowed${pointer(at, path)}`]
        : [...around, `must be more than ${Number(issue.minimum) - 1}${unit(issue.origin)}${pointer(at, path)}`];
    case 'unrecognized_keys':
      return issue.keys.map((key) => `invalid additional property: ${key}${pointer(at, path)}`);
    case 'invalid_union':
      return issue.errors.length > 0
        ? closest(issue.errors).flatMap((inner) => inWords({ ...inner, path: [...path, ...inner.path] }, value, at))
        : [...around, `unsupported type: ${String(lookUp(value, path))}${pointer(at, path)}`];
    case 'invalid_value':
      return [`must be one of ${issue.values.map(String).join(', ')}${pointer(at, path)}`];
    case 'custom':
      return [`${issue.message}${pointer(at, path)}`];
    default:
      return [`invalid value${pointer(at, path)}`];
  }
}

/** Of the branches of a union, the one that came closest to fitting. */
function closest(branches: readonly (readonly Issue[])[]): readonly Issue[] {
  return branches.toSorted((a, b) => a.length - b.length)[0] ?? [];
}

/** A text object is one of two kinds: Slack first says that none of them matched. */
function alternativesAround(path: Path, at: string): string[] {
  const parent = path.slice(0, -1);
  const place = parent.findLast((part) => typeof part === 'string');
  if (parent.length === 0 || typeof place !== 'string' || !ALTERNATIVES.has(place)) return [];
  return [`failed to match all allowed schemas${pointer(at, parent)}`];
}

function lookUp(value: unknown, path: Path): unknown {
  let found = value;
  for (const part of path) {
    if (Array.isArray(found) && typeof part === 'number') found = found[part];
    else if (isObject(found)) found = found[String(part)];
    else return undefined;
  }
  return found;
}

function unit(origin: string): string {
  return origin === 'string' ? ' characters' : '';
}

function article(expected: string): string {
  return /^[aeiou]/.test(expected) ? `an ${expected}` : `a ${expected}`;
}
