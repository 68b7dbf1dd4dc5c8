import { topicsOfCode, topicsOfText } from './causeTopics.ts';
import type { Actor, Cause, Incident } from './incident.ts';
import { type StepMark, type StepProgress, type StepState, stepMarks } from './runbookSteps.ts';
import { sentenceOf } from './sentence.ts';
import type { TimelineEntry } from './timeline.ts';

/** A step as far as one has to know it to see what the incident says of it. */
export interface StepText {
  readonly key: string;
  readonly text: string;
  readonly section: string;
  /** Command lines, without the leading `/lambda`. */
  readonly commands: readonly string[];
  /** Its commands run by themselves at the first look. */
  readonly automatic: boolean;
}

/** What the incident itself says of a step, whoever ticks it. */
export interface StepKnown {
  /** The confirmed cause this step is for, in words; null when it is for none in particular. */
  readonly fits: string | null;
  /** The confirmed cause that rules this branch out, in words; null while it may be the one. */
  readonly excluded: string | null;
  /** What its commands found when they ran last, in a line; null when they did not run, or nothing was kept. */
  readonly result: string | null;
  /** Who did what the step asks for, where nobody ticked it: its commands ran, or the incident's state proves it. */
  readonly proof: { readonly what: string; readonly actor: Actor; readonly at: number } | null;
}

/** How far a runbook is, with what is known of each step. */
export interface KnownProgress extends StepProgress {
  readonly known: readonly StepKnown[];
  /** Indexes of the steps as they are shown: what the confirmed cause asks for first, then the runbook's own order. */
  readonly order: readonly number[];
  readonly excluded: number;
}

/** The kinds of timeline entry that tell of a runbook's steps. */
export const STEP_SOURCES = ['step', 'first_look', 'command', 'note'] as const;

/**
 * Where each step stands once the incident is asked too: what ran is ticked with its result, what the incident's state proves
 * is ticked, a branch that the confirmed cause excludes is not next, and what helps against that cause comes first.
 * What a person said of a step outranks it. Pure.
 * @param progress what people said, from `stepProgress` over the same steps
 */
export function withKnown(
  progress: StepProgress,
  runbook: string,
  steps: readonly StepText[],
  incident: Incident,
  timeline: readonly TimelineEntry[],
): KnownProgress {
  const branches = branchesOf(steps, incident);
  const said = stepMarks(timeline).filter((mark) => mark.runbook === runbook && mark.act !== 'ran');
  const known = steps.map((step, index): StepKnown => {
    const state = progress.steps[index];
    const last = said.findLast(({ key }) => key === step.key);
    const ran = ranOf(step, state?.ran ?? null, timeline);
    const proof = (ran?.ok ? ran.proof : null) ?? provenBy(step.text, incident, timeline);
    return {
      ...(branches[index] ?? NO_BRANCH),
      result: ran?.result ?? null,
      // Opened again or ticked by a person after it: that stands.
      proof: proof !== null && (last === undefined || last.at < proof.at) ? proof : null,
    };
  });
  const states = progress.steps.map((state, index): StepState => {
    const isProven = state.state === 'open' && known[index]?.proof;
    return isProven ? { ...state, state: 'done' } : state;
  });
  const isFirst = (index: number): boolean => known[index]?.fits !== null && MENDS.test(steps[index]?.section ?? '');
  const indexes = steps.map((_step, index) => index);
  const order = [...indexes.filter(isFirst), ...indexes.filter((index) => !isFirst(index))];
  const isOpen = (index: number): boolean => states[index]?.state === 'open' && known[index]?.excluded === null;
  return {
    steps: states,
    done: states.filter(({ state }) => state === 'done').length,
    skipped: progress.skipped,
    excluded: indexes.filter((index) => states[index]?.state === 'open' && known[index]?.excluded !== null).length,
    current: order.find(isOpen) ?? null,
    known,
    order,
  };
}

/** `4 of 9 steps`, `4 of 9 steps, 1 skipped, 2 excluded`. */
export function progressInWords({ done, skipped, excluded, steps }: KnownProgress): string {
  const others = [skipped > 0 ? `, ${skipped} skipped` : '', excluded > 0 ? `, ${excluded} excluded` : ''];
  return `${done} of ${steps.length} steps${others.join('')}`;
}

const NO_BRANCH = { fits: null, excluded: null } as const;
/** Sections whose steps are for one cause each. */
const BRANCHES = /diagnos|mitigat|remed|repair|resol|recover|fix|cause/i;
const MENDS = /mitigat|remed|repair|resol|recover|fix/i;
const RELEASE = /\brelease\b|\brevision\b|\broll(?:ed|s)? (?:it |that |them )?back\b|\brollout\b/i;

/**
 * Which steps are for the confirmed cause and which for another. One is excluded only where another of its section fits:
 * the section is then a choice that was made. A step that names no kind of cause is left as it is.
 */
