import { ResponderError } from '../errors.ts';
import type { Incident, IncidentWithAlerts } from '../incidents/incident.ts';
import { type KnownProgress, progressInWords } from '../incidents/runbookKnown.ts';
import { type StepAct, type StepMark, type StepState, stepEntry, stepMarks } from '../incidents/runbookSteps.ts';
import type { TimelineEntry } from '../incidents/timeline.ts';
import { short } from '../wording/cuts.ts';
import { clockMinute } from '../wording/instants.ts';
import { type Call, type Command, optionText, type Run } from './command.ts';
import { incidentNumber } from './names.ts';
import { checkText, wantedNumber } from './number.ts';
import type { PlaybookStepView, PlaybookView } from './ports.ts';
import { type Reply, reply } from './reply.ts';
import { keyOf, progressOf } from './runbookProgress.ts';
import { runLines } from './runLines.ts';

const VERBS = { run: 'ran', done: 'done', skip: 'skipped', undo: 'reopened' } as const;

/** `run 3`, `done 3`, `skip 3 not ours`, `undo 3`, also with the incident's number in front. */
export interface StepVerb {
  readonly name: keyof typeof VERBS;
  /** From 1, as people see it. */
  readonly step: number;
  readonly incident: number | null;
  readonly reason: string;
  /** Identity of the step a button was made for: a runbook may have changed since. */
  readonly key: string | null;
}

/** A second press of *Run* within this time is the same request. */
const SAME_RUN_MS = 10_000;
/** Attempts to write before somebody else does: losing more often means that something else is wrong. */
const TRIES = 5;

/** What a call wants done with a step; null when it only wants to see them. Throws `bad_input` when the step is missing. */
export function stepVerb(call: Call): StepVerb | null {
  const [first = '', ...others] = call.words;
  const number = incidentNumber(first);
  const [word = '', typed, ...reason] = number === null ? call.words : others;
  if (!isVerb(word)) return null;
  const match = /^#?([1-9][0-9]{0,2})$/.exec(typed ?? '');
  if (!match)
    throw new ResponderError(
      'bad_input',
      typed === undefined ? `Which step is ${word}?` : `“${short(typed, 60)}” is not the number of a step.`,
      { hint: `runbook ${word} 3; runbook shows the steps with their numbers.` },
    );
  return {
    name: word,
    step: Number(match[1]),
    incident:
      number ?? (optionText(call, 'incident') === undefined ? null : wantedNumber(call, optionText(call, 'incident'))),
    reason: checkText(reason.join(' '), 'reason').slice(0, 300),
    key: optionText(call, 'of') ?? null,
  };
}

function isVerb(word: string): word is keyof typeof VERBS {
  return Object.hasOwn(VERBS, word);
}

/** Does what was asked with one step. A second time, or second to somebody else, it changes nothing and says who was first. */
export async function runStep(
  verb: StepVerb,
  known: IncidentWithAlerts,
  view: PlaybookView,
  run: Run,
  table: readonly Command[],
): Promise<Reply> {
  const { number } = known.incident;
  const step = verb.key === null ? view.steps[verb.step - 1] : view.steps.find((one) => keyOf(one) === verb.key);
  if (!step && verb.key !== null) return changedSince(number);
  if (!step)
    throw new ResponderError('bad_input', `There is no step ${verb.step}: “${view.title}” has ${view.steps.length}.`, {
      hint: 'runbook shows them with their numbers.',
    });
  if (verb.name === 'run' && step.commands.length === 0)
    return nothingToRun({ ...verb, step: step.index + 1 }, step, view, number);
  const outcome = await mark(verb, step, view, known.incident, run);
  if (outcome.refused !== null) return refusal(outcome.refused, { ...verb, step: step.index + 1 }, number);
  if (verb.name === 'run') return runLines(step, view, number, run, table);
  return marked({ ...verb, step: step.index + 1 }, step, view, outcome.progress, number);
}

interface Outcome {
  /** What somebody did before, which makes this act one too many; null when it was done. */
  readonly refused: StepMark | 'open' | null;
  readonly progress: KnownProgress;
}

/**
 * Decides from the timeline and writes under a key that holds the step's revision. Of two people who decided at the
 * same time one is written; the other decides again from what is there then.
 */
