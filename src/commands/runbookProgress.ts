import { type StepProgress, stepProgress } from '../incidents/runbookSteps.ts';
import type { TimelineEntry } from '../incidents/timeline.ts';
import type { PlaybookStepView, PlaybookView } from './ports.ts';

export function keyOf(step: PlaybookStepView): string {
  return step.key ?? String(step.index);
}

/** How far an incident's runbook is, from what its timeline says people did. Pure. */
export function progressOf(view: PlaybookView, timeline: readonly TimelineEntry[]): StepProgress {
  return stepProgress(view.id, view.steps.map(keyOf), timeline);
}
