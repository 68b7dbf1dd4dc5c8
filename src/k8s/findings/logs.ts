import type { Finding, ObjectName } from '../../incidents/evidence.ts';
import { readOutput } from '../hypotheses/kaniko.ts';
import type { Pod } from '../objects.ts';
import { isBuild } from './ended.ts';
import { finding, look, nameOf } from './finding.ts';
import { LOG_RULES } from './logRules.ts';

/** Longer lines are dumps; what names a cause stands at their beginning. */
const LONGEST = 2_000;

export function logFindings(pod: Pod, container: string, text: string): readonly Finding[] {
  const lines = text.split('\n');
  const subject = nameOf('Pod', pod.metadata);
  const ofBuild = isBuild(pod, { name: container }) ? buildCause(subject, container, lines) : null;
  return ofBuild ? [ofBuild] : logFindingsOf(subject, container, lines);
}

/** What a build's own output names as the reason it failed. */
export function buildCause(subject: ObjectName, container: string, lines: readonly string[]): Finding | null {
  const read = readOutput(lines);
  if (!read) return null;
  const { cause, line } = read;
  return finding({
    code: cause.code,
    // Code that does not compile is for its owner in the morning, not for whoever is on call.
    level: cause.owners ? 'warning' : 'critical',
    confidence: 'likely',
    subject,
    conclusion: `Container ${container} ${cause.words}.`,
    because: [line],
    nextStep: cause.next.includes('/lambda')
      ? cause.next
      : `${cause.next} ${cause.reach === 'platform' ? `Do all builds fail so? ${look('builds', { namespace: subject.namespace })}` : `Its log: ${look('logs', subject)}`}`,
  });
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
