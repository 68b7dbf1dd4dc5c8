import { LINT_CHECKS, type LintFinding } from './remark.ts';

const COMMENT = /^\s*#\s*lint:ignore\s+([\w-]+(?:\s*,\s*[\w-]+)*)(?:\s*:\s*(.*))?$/;

/** A line `# lint:ignore check, check: why` of a rule file. */
interface Ignore {
  readonly line: number;
  readonly checks: readonly string[];
  readonly reason: string;
}

function ignoresIn(text: string): readonly Ignore[] {
  return text.split('\n').flatMap((line, at) => {
    const [, checks, reason = ''] = COMMENT.exec(line) ?? [];
    return checks === undefined ? [] : [{ line: at + 1, checks: checks.split(/\s*,\s*/), reason: reason.trim() }];
  });
}

/**
 * The findings that stay when a file's comments are heeded: a comment counts for the rule it stands in or right above. One without
 * a reason, or that names no check of ours, is a finding itself and ignores nothing. `ruleLines` are where the file's rules begin.
 */
export function heedIgnores(
  file: string,
  text: string,
  ruleLines: readonly number[],
  findings: readonly LintFinding[],
): readonly LintFinding[] {
  const ignores = ignoresIn(text);
  if (ignores.length === 0) return findings;
  const lines = text.split('\n');
  const heeded = new Map<number, Set<string>>();
  const wrong: LintFinding[] = [];
  const known: ReadonlySet<string> = new Set(LINT_CHECKS);
  for (const { line, checks, reason } of ignores) {
    const unknown = checks.find((one) => !known.has(one));
    if (reason === '' || unknown !== undefined) {
      const problem = reason === '' ? 'ignores a check without a reason' : `ignores ${unknown}, which is no check`;
      const hint = 'Write `# lint:ignore CHECK: why`, with a check the report names.';
      wrong.push({ file, line, rule: null, check: 'ignore', level: 'warning', problem, hint });
      continue;
    }
    let below = line;
    while (/^\s*#/.test(lines[below] ?? '')) below += 1;
    const owner = ruleLines.includes(below + 1) ? below + 1 : ruleLines.findLast((start) => start <= line);
    if (owner === undefined) continue;
    const set = heeded.get(owner) ?? new Set<string>();
    for (const check of checks) set.add(check);
    heeded.set(owner, set);
  }
  return [...findings.filter((one) => !heeded.get(one.line)?.has(one.check)), ...wrong];
}