async function mark(
  verb: StepVerb,
  step: PlaybookStepView,
  view: PlaybookView,
  incident: Incident,
  run: Run,
): Promise<Outcome> {
  const { number } = incident;
  const { steps: book, incidents } = run.ports;
  if (!book)
    throw new ResponderError('bad_input', 'Steps are kept by a running responder.', {
      hint: 'Set RESPONDER_URL to where it listens.',
    });
  const act = VERBS[verb.name];
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const timeline = await incidents.timeline(number);
    const progress = progressOf(view, incident, timeline);
    const state = progress.steps[step.index];
    if (!state || wasWritten(timeline, run.invocation.id, act)) return { refused: null, progress };
    const refused = inTheWay(act, state, run.invocation.at);
    if (refused !== null) return { refused, progress };
    const entry = stepEntry({
      runbook: view.id,
      key: keyOf(step),
      number: step.index + 1,
      of: view.steps.length,
      text: step.text,
      act,
      reason: verb.reason,
      invocation: run.invocation.id,
      actor: run.invocation.actor,
      at: run.invocation.at,
    });
    const key = `step:${view.id}:${keyOf(step)}:${state.revision}`;
    if (await book.markStep(number, entry, key))
      return { refused: null, progress: progressOf(view, incident, await incidents.timeline(number)) };
  }
  throw new ResponderError('conflict', `Step ${verb.step} is being changed by several people right now.`, {
    hint: 'Look at the steps and try again: runbook',
  });
}

/** A job that runs again after a crash finds what it wrote. */
function wasWritten(timeline: readonly TimelineEntry[], invocation: string, act: StepAct): boolean {
  return stepMarks(timeline).some((mark) => mark.invocation === invocation && mark.act === act);
}

function inTheWay(act: StepAct, state: StepState, at: number): StepMark | 'open' | null {
  if (act === 'ran') return state.ran && Math.abs(at - state.ran.at) < SAME_RUN_MS ? state.ran : null;
  if (act === 'reopened') return state.state === 'open' ? 'open' : null;
  // Done after it was skipped is a change of mind; skipped after it was done would hide that it was done.
  if (state.state === 'done' || (state.state === 'skipped' && act === 'skipped')) return state.mark;
  return null;
}

/** The runbook is another one than when the button was shown: nothing is done, and the steps are shown as they are now. */
function changedSince(number: number): Reply {
  return reply({
    tone: 'notice',
    title: 'That step is no longer in the runbook.',
    summary: 'The steps are shown as they are now.',
    incidentNumber: number,
    runbook: { page: null },
  });
}

function refusal(before: StepMark | 'open', verb: StepVerb, number: number): Reply {
  if (before === 'open')
    return reply({ tone: 'notice', title: `Step ${verb.step} is open already.`, incidentNumber: number });
  const who = before.actor.name ?? before.actor.id;
  const when = clockMinute(before.at);
  const act = before.act === 'ran' ? 'run' : before.act;
  return reply({
    tone: 'notice',
    title: `Step ${verb.step} was ${act} by ${who} at ${when}.`,
    summary:
      before.act === 'ran'
        ? 'What it found is in the thread; run it again in a few seconds for a newer answer.'
        : `Nothing was changed. To open it again: runbook undo ${verb.step}`,
    incidentNumber: number,
  });
}

function marked(
  verb: StepVerb,
  step: PlaybookStepView,
  view: PlaybookView,
  progress: KnownProgress,
  number: number,
): Reply {
  const word = verb.name === 'done' ? 'done' : verb.name === 'skip' ? 'skipped' : 'open again';
  const next = progress.current === null ? undefined : view.steps[progress.current];
  return reply({
    title: `Step ${verb.step} is ${word}: ${short(step.text, 150)}`,
    summary: next
      ? `${progressInWords(progress)}. Next: ${next.index + 1}. ${short(next.text, 200)}`
      : `${progressInWords(progress)}: that was the last. If the alert is gone, resolve the incident.`,
    visibility: 'channel',
    incidentNumber: number,
  });
}

function nothingToRun(verb: StepVerb, step: PlaybookStepView, view: PlaybookView, number: number): Reply {
  const missing = view.missing.length > 0 ? ` The alert has no label ${view.missing.join(', ')}.` : '';
  return reply({
    tone: 'notice',
    title: `Step ${verb.step} has no command to run.`,
    summary: `It is for you to do: ${short(step.text, 300)}${missing} Then: runbook done ${verb.step}`,
    incidentNumber: number,
  });
}
