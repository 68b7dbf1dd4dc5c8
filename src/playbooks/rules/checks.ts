import {
  type KnativeVersion,
  knativeMetric,
  knativeSpan,
  lacksMetric,
} from '../../../manifests/prometheus/knative/releases.ts';
import { durationMs } from '../../../promql/duration.ts';
import { isComparison, type PromqlNode, selectorsOf, walk } from '../../../promql/node.ts';
import { DEFAULT_POLICY } from '../../incidents/policy.ts';
import { comparisonRemarks, matchingRemarks, rangeRemarks, trapRemarks } from './expressionChecks.ts';
import type { Remark } from './remark.ts';
import { lostLabels, resultLabels } from './resultLabels.ts';
import type { FoundRule } from './ruleFiles.ts';
import { andOf, conditionsOf, isBurnRate, isRate, isRatio, ofEvents, times100 } from './shapes.ts';
import { templateRemarks } from './templateChecks.ts';
import { TRAPS } from './traps.ts';

export interface CheckContext {
  /** How long a finished Job stays, in seconds; null: not known. */
  readonly finishedJobSeconds: number | null;
  /** The installed Knative; null: not known. */
  readonly knative: KnativeVersion | null;
}

type Check = (rule: FoundRule, expr: PromqlNode, context: CheckContext) => readonly Remark[];

const FINISHED =
  /^kube_(job_(status_(failed|succeeded)|failed|complete)|pod_(init_)?container_status_terminated(_reason)?)$/;
const SEVERITIES = new Set([...Object.keys(DEFAULT_POLICY.severityWords), 'none']);

/** Severity: missing, or one whose meaning the responder does not know. */
export function severityRemarks(rule: FoundRule): readonly Remark[] {
  const { severity, incident_severity: incident } = rule.labels;
  if (severity?.includes('{{') || incident) return [];
  const hint = 'Set severity: critical, warning or info (or incident_severity: P0 to P3).';
  if (!severity) {
    return [{ check: 'no-severity', level: 'error', problem: 'has no severity; it will be treated as sev3', hint }];
  }
  if (SEVERITIES.has(severity.toLowerCase())) return [];
  const problem = `has severity "${severity}", which means nothing to the responder; it will be treated as sev3`;
  return [{ check: 'no-severity', level: 'warning', problem, hint }];
}

/** Knative Lambda's ttlSecondsAfterFinished for builds, and the names that identify build Jobs. */
const BUILD_SECONDS = 300;
const BUILDS = /-build-|kaniko|knative-lambda/;

/** `for` longer than what it waits for exists: the alert can never fire. */
const forOutlives: Check = (rule, expr, { finishedJobSeconds: told }) => {
  const waits = rule.for === null ? 0 : durationMs(rule.for);
  const selector = conditionsOf(expr).find((one) => FINISHED.test(one.metric ?? ''));
  const kept = walk(expr).some((one) => one.kind === 'call' && /_over_time$|^increase$/.test(one.name));
  if (!selector || kept || waits === null || waits < (told ?? BUILD_SECONDS) * 1000) return [];
  const builds = selector.matchers.some((one) => BUILDS.test(one.value));
  const certain = told !== null || builds;
  const after = certain ? `after ${told ?? BUILD_SECONDS} s` : 'sooner (its ttlSecondsAfterFinished)';
  const problem = `waits ${rule.for} for ${selector.metric}, but a finished Job may be cleaned up ${after}, and its series with it`;
  const hint = 'Use `for: 0m`, or max_over_time over a window.';
  return [{ check: 'for-outlives-object', level: certain ? 'warning' : 'notice', problem, hint }];
};

/** `{{ $value }}%` of a ratio prints 0.05% for 5%. */
const percentOfRatio: Check = (rule, expr) => {
  const hundred = walk(expr).some((one) => one.kind === 'number' && one.value === 100 && times100(expr));
  const texts = Object.entries(rule.annotations);
  if (isRatio(expr) && !hundred) {
    const wrong = texts.find(([, text]) => printsPercent(text));
    if (!wrong) return [];
    const problem = `annotation ${wrong[0]} prints a ratio (0 to 1) followed by %`;
    return [
      {
        check: 'percent-of-ratio',
        level: 'warning',
        problem,
        hint: 'Use {{ $value | humanizePercentage }} without the %.',
      },
    ];
  }
  const twice = hundred ? texts.find(([, text]) => /\$value\s*\|\s*humanizePercentage/.test(text)) : undefined;
  if (!twice) return [];
  const problem = `annotation ${twice[0]} multiplies by 100 twice`;
  return [{ check: 'percent-of-ratio', level: 'warning', problem, hint: 'humanizePercentage wants the plain ratio.' }];
};

/** A value, not made a percentage, followed by the sign. Actions hold no braces, so each is looked at once. */
function printsPercent(text: string): boolean {
  return [...text.matchAll(/\{\{([^{}]*)\}\}\s?(?:%|percent)/g)].some(
    ([, action = '']) => action.includes('$value') && !action.includes('humanizePercentage'),
  );
}

/** A ratio of few events: one failure of two is 50%. */
const ratioWithoutMinimum: Check = (_rule, expr, _context) => {
  const conjuncts = andOf(expr);
  const ratio = conjuncts.find((one) => isRatio(one) && ofEvents(one) && !isBurnRate(one));
  const guarded = conjuncts.some((one) => one !== ratio && isComparison(one) && !isRatio(one));
  if (!ratio || guarded || clampedRatio(_rule, expr, _context).length > 0) return [];
  const problem = 'compares a ratio of events without a minimum of events: one failure out of two is 50%';
  return [
    {
      check: 'ratio-without-minimum',
      level: 'warning',
      problem,
      hint: 'Add `and sum(increase(failures[10m])) >= 3` or a floor on traffic.',
    },
  ];
};

