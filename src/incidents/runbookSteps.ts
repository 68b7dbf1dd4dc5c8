import type { Actor } from './incident.ts';
import type { TimelineDraft, TimelineEntry } from './timeline.ts';

/** What a person did with a step: `ran` its commands, or said how it stands. */
export const STEP_ACTS = ['ran', 'done', 'skipped', 'reopened'] as const;
export type StepAct = (typeof STEP_ACTS)[number];

/** One act on one step, as the timeline remembers it. */
export interface StepMark {
  readonly runbook: string;
  /** Identity of the step within its runbook; holds when other steps are added or moved. */
  readonly key: string;
  /** As people counted it at that time, from 1, of so many. */
  readonly number: number;
  readonly of: number;
  readonly text: string;
  readonly act: StepAct;
  /** What a person gave as reason for skipping; '' when nothing. */
  readonly reason: string;
  readonly invocation: string;
  readonly actor: Actor;
  readonly at: number;
}

/** How a step stands now. */
export interface StepState {
  readonly state: 'open' | 'done' | 'skipped';
  /** The act that made it so; null while nobody said anything. */
  readonly mark: StepMark | null;
  /** When its commands ran last, by whom. */
  readonly ran: StepMark | null;
  /** Counts up with every act on the step, so that of two people who decide from the same state only one wins. */
  readonly revision: number;
}

export interface StepProgress {
  readonly steps: readonly StepState[];
  readonly done: number;
  readonly skipped: number;
  /** Index of the first step nobody has finished or skipped; null when all are. */
  readonly current: number | null;
}

/** The acts on runbook steps among entries, in their order. Entries that do not tell which step are left out. */
export function stepMarks(timeline: readonly TimelineEntry[]): readonly StepMark[] {
  return timeline.flatMap((entry) => {
    const mark = entry.kind === 'step' ? markOf(entry) : null;
    return mark === null ? [] : [mark];
  });
}

function markOf({ detail, actor, at, text }: TimelineEntry): StepMark | null {
  const { runbook, key, act, number, of } = detail;
  if (typeof runbook !== 'string' || typeof key !== 'string') return null;
  const known = STEP_ACTS.find((one) => one === act);
  if (known === undefined) return null;
  const said = (value: unknown, otherwise: string): string => (typeof value === 'string' ? value : otherwise);
  return {
    runbook,
    key,
    act: known,
    number: typeof number === 'number' ? number : 0,
    of: typeof of === 'number' ? of : 0,
    text: said(detail.step, text),
    reason: said(detail.reason, ''),
    invocation: said(detail.invocation, ''),
    actor,
    at,
  };
}

/** Where each step of a runbook stands; `keys` are its steps as they are now, in order. Pure. */
export function stepProgress(
  runbook: string,
  keys: readonly string[],
  timeline: readonly TimelineEntry[],
): StepProgress {
  const byKey = Map.groupBy(
    // Two decisions at once are put in order by when they were written, not by when they were pressed.
    stepMarks([...timeline].sort((a, b) => a.id - b.id)).filter((mark) => mark.runbook === runbook),
    (mark) => mark.key,
  );
  const steps = keys.map((key) => stateOf(byKey.get(key) ?? []));
  const current = steps.findIndex((step) => step.state === 'open');
  return {
    steps,
    done: steps.filter((step) => step.state === 'done').length,
    skipped: steps.filter((step) => step.state === 'skipped').length,
    current: current < 0 ? null : current,
  };
}

function stateOf(marks: readonly StepMark[]): StepState {
  const last = marks.findLast((mark) => mark.act !== 'ran') ?? null;
  const state = last?.act === 'done' || last?.act === 'skipped' ? last.act : 'open';
  return {
    state,
    mark: state === 'open' ? null : last,
    ran: marks.findLast((mark) => mark.act === 'ran') ?? null,
    revision: marks.length,
  };
}

const WORDS: Readonly<Record<StepAct, string>> = {
  ran: 'run',
  done: 'done',
  skipped: 'skipped',
  reopened: 'open again',
};

/** The timeline entry of an act. */
export function stepEntry(mark: StepMark): TimelineDraft {
  const why = mark.reason === '' ? '' : ` (${mark.reason})`;
  return {
    kind: 'step',
    at: mark.at,
    actor: mark.actor,
    text: `Runbook step ${mark.number} of ${mark.of} ${WORDS[mark.act]}${why}: ${mark.text}`.slice(0, 500),
    detail: {
      runbook: mark.runbook,
      key: mark.key,
      number: mark.number,
      of: mark.of,
      step: mark.text.slice(0, 300),
      act: mark.act,
      reason: mark.reason,
      invocation: mark.invocation,
    },
  };
}

/** A step as the post-mortem tells it: only those somebody acted on. */
export interface StepRecord {
  readonly runbook: string;
  readonly number: number;
  readonly of: number;
  readonly text: string;
  readonly state: StepState['state'];
  readonly mark: StepMark | null;
  readonly ran: StepMark | null;
}

/** What was done with runbook steps, in the runbook's order, from the timeline alone: it holds when the runbook has changed since. */
export function stepRecords(timeline: readonly TimelineEntry[]): readonly StepRecord[] {
  const ordered = stepMarks([...timeline].sort((a, b) => a.id - b.id));
  const bySteps = Map.groupBy(ordered, (mark) => JSON.stringify([mark.runbook, mark.key]));
  return [...bySteps.values()]
    .flatMap((marks) => {
      const last = marks.at(-1);
      if (!last) return [];
      const { state, mark, ran } = stateOf(marks);
      return [{ runbook: last.runbook, number: last.number, of: last.of, text: last.text, state, mark, ran }];
    })
    .sort((a, b) => (a.runbook === b.runbook ? a.number - b.number : a.runbook < b.runbook ? -1 : 1));
}
