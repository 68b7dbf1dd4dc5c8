import { isObject } from '../blocks/blockIds.ts';
import type { Json } from '../state.ts';
import { explained } from './apiError.ts';

/** The arguments of a call, whether they came as a form (values are strings), JSON, multipart or query. */
export interface Args {
  readonly all: Json;
  has(name: string): boolean;
  text(name: string): string | undefined;
  /** Throws `invalid_arguments` when absent or empty. */
  required(name: string): string;
  flag(name: string): boolean;
  number(name: string): number | undefined;
  /** Parses a JSON-encoded field; throws `code` when it is not JSON. */
  json(name: string, code: string): unknown;
  /** A list given as JSON or separated by commas. */
  list(name: string): string[];
}

export function readArgs(all: Json): Args {
  const text = (name: string): string | undefined => {
    const value = all[name];
    if (value === undefined || value === null) return undefined;
    return typeof value === 'string' ? value : typeof value === 'object' ? JSON.stringify(value) : String(value);
  };
  return {
    all,
    text,
    has: (name) => all[name] !== undefined && all[name] !== null && all[name] !== '',
    required(name) {
      const value = text(name);
      if (value) return value;
      throw explained('invalid_arguments', [`missing required field: ${name}`]);
    },
    flag: (name) => ['true', '1'].includes(text(name) ?? ''),
    number(name) {
      const value = text(name);
      if (value === undefined || value === '') return undefined;
      const number = Number(value);
      if (Number.isFinite(number)) return number;
      throw explained('invalid_arguments', [`must be a number [json-pointer:/${name}]`]);
    },
    json(name, code) {
      const value = all[name];
      if (typeof value !== 'string') return value ?? undefined;
      if (value === '') return undefined;
      try {
        return JSON.parse(value);
      } catch {
        throw explained(code, [`must be valid JSON [json-pointer:/${name}]`]);
      }
    },
    list(name) {
      const value = all[name];
      if (Array.isArray(value)) return value.map(String);
      const given = text(name) ?? '';
      if (given.startsWith('[')) {
        const parsed: unknown = JSON.parse(given);
        return Array.isArray(parsed) ? parsed.map(String) : [];
      }
      return given.split(',').flatMap((part) => part.trim() || []);
    },
  };
}

/** The objects of a JSON list; throws `code` for anything else. */
export function objects(value: unknown, code: string): Json[] {
  if (Array.isArray(value) && value.every(isObject)) return value;
  throw explained(code, ['must be an array of objects']);
}