/** A denominator held up by `clamp_min(rate, 1)`: below one event a second the quotient is no ratio any more. */
const clampedRatio: Check = (_rule, expr) => {
  const clamped = walk(expr).some((one) => {
    if (one.kind !== 'binary' || one.op !== '/') return false;
    return walk(one.right).some((part) => {
      const [of, least] = part.kind === 'call' && part.name === 'clamp_min' ? part.args : [];
      return of && least?.kind === 'number' && least.value >= 1 && isRate(of);
    });
  });
  if (!clamped) return [];
  const problem = 'divides by a rate clamped to at least 1 a second: with less traffic the ratio is far too small';
  const hint = 'Divide by the plain rate and add `and sum(rate(...)) > 0.1`; without traffic there is then no value.';
  return [{ check: 'clamped-ratio', level: 'warning', problem, hint }];
};

/** Templates that print a label the expression aggregated away. */
const labelNotInResult: Check = (rule, expr) => {
  const known = resultLabels(expr);
  const lost = known === null ? lostLabels(expr) : [];
  const used = Object.values(rule.annotations).flatMap(labelsPrinted);
  const own = new Set([...(known ?? []), ...Object.keys(rule.labels), 'alertname']);
  const missing = [...new Set(used)].filter((label) => !own.has(label) && (known !== null || lost.includes(label)));
  if (missing.length === 0) return [];
  const problem = `annotations print ${missing.map((one) => `$labels.${one}`).join(', ')}, which the expression does not keep`;
  return [
    { check: 'label-not-in-result', level: 'warning', problem, hint: 'Add it to the `by (...)`, or do not print it.' },
  ];
};

/** Labels a template prints without asking first whether they are there (`{{ if $labels.x }}`, `{{ with $labels.x }}`). */
function labelsPrinted(text: string): readonly string[] {
  const asked = new Set(
    [...text.matchAll(/\{\{-?\s*(?:if|with|else if)\b[^{}]*?\$labels\.(\w+)/g)].map((match) => match[1] ?? ''),
  );
  return [...text.matchAll(/\$labels\.(\w+)/g)].map((match) => match[1] ?? '').filter((label) => !asked.has(label));
}

/** Metric names of another version of Knative than the one installed, or of none. */
const otherEra: Check = (_rule, expr, { knative }) => {
  const series = [...new Set(selectorsOf(expr).flatMap((one) => one.metric ?? []))];
  const invented = series.filter((one) => one.startsWith('kn_') && knativeMetric(one) === null);
  const foreign = series.filter((one) => {
    const metric = knativeMetric(one);
    return knative !== null && metric !== null && lacksMetric(knative, metric);
  });
  // `a or b` with both names on purpose is how one rule serves two eras.
  const bridged =
    foreign.length < series.length &&
    walk(expr).some((one) => one.kind === 'binary' && (one.op === 'or' || one.op === 'and'));
  const hint = 'See docs/knative-metrics.md; `A or B` of the old and the new name needs no choice.';
  return [
    ...(foreign.length === 0 || bridged
      ? []
      : [{ problem: `${foreign.map(said).join(', ')}, not in the installed Knative`, level: 'error' as const }]),
    ...invented.map((one) => ({
      problem: `${one} is a metric of no release of Knative that was read`,
      level: 'warning' as const,
    })),
  ].map((one) => ({ check: 'other-era', ...one, hint }));
};

function said(series: string): string {
  const span = knativeSpan(knativeMetric(series) ?? '');
  return span === null ? series : `${series} exists from ${span[0]} to ${span[1]}`;
}

/** Expressions that cannot become true, from what is known of the metrics. */
const neverTrue: Check = (_rule, expr) =>
  selectorsOf(expr).flatMap((selector): Remark[] => {
    const trap = TRAPS.find(
      (one) =>
        one.metric.test(selector.metric ?? '') &&
        (one.label === undefined ||
          selector.matchers.some(
            (m) => m.label === one.label && m.op.startsWith('=') && (one.value?.test(m.value) ?? true),
          )),
    );
    return trap
      ? [{ check: 'never-true', level: 'error', problem: `${selector.metric} ${trap.problem}`, hint: trap.hint }]
      : [];
  });

/** Most parts of an expression for checks that compare each with each. */
const MODEST = 400;

function ofModestSize(check: Check): Check {
  return (rule, expr, context) => (walk(expr).length > MODEST ? [] : check(rule, expr, context));
}

/** The checks that need only the rule itself. */
export const CHECKS: readonly Check[] = [
  forOutlives,
  percentOfRatio,
  ratioWithoutMinimum,
  clampedRatio,
  labelNotInResult,
  otherEra,
  neverTrue,
  ofModestSize((_rule, expr) => comparisonRemarks(expr)),
  ofModestSize((_rule, expr) => matchingRemarks(expr)),
  ofModestSize(trapRemarks),
];

/** Checks for recordings and alerts alike. */
export const CHECKS_OF_ALL: readonly Check[] = [
  ofModestSize((_rule, expr) => rangeRemarks(expr)),
  (rule) => templateRemarks(rule),
];

/** The checks of a recording, which waits for nothing and prints nothing. */
export const CHECKS_OF_RECORDINGS: readonly Check[] = [
  ofModestSize((_rule, expr) => matchingRemarks(expr)),
  ofModestSize(trapRemarks),
];
