import type { Incident } from '../incidents/incident.ts';
import { type KnownProgress, withKnown } from '../incidents/runbookKnown.ts';
import { stepProgress } from '../incidents/runbookSteps.ts';
import type { TimelineEntry } from '../incidents/timeline.ts';
import type { PlaybookStepView, PlaybookView } from './ports.ts';

export function keyOf(step: PlaybookStepView): string {
  return step.key ?? String(step.index);
}

/** How far an incident's runbook is: what people said of its steps, and what the incident's state and diagnosis say. Pure. */
export function progressOf(view: PlaybookView, incident: Incident, timeline: readonly TimelineEntry[]): KnownProgress {
  const steps = view.steps.map((step) => ({ ...step, key: keyOf(step), section: step.section ?? '' }));
  const said = stepProgress(
    view.id,
    steps.map(({ key }) => key),
    timeline,
  );
  return withKnown(said, view.id, steps, incident, timeline);
}
