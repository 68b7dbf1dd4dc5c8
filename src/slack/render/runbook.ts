import type { Button, KnownBlock } from '@slack/types';
import type { PlaybookStepView, PlaybookView } from '../../commands/ports.ts';
import { countAlerts, type IncidentWithAlerts } from '../../incidents/incident.ts';
import { type KnownProgress, progressInWords, type StepKnown } from '../../incidents/runbookKnown.ts';
import type { StepMark, StepState } from '../../incidents/runbookSteps.ts';
import { cut } from '../../wording/cuts.ts';
import { actions, button, context, LIMITS, type Rendered, section } from './blocks.ts';
import { actorName, stateLine } from './cardState.ts';
import { clean, code, cutEscaped, date, escapeMrkdwn, link, oneLine, prose } from './mrkdwn.ts';
import { encodePress, PRESS_PREFIX } from './press.ts';

/** The runbook of an incident, step by step. */
export interface RunbookView {
  readonly known: IncidentWithAlerts;
  readonly playbook: PlaybookView;
  readonly progress: KnownProgress;
  /** From 1; null: the page with the step that is next. */
  readonly page: number | null;
  readonly simulated: boolean;
}

/** Steps in one message: what a phone can scroll, and with the longest texts still far below Slack's limits. */
export const STEPS_ON_A_PAGE = 6;
const TEXT = 420;
const COMMANDS = 4;

/**
 * The message with an incident's steps: each with its commands, who did what, and Run, Done and Skip. Only a page of them, so
 * that a runbook of any length stays within 50 blocks and 13,000 characters. The buttons say the same commands as people type.
 */
export function renderRunbook(view: RunbookView): Rendered {
  const { playbook, progress } = view;
  const { incident } = view.known;
  const pages = Math.max(1, Math.ceil(playbook.steps.length / STEPS_ON_A_PAGE));
  const at = progress.current === null ? progress.order.length - 1 : progress.order.indexOf(progress.current);
  const page = Math.min(pages, Math.max(1, view.page ?? Math.floor(at / STEPS_ON_A_PAGE) + 1));
  const from = (page - 1) * STEPS_ON_A_PAGE;
  const blocks: KnownBlock[] = [section(headLines(view))];
  let heading = '';
  for (const index of progress.order.slice(from, from + STEPS_ON_A_PAGE)) {
    const step = playbook.steps[index];
    if (!step) continue;
    const title = step.section !== undefined && step.section !== heading ? step.section : null;
    heading = step.section ?? heading;
    blocks.push(...stepBlocks(step, title, view));
  }
  const turn = pageButtons(view, page, pages);
  if (turn.length > 0) blocks.push(actions(`runbook:${incident.number}:pages`, turn));
  if (playbook.missing.length > 0)
    blocks.push(
      context([
        `The alert lacks ${playbook.missing
          .slice(0, 6)
          .map((name) => code(name, 40))
          .join(', ')}`,
      ]),
    );
  return { text: textOf(view), blocks };
}

function textOf({ known: { incident }, playbook, progress }: RunbookView): string {
  const line = oneLine(`Runbook of #${incident.number}: ${playbook.title}, ${progressInWords(progress)}`);
  return escapeMrkdwn(cutEscaped(line, 200));
}

function headLines({ known, playbook, progress, simulated }: RunbookView): readonly string[] {
  const { incident } = known;
  const { all, firing } = countAlerts(known);
  const mark = simulated ? '`SIMULATED` ' : '';
  const owner = playbook.owner ? ` · ${prose(playbook.owner, 60)}` : '';
  const over = progress.current === null ? ' · nothing left to do' : '';
  return [
    `📖 ${mark}*${link(playbook.url, playbook.title)}* · #${incident.number}${owner}`,
    `*${progressInWords(progress)}*${over} ${bar(progress)}`,
    stateLine(incident, firing, all),
  ];
}

const SQUARES = 6;

/** A few squares: done, skipped, open. What was begun shows, and only what is finished is full. */
function bar({ done, skipped, excluded, steps }: KnownProgress): string {
  const share = (count: number): number =>
    Math.min(SQUARES, Math.max(Math.sign(count), Math.floor((count / Math.max(1, steps.length)) * SQUARES)));
  const filled = share(done);
  const dealt = Math.max(filled, share(done + skipped + excluded));
  return `${'🟩'.repeat(filled)}${'🟨'.repeat(dealt - filled)}${'⬜'.repeat(SQUARES - dealt)}`;
}