function branchesOf(steps: readonly StepText[], incident: Incident): readonly Pick<StepKnown, 'fits' | 'excluded'>[] {
  const { causes, action } = sentenceOf(incident);
  const sure = causes.filter(({ isSure, code }) => isSure && topicsOfCode(code).length > 0);
  const [main] = sure;
  if (!main) return steps.map(() => NO_BRANCH);
  const alive = new Set(causes.flatMap(({ code }) => topicsOfCode(code)));
  const isByRelease = causes[0]?.isSure === true && /^roll back\b/i.test(action ?? '') ? causes[0] : null;
  const fits = steps.map(({ text, section }) =>
    BRANCHES.test(section) ? (causeOf(leadOf(text), sure) ?? (RELEASE.test(leadOf(text)) ? isByRelease : null)) : null,
  );
  const decided = new Set(steps.filter((_step, index) => fits[index]).map(({ section }) => section));
  // Two causes, one of them without a kind of its own: what it asks for may be any of the branches.
  const mayBeAny = causes.some(({ code }) => topicsOfCode(code).length === 0);
  return steps.map(({ text, section }, index) => {
    const fit = fits[index];
    if (fit) return { fits: fit.brief, excluded: null };
    const topics = topicsOfText(text);
    const isOther = topicsOfText(leadOf(text)).length > 0 && !topics.some((topic) => alive.has(topic));
    return { fits: null, excluded: decided.has(section) && isOther && !mayBeAny ? main.brief : null };
  });
}

function causeOf(lead: string, sure: readonly Cause[]): Cause | null {
  const topics = topicsOfText(lead);
  // The narrowest kind decides: “pull Secret” is no “missing tag”, though both are of the image.
  return sure.find(({ code }) => fitsTopics(topics, topicsOfCode(code))) ?? null;
}

function fitsTopics(ofStep: readonly string[], ofCause: readonly string[]): boolean {
  const narrow = ofStep.filter((topic) => topic !== 'image');
  return (narrow.length > 0 ? narrow : ofStep).some((topic) => ofCause.includes(topic));
}

/** The condition a step begins with: `OOMKilled, exit 137` of `OOMKilled, exit 137: the memory limit is too small`; '' of a question. */
function leadOf(text: string): string {
  const end = /:\s|\.\s|;\s/.exec(text);
  const lead = end ? text.slice(0, end.index) : text;
  return lead.includes('?') ? '' : lead;
}

/** When a step's commands ran last, at the first look or at a person's press; `ok` when all of them had an answer. */
function ranOf(
  step: StepText,
  ran: StepMark | null,
  timeline: readonly TimelineEntry[],
): { readonly ok: boolean; readonly result: string | null; readonly proof: StepKnown['proof'] } | null {
  if (step.commands.length === 0) return null;
  if (ran !== null) {
    const answers = timeline.filter(({ kind, detail }) => kind === 'command' && detail.invocation === ran.invocation);
    const ok = answers.length > 0 && answers.every(({ detail }) => detail.ok === true);
    return {
      ok,
      result: joined(answers.map(({ detail }) => detail.summary)),
      proof: { what: 'run', actor: ran.actor, at: ran.at },
    };
  }
  // The same command of a later step, such as a verification, still has to be run.
  if (!step.automatic) return null;
  const look = timeline.findLast(({ kind }) => kind === 'first_look');
  const lines = Array.isArray(look?.detail.commands) ? look.detail.commands.map(answerOf) : [];
  const mine = step.commands.map((line) => lines.find((one) => one.command === line));
  if (!look || mine.some((one) => one === undefined)) return null;
  return {
    ok: mine.every((one) => one?.ok === true),
    result: joined(mine.map((one) => one?.summary)),
    proof: { what: 'run', actor: look.actor, at: look.at },
  };
}

function answerOf(stored: unknown): { readonly command: unknown; readonly ok: unknown; readonly summary: unknown } {
  const field = (name: string): unknown =>
    typeof stored === 'object' && stored !== null ? Object.getOwnPropertyDescriptor(stored, name)?.value : undefined;
  return { command: field('command'), ok: field('ok'), summary: field('summary') };
}

function joined(summaries: readonly unknown[]): string | null {
  const told = summaries.filter((summary) => typeof summary === 'string' && summary !== '');
  return told.length === 0 ? null : told.join('; ').slice(0, 300);
}

/** What the incident's state proves of a step that asks people for it: acknowledged, a note written. All that it asks for, or nothing. */
function provenBy(text: string, incident: Incident, timeline: readonly TimelineEntry[]): StepKnown['proof'] {
  const [first = ''] = text.split(/(?<=[.!])\s/);
  const asked =
    /^(?:first,? )?acknowledge(?:\s+(?:it|this|the (?:alert|incident)))?(?:[.!]?$|,? and (?<more>.*)$|, so that\b)/i.exec(
      first,
    );
  if (!asked || incident.acknowledgedAt === null || incident.acknowledgedBy === null) return null;
  const proof = { what: 'acknowledged', actor: incident.acknowledgedBy, at: incident.acknowledgedAt };
  const more = asked.groups?.more;
  if (more === undefined) return proof;
  if (!/\bnote\b/i.test(more)) return null;
  const note = timeline.find(({ kind, actor }) => kind === 'note' && actor.type !== 'responder');
  return note ? { what: 'acknowledged, with a note', actor: note.actor, at: Math.max(note.at, proof.at) } : null;
}
