import { exact } from '../../wording/lengths.ts';
import { compareSeverity, type Incident, SEVERITIES, type Severity } from '../incident.ts';
import type { TimelineEntry } from '../timeline.ts';

/** A number with what it means: undefined metrics are worse than none. */
export interface Figure {
  readonly code: 'time_to_detect' | 'time_to_acknowledge' | 'time_to_mitigate' | 'time_to_resolve' | 'first_action';
  readonly name: string;
  /** Milliseconds; null when not recorded, never 0 for that. */
  readonly ms: number | null;
  readonly definition: string;
}

/** How long the condition of the earliest alert held before it fired, milliseconds, and who says so: Prometheus, or the rule's `for`. */
export interface Pending {
  readonly ms: number;
  readonly source: 'ALERTS_FOR_STATE' | 'rule';
}

/** When what happened, epoch ms. */
export interface Times {
  /** When its condition began: the earliest alert, less the time it was pending. */
  readonly startedAt: number;
  /** Null: nobody could say, or a person declared it. */
  readonly pending: Pending | null;
  readonly openedAt: number;
  readonly acknowledgedAt: number | null;
  readonly mitigatedAt: number | null;
  readonly resolvedAt: number | null;
}

/** What `started` means here: with the time the alert was pending where that is known. */
function startedInWords(pending: Pending | null): string {
  const earliest = 'started = the earliest startsAt of its alerts';
  if (pending === null) return `${earliest}, which is later than the problem by the “for” of its rule`;
  const by = pending.source === 'rule' ? 'the “for” of its rule' : 'ALERTS_FOR_STATE of Prometheus';
  return `${earliest}, less the ${exact(pending.ms)} it was pending (${by})`;
}

export function figuresOf(incident: Incident, times: Times, timeline: readonly TimelineEntry[]): readonly Figure[] {
  const since = (at: number | null, from: number) => (at === null ? null : Math.max(0, at - from));
  const action = timeline.find((entry) => isPerson(entry));
  const started = startedInWords(times.pending);
  return [
    {
      code: 'time_to_detect',
      name: 'Time to detect',
      ms: incident.declared ? null : since(times.openedAt, times.startedAt),
      definition: `opened - started; opened = when the responder accepted the first alert; ${started}`,
    },
    {
      code: 'first_action',
      name: 'Time to the first action',
      ms: since(action?.at ?? null, times.openedAt),
      definition: 'first timeline entry of a person - opened',
    },
    {
      code: 'time_to_acknowledge',
      name: 'Time to acknowledge',
      ms: since(times.acknowledgedAt, times.openedAt),
      definition: 'first acknowledgement by a person - opened',
    },
    {
      code: 'time_to_mitigate',
      name: 'Time to mitigate',
      ms: since(times.mitigatedAt, times.startedAt),
      definition: 'mitigated, as a person said - started',
    },
    {
      code: 'time_to_resolve',
      name: 'Time to resolve',
      ms: since(times.resolvedAt, times.startedAt),
      definition: `last resolution - started; ${started}`,
    },
  ];
}

/** The worst severity it had, from its timeline. */
export function peakSeverity(incident: Incident, timeline: readonly TimelineEntry[]): Severity {
  return severityChanges(incident, timeline)
    .map((change) => change.severity)
    .reduce((worst, severity) => (compareSeverity(severity, worst) < 0 ? severity : worst), incident.severity);
}

/** How long it had each severity, from opening to resolution (or until now), worst first; severities it never had are left out. */
export function timeInSeverity(
  incident: Incident,
  timeline: readonly TimelineEntry[],
  now: number,
): readonly { readonly severity: Severity; readonly ms: number }[] {
  const end = incident.resolvedAt ?? now;
  const spent = new Map<Severity, number>();
  const changes = severityChanges(incident, timeline);
  for (const [index, { at, severity }] of changes.entries()) {
    const until = Math.min(changes[index + 1]?.at ?? end, end);
    spent.set(severity, (spent.get(severity) ?? 0) + Math.max(0, until - at));
  }
  return SEVERITIES.flatMap((severity) => {
    const ms = spent.get(severity);
    return ms === undefined ? [] : [{ severity, ms }];
  });
}

interface SeverityChange {
  readonly at: number;
  readonly severity: Severity;
}

function severityChanges(incident: Incident, timeline: readonly TimelineEntry[]): readonly SeverityChange[] {
  const raised = timeline.flatMap((entry): SeverityChange[] => {
    const to = entry.kind === 'severity' ? readSeverityIn(entry.detail.to) : null;
    return to === null ? [] : [{ at: entry.at, severity: to }];
  });
  const opened = timeline.find((entry) => entry.kind === 'opened');
  const from = timeline.find((entry) => entry.kind === 'severity')?.detail.from;
  const first = readSeverityIn(opened?.detail.severity) ?? readSeverityIn(from) ?? incident.severity;
  return [{ at: incident.openedAt, severity: first }, ...raised];
}

function readSeverityIn(value: unknown): Severity | null {
  return SEVERITIES.find((severity) => severity === value) ?? null;
}

function isPerson(entry: TimelineEntry): boolean {
  return entry.actor.type !== 'responder' && entry.actor.type !== 'alertmanager';
}
