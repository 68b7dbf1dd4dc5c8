import { isObjectName } from './objectNames.ts';
import { MASK } from './ranges.ts';

/** The rules for one text, and for one value whose name is known. */
export interface TextRules {
  readonly redact: (text: string) => string;
  /** Whether the name says that the value is a secret: `db_password`, `Authorization`. */
  readonly namesSecret: (name: string, value: string) => boolean;
}

/** Fields of labels or of an object, each with its name as context. Names that hold a secret themselves are masked. */
export function redactFields(fields: Readonly<Record<string, string>>, rules: TextRules): Record<string, string> {
  const clean: Record<string, string> = {};
  for (const [name, value] of Object.entries(fields)) {
    const known = rules.redact(name);
    // Two such names must not become one.
    clean[known === name ? name : unusedKey(known, clean)] = redactField(name, value, rules);
  }
  return clean;
}

function redactField(name: string, value: string, rules: TextRules): string {
  if (isObjectName(name, value)) return value;
  return rules.namesSecret(name, value) ? MASK : rules.redact(value);
}

/**
 * A JSON-like value with every text in it redacted and its structure kept. A value without a secret is returned as
 * given, not copied.
 */
export function redactTree<T>(value: T, rules: TextRules): T {
  // Each branch returns the shape it was given.
  return clean(value, null, rules, 0) as T;
}

/** Deepest level that is walked; no answer of ours is as deep. */
const MOST_LEVELS = 64;

function clean(value: unknown, name: string | null, rules: TextRules, level: number): unknown {
  if (typeof value === 'string') return name === null ? rules.redact(value) : redactField(name, value, rules);
  if (typeof value !== 'object' || value === null) return value;
  if (level > MOST_LEVELS) return MASK;
  if (Array.isArray(value)) {
    const items = value.map((item, index) =>
      isArgument(item, value[index - 1], rules) ? MASK : clean(item, name, rules, level + 1),
    );
    return items.every((item, index) => item === value[index]) ? value : items;
  }
  if (!isPlain(value) || isPicture(value)) return value;
  let changed = false;
  const copy: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    const known = rules.redact(key);
    const field = known === key ? key : unusedKey(known, copy);
    copy[field] = isNamedValue(key, item, value, rules) ? MASK : clean(item, key, rules, level + 1);
    changed ||= field !== key || copy[field] !== item;
  }
  return changed ? copy : value;
}

/** Whether it is the value of a variable that has a secret name, as in `env: [{ name: DB_PASSWORD, value: hunter2 }]`, in any order and on many lines. */
function isNamedValue(key: string, item: unknown, of: object, { namesSecret }: TextRules): boolean {
  return (
    key === 'value' &&
    typeof item === 'string' &&
    'name' in of &&
    typeof of.name === 'string' &&
    namesSecret(of.name, item)
  );
}

/** Whether it is the value of the flag before it, as in `args: [--password, hunter2]`. */
function isArgument(item: unknown, before: unknown, { namesSecret }: TextRules): boolean {
  if (typeof item !== 'string' || typeof before !== 'string' || item.startsWith('-')) return false;
  const [, flag] = /^--?([A-Za-z][\w.-]{0,80})$/.exec(before) ?? [];
  return flag !== undefined && namesSecret(flag, item);
}

function unusedKey(name: string, taken: Readonly<Record<string, unknown>>): string {
  let candidate = name;
  for (let count = 2; candidate in taken; count += 1) candidate = `${name} ${count}`;
  return candidate;
}

/** Evidence that is a picture has its bytes as base64, which says nothing to a pattern. */
function isPicture(value: object): boolean {
  return 'mime' in value && typeof value.mime === 'string' && value.mime.startsWith('image/');
}

/** Buffers, streams and the like are no text. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
