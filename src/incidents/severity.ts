import type { Alert } from '../alerts/alert.ts';
import { SEVERITY_WORDS } from '../alerts/severityWords.ts';
import type { DecisionReason } from './decision.ts';
import type { Severity } from './incident.ts';
import { labelsToMatch, matches, type SeverityMatcher } from './matchers.ts';
import type { Policy } from './policy.ts';

/** The spellings of a severity in label `incident_severity` and in runbooks: `sev1`..`sev4`, or P0..P3 with P0 = sev1. */
const SPELLING = /^(?:sev[1-4]|p[0-3])$/;
const SPELLINGS: ReadonlyMap<string, Severity> = new Map(
  Object.entries(SEVERITY_WORDS).filter(([word]) => SPELLING.test(word)),
);

export type Suppression = Extract<DecisionReason, `suppressed_${string}`>;

/** Why an alert gets no incident; null when it gets one. */
export function suppressionOf(alert: Pick<Alert, 'name' | 'labels'>, policy: Policy): Suppression | null {
  if (policy.watchdogNames.includes(alert.name)) return 'suppressed_watchdog';
  if (alert.name === 'InfoInhibitor') return 'suppressed_inhibitor';
  const labels = labelsToMatch(alert.labels);
  if (policy.suppress.some((matchers) => matches(labels, matchers))) return 'suppressed_matcher';
  const isNone = alert.labels.severity?.toLowerCase() === 'none';
  return isNone && readSeverity(alert.labels.incident_severity) === null ? 'suppressed_severity_none' : null;
}

export interface SeverityContext {
  readonly policy: Policy;
  /** How many different subjects match a counting matcher within its window, this alert's included. */
  readonly subjectsMatching: (matcher: SeverityMatcher) => number;
  /** Severity the runbook suggests; used only when the alert says nothing itself, and never for sev1. */
  readonly runbookHint: () => string | null;
}

/**
 * How bad an alert is, and why in the words of the card: label `incident_severity`, then the matchers in order (the
 * first whose labels and count fit), then label `severity`; absent or unknown is sev3, and the reason says so.
 * Rule: docs/rules.md#severity.
 */
export function severityOf(
  alert: Pick<Alert, 'labels'>,
  context: SeverityContext,
): { readonly severity: Severity; readonly reason: string } {
  const stated = readSeverity(alert.labels.incident_severity);
  if (stated) return { severity: stated, reason: `label incident_severity=${alert.labels.incident_severity}` };
  const labels = labelsToMatch(alert.labels);
  for (const matcher of context.policy.severityMatchers) {
    if (!matches(labels, matcher.match)) continue;
    if (!matcher.atLeast) return { severity: matcher.severity, reason: `matcher "${matcher.name}"` };
    const subjects = context.subjectsMatching(matcher);
    if (subjects < matcher.atLeast.subjects) continue;
    return { severity: matcher.severity, reason: `matcher "${matcher.name}" (${subjects} subjects)` };
  }
  return byLabel(alert.labels.severity, context);
}

/** `sev1`..`sev4` or P0..P3 in any case; null when it is neither. */
export function readSeverity(text: string | null | undefined): Severity | null {
  return SPELLINGS.get(text?.trim().toLowerCase() ?? '') ?? null;
}

function byLabel(
  label: string | undefined,
  { policy, runbookHint }: SeverityContext,
): { severity: Severity; reason: string } {
  const word = label?.trim().toLowerCase() ?? '';
  const severity = Object.hasOwn(policy.severityWords, word) ? policy.severityWords[word] : undefined;
  if (severity) return { severity, reason: `label severity=${label}` };
  const problem = label ? `unknown severity "${label.slice(0, 40)}"` : 'no severity label';
  const hinted = readSeverity(runbookHint());
  if (hinted) return { severity: hinted === 'sev1' ? 'sev2' : hinted, reason: `runbook\u2019s hint, ${problem}` };
  return { severity: 'sev3', reason: `default, ${problem}` };
}
