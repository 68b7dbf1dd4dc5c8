import type { Finding, ObjectName } from '../../incidents/evidence.ts';
import type { Pod } from '../objects.ts';
import { finding, nameOf } from './finding.ts';
import { LOG_RULES } from './logRules.ts';

/** Longer lines are dumps; what names a cause stands at their beginning. */
const LONGEST = 2_000;

export function logFindings(pod: Pod, container: string, text: string): readonly Finding[] {
  return logFindingsOf(nameOf('Pod', pod.metadata), container, text.split('\n'));
}

/** What log lines of a container name as cause: the last line of each kind, so that an old error of a process that recovered weighs no more than a new one. */
export function logFindingsOf(subject: ObjectName, container: string, lines: readonly string[]): readonly Finding[] {
  const found = LOG_RULES.flatMap((rule) => {
    const line = lines.findLast((one) => rule.pattern.test(one.slice(0, LONGEST)));
    return line === undefined ? [] : [{ rule, line: line.trim() }];
  });
  // A line is one cause: the rule that stands first, being the more telling, has it.
  const own = found.filter(({ line }, index) => !found.slice(0, index).some((earlier) => earlier.line === line));
  return own
    .filter(({ rule }) => !own.some((other) => rule.unless?.test(other.rule.code)))
    .map(({ rule, line }) =>
      finding({
        code: rule.code,
        level: rule.level ?? 'critical',
        confidence: 'likely',
        subject,
        conclusion: `Container ${container} ${rule.words}.`,
        because: [line],
        nextStep: rule.next(subject),
      }),
    );
}