function stepBlocks(step: PlaybookStepView, title: string | null, view: RunbookView): readonly KnownBlock[] {
  const state = view.progress.steps[step.index];
  const number = step.index + 1;
  const known = view.progress.known[step.index];
  const isCurrent = view.progress.current === step.index;
  const isExcluded = isOpen(state) && Boolean(known?.excluded);
  const sign =
    state?.state === 'done' ? '✅' : state?.state === 'skipped' ? '⏭️' : isExcluded ? '🚫' : isCurrent ? '👉' : '☐';
  const head = title === null ? [] : [`*${prose(title, 80).toUpperCase()}*`];
  const text = isExcluded ? `~${prose(step.text, TEXT).replaceAll('~', '-')}~` : stepText(step.text);
  const said = section([...head, `${sign} *${number}.* ${text}`, ...detailLines(step, state, known)]);
  const of = step.key === undefined ? '' : ` --of=${step.key}`;
  const press = (verb: string): string =>
    encodePress(
      { incidentNumber: view.known.incident.number, command: `runbook ${verb} ${number}${of}` },
      LIMITS.buttonValue,
    ) ?? '';
  const id = (verb: string): string => `${PRESS_PREFIX}step:${number}:${verb}`;
  const canRun = step.commands.length > 0;
  if (!isOpen(state)) {
    const [verb, label] = canRun && state?.mark === null ? ['run', 'Run again'] : ['undo', 'Undo'];
    return [{ ...said, accessory: button(id(verb), label, press(verb)) }];
  }
  const primary = { style: 'primary' } as const;
  // It may still be looked at or said to be done: a person knows better.
  if (isExcluded) {
    const [verb, label] = canRun ? ['run', 'Run anyway'] : ['done', 'Done anyway'];
    return [{ ...said, accessory: button(id(verb), label, press(verb)) }];
  }
  const offered: Button[] = [
    ...(canRun ? [button(id('run'), 'Run', press('run'), isCurrent && !state?.ran ? primary : {})] : []),
    button(id('done'), 'Done', press('done'), isCurrent && (!canRun || state?.ran) ? primary : {}),
    button(id('skip'), 'Skip', press('skip')),
  ];
  return [said, actions(`runbook:${view.known.incident.number}:step:${number}`, offered)];
}

function isOpen(state: StepState | undefined): boolean {
  return state === undefined || state.state === 'open';
}

function detailLines(
  step: PlaybookStepView,
  state: StepState | undefined,
  known: StepKnown | undefined,
): readonly string[] {
  if (isOpen(state) && known?.excluded) return [`_excluded, the cause is another:_ ${prose(known.excluded, 200)}`];
  // What Run runs; a thread takes no slash command, so none is shown to be typed.
  const commands = isOpen(state) ? step.commands.slice(0, COMMANDS).map((line) => code(line, 160)) : [];
  const rest = step.commands.length - COMMANDS;
  const more = isOpen(state) && rest > 0 ? [`_and ${rest} more_`] : [];
  const acts = [state?.ran, state?.mark].filter((mark) => mark !== null && mark !== undefined).map(actLine);
  const proof = acts.length === 0 && known?.proof ? [proofLine(known.proof)] : [];
  const itself = step.automatic && acts.length + proof.length === 0 ? ['_runs by itself at the first look_'] : [];
  const snippets = isOpen(state) ? (step.snippets ?? []).slice(0, 2).map(snippetBlock) : [];
  return [
    ...(known?.fits ? [`🎯 _for the confirmed cause:_ ${prose(known.fits, 200)}`] : []),
    ...commands,
    ...more,
    ...snippets,
    ...(known?.result ? [`→ ${prose(known.result, 240)}`] : []),
    ...(acts.length > 0 ? [acts.join(' · ')] : []),
    ...proof,
    ...itself,
  ];
}

/** To be copied, so it is shown whole or, where that is too much, cut where everybody sees it. */
function snippetBlock(snippet: string): string {
  const lines = snippet
    .split('\n')
    .slice(0, 6)
    .map((line) => cut(clean(line).replaceAll('`', "'"), 300));
  const rest = snippet.split('\n').length - lines.length;
  const text = cutEscaped([...lines, ...(rest > 0 ? [`… ${rest} more lines`] : [])].join('\n'), 700);
  return `\`\`\`\n${escapeMrkdwn(text)}\n\`\`\``;
}

function proofLine({ what, actor, at }: NonNullable<StepKnown['proof']>): string {
  return `_${what} by_ ${actorName(actor)} ${date(at)}`;
}

function actLine(mark: StepMark): string {
  const why = mark.reason === '' ? '' : `: ${prose(mark.reason, 120)}`;
  return `_${mark.act === 'ran' ? 'run' : mark.act} by_ ${actorName(mark.actor)} ${date(mark.at)}${why}`;
}

/** A step's text with its code kept as code, so that a command for the terminal can be copied. */
function stepText(text: string): string {
  const parts = text.split('`');
  if (parts.length % 2 === 0) return prose(text, TEXT);
  let shown = '';
  for (const [at, part] of parts.entries()) {
    const room = TEXT - shown.length;
    if (room < 10) return `${shown}…`;
    if (part.trim() === '') shown += part === '' ? '' : ' ';
    else if (at % 2 === 1) shown += code(part, room);
    else shown += `${/^\s/.test(part) ? ' ' : ''}${prose(part, room)}${/\s$/.test(part) ? ' ' : ''}`;
  }
  return shown.trim() || 'see the runbook';
}

function pageButtons(view: RunbookView, page: number, pages: number): Button[] {
  const total = view.playbook.steps.length;
  const turn = (to: number, before: string, after: string): Button[] => {
    if (to < 1 || to > pages) return [];
    const from = (to - 1) * STEPS_ON_A_PAGE + 1;
    const label = `${before}Steps ${from}–${Math.min(total, from + STEPS_ON_A_PAGE - 1)}${after}`;
    const press = { incidentNumber: view.known.incident.number, command: `runbook --page ${to}` };
    return [button(`${PRESS_PREFIX}page:${to}`, label, encodePress(press, LIMITS.buttonValue) ?? '')];
  };
  return [...turn(page - 1, '◀ ', ''), ...turn(page + 1, '', ' ▶')];
}
