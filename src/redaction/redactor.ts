import { mayNameSecret, namesSecret } from './assignments.ts';
import { secretRanges } from './detect.ts';
import { MASK, maskRanges, type Range } from './ranges.ts';
import { createClean } from './remembering.ts';
import { providerRanges } from './secretlint.ts';
import { redactFields, redactTree } from './structured.ts';
import { viewsOf } from './view.ts';

/**
 * Removes secrets from texts. Deterministic; the secret becomes `[redacted]`, its name and the structure around it stay
 * (`password=[redacted]`). Pass whole texts: a secret that crosses the border of two pieces would be missed. Time is
 * linear in the text. Idempotent.
 */
export interface Redactor {
  /** Our own patterns, at once: for log lines and whatever cannot wait. */
  redact(text: string): string;
  redactWithCount(text: string): { readonly text: string; readonly count: number };
  /** The same and secretlint's rules for tokens of providers: for everything read from a cluster or Prometheus. */
  redactDeep(text: string): Promise<string>;
  /** Labels or annotations: each value as a text of its own, with its name as context; names of objects stay. */
  redactFields(fields: Readonly<Record<string, string>>): Readonly<Record<string, string>>;
  /** Every text in a JSON-like value, with the names of its fields as context. What holds no secret is not copied. */
  redactTree<T>(value: T): T;
}

/**
 * A text too short for a token, without any character of an assignment, an address or an encoding: most cells of
 * tables. `test/redaction` asserts that no rule matches one.
 */
const HARMLESS = /^[\w./-]{0,10}$/;
/** Most field names remembered: they are few, unless somebody generates label names. */
const MOST_NAMES = 2_000;

/** @param onRedacted called with the number of secrets removed, for the metric */
export function createRedactor(onRedacted: (count: number) => void = () => {}): Redactor {
  const clean = createClean();
  const redactWithCount = (text: string) => {
    if (HARMLESS.test(text) || clean.has(text)) return { text, count: 0 };
    const result = masked(text, ownRanges(text), onRedacted);
    if (result.count === 0) clean.add(text);
    return result;
  };
  const redact = (text: string) => redactWithCount(text).text;
  const harmlessNames = new Set<string>();
  const named = (name: string, value: string) => {
    if (harmlessNames.has(name)) return false;
    if (!mayNameSecret(name)) {
      if (harmlessNames.size < MOST_NAMES) harmlessNames.add(name);
      return false;
    }
    const pair = `${name}\0${value}`;
    if (clean.has(pair)) return false;
    const isSecret = namesSecret(name, value);
    if (isSecret) onRedacted(1);
    else clean.add(pair);
    return isSecret;
  };
  const rules = { redact, namesSecret: named };
  return {
    redact,
    redactWithCount,
    redactDeep: async (text) => {
      const own = ownRanges(text);
      // A rule that reports a whole address or key around what we found would take the structure we keep.
      const provider = (await providerRanges(text)).filter(
        (range) => !holdsOne(range, own) && !text.slice(range.start, range.end).includes(MASK),
      );
      return masked(text, [...own, ...provider], onRedacted).text;
    },
    redactFields: (fields) => redactFields(fields, rules),
    redactTree: (value) => redactTree(value, rules),
  };
}

function holdsOne(whole: Range, ranges: readonly Range[]): boolean {
  return ranges.some(({ start, end }) => start >= whole.start && end <= whole.end);
}

function masked(text: string, ranges: readonly Range[], tell: (count: number) => void) {
  const result = maskRanges(text, ranges);
  if (result.count > 0) tell(result.count);
  return result;
}

/** The ranges found in every view of the text, mapped to the original text. */
function ownRanges(text: string): readonly Range[] {
  return viewsOf(text).flatMap((view) => secretRanges(view.text).map((range) => view.toSource(range)));
}
