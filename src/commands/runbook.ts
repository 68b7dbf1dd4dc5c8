import { ResponderError } from '../errors.ts';
import type { IncidentWithAlerts } from '../incidents/incident.ts';
import { type KnownProgress, progressInWords, type StepKnown } from '../incidents/runbookKnown.ts';
import type { StepState } from '../incidents/runbookSteps.ts';
import { saidBy, speaker } from '../incidents/said.ts';
import { short } from '../wording/cuts.ts';
import { clockMinute } from '../wording/instants.ts';
import { type Call, type Command, optionText, type Run } from './command.ts';
import { meantIncident, noIncidentReply, pickerReply } from './context.ts';
import { wantedNumber } from './number.ts';
import type { PlaybookView } from './ports.ts';
import { type Reply, reply } from './reply.ts';
import { progressOf } from './runbookProgress.ts';
import { runStep, type StepVerb, stepVerb } from './runbookStep.ts';
import { nearest } from './suggest.ts';

/** `/lambda runbook`: the steps for this incident and what was done with them; `runbook done 3`, `runbook --list`. */
export function runbookFor(table: () => readonly Command[]): Command {
  return {
    name: 'runbook',
    usage: '[number] | run|done|skip|undo <step> [reason] | --list [text]',
    summary: 'the steps for this incident, and ticking them off',
    access: 'read',
    accessFor: (call) => (call.options.list !== true && stepVerb(call) !== null ? 'note' : 'read'),
    readsCluster: (call) => call.options.list !== true && stepVerb(call)?.name === 'run',
    about: [
      '`run N` runs the commands of step N and shows what they found; `done N` and `skip N` tick it off, `undo N` opens it again. Who did what goes into the timeline, and the progress on the card.',
      '`--list [text]` names all runbooks, or those whose name or alert contains the text.',
      'To add one: a Markdown file whose front matter names the alert (`alerts: [HighLatency]`), in a folder that `runbooks.folders` of responder.yaml names; `lambda-responder playbooks check` says what is wrong with it.',
    ],
    examples: [
      'runbook',
      'runbook 12',
      'runbook run 2',
      'runbook done 3',
      'runbook skip 4 not our cluster',
      'runbook --list oom',
    ],
    shape: (node) => {
      node
        .argument('[number]', 'the incident, or run, done, skip, undo, or with --list a text')
        .argument('[step]', 'which step')
        .argument('[reason...]', 'why it is skipped')
        .option('--list', 'name the runbooks there are')
        .option('--of <step>', 'what buttons add: the step as it was shown, should its number have changed')
        .option('--page <page>', 'these steps, where all are too many for one message')
        .option('-i, --incident <number>', 'the incident');
    },
    check: (call) => {
      if (call.options.list === true) return;
      pageOf(call);
      if (stepVerb(call) === null) plainCall(call);
    },
    run: async (call, run) => {
      if (call.options.list === true) return list(call.words.join(' '), run);
      const verb = stepVerb(call);
      return verb === null ? steps(call, run) : withSteps(verb, run, table);
    },
  };
}

function plainCall(call: Call): void {
  wantedNumber(call);
  if (call.words.length > 1)
    throw new ResponderError('bad_input', `“${short(call.rest, 60)}” is more than runbook takes.`, {
      hint: 'runbook 12 shows its steps; runbook done 3 ticks off the third.',
    });
}

function pageOf(call: Call): number | null {
  const typed = optionText(call, 'page');
  if (typed === undefined) return null;
  if (/^[1-9][0-9]{0,2}$/.test(typed)) return Number(typed);
  throw new ResponderError('bad_input', `“${short(typed, 60)}” is not a page.`, { hint: 'Use --page 2.' });
}

async function withSteps(verb: StepVerb, run: Run, table: () => readonly Command[]): Promise<Reply> {
  const meant = await meantIncident(run, { number: verb.incident, writing: true });
  if (meant.kind === 'none') return noIncidentReply(verb.incident, 'open');
  if (meant.kind === 'pick')
    return pickerReply(meant, (one) => `runbook ${verb.name} ${verb.step} -i ${one}`, {
      readOnly: false,
      now: run.ports.now(),
    });
  const view = run.ports.runbooks.forIncident(meant.known);
  return view ? runStep(verb, meant.known, view, run, table()) : noRunbook(meant.known);
}

async function steps(call: Call, run: Run): Promise<Reply> {
  const number = wantedNumber(call, call.words[0] ?? optionText(call, 'incident'));
  const meant = await meantIncident(run, { number, writing: false });
  if (meant.kind === 'none') return number === null ? list('', run) : noIncidentReply(number, 'open');
  if (meant.kind === 'pick')
    return pickerReply(meant, (one) => `runbook ${one}`, { readOnly: true, now: run.ports.now() });
  const { incident } = meant.known;
  const view = run.ports.runbooks.forIncident(meant.known);
  if (!view) return noRunbook(meant.known);
  const progress = progressOf(view, incident, await run.ports.incidents.timeline(incident.number));
  const answer = shownView(view, progress, incident.number, pageOf(call));
  return { ...answer, notes: [...answer.notes, ...saidLines(meant.known)] };
}

function noRunbook(known: IncidentWithAlerts): Reply {
  const { incident, alerts } = known;
  const name = short(speaker(alerts)?.name ?? incident.title, 60);
  const said = saidLines(known);
  return reply({
    tone: 'notice',
    title: `No runbook covers ${name}.`,
    summary: `Add a Markdown file named ${name}.md, or with “alerts: [${name}]” in its front matter, to the runbooks folder; lambda-responder playbooks check reads it over.`,
    lines: said,
    next: [{ label: 'diag all', command: 'diag all', readOnly: true }],
    visibility: 'asker',
    incidentNumber: incident.number,
  });
}

/** What the alert itself says to whoever works on it: its description and its own addresses. */
function saidLines({ alerts }: IncidentWithAlerts): readonly string[] {
  const alert = speaker(alerts);
  if (alert === null) return [];
  const { summary, description, runbookUrl, dashboardUrl } = saidBy(alert);
  return [
    ['The alert says', short(description ?? summary ?? '', 1_000)],
    ['Its runbook', runbookUrl ?? ''],
    ['Its dashboard', dashboardUrl ?? ''],
  ].flatMap(([what, text]) => (text ? [`${what}: ${text}`] : []));
}

function shownView(view: PlaybookView, progress: KnownProgress, incidentNumber: number, page: number | null): Reply {
  const lines: string[] = [];
  let section = '';
  for (const index of progress.order) {
    const step = view.steps[index];
    if (!step) continue;
    if (step.section !== undefined && step.section !== section) {
      section = step.section;
      lines.push(...(lines.length > 0 ? [''] : []), section.toUpperCase());
    }
    const state = progress.steps[index];
    const known = progress.known[index];
    lines.push(
      `${boxOf(state, known)} ${step.index + 1}. ${step.text}${byWhom(state, known)}`,
      ...knownLines(known).map((line) => `       ${line}`),
      ...step.commands.map((command) => `       /lambda ${command}`),
      ...(step.snippets ?? []).flatMap((snippet) => snippet.split('\n')).map((line) => `       ${line}`),
    );
  }
  const commands = [...new Set(view.steps.flatMap((step) => step.commands))];
  return reply({
    title: view.title,
    summary: [`${progressInWords(progress)}.`, view.owner ? `Owner: ${view.owner}.` : '', view.url ?? '']
      .filter((part) => part !== '')
      .join(' '),
    lines,
    keep: 'head',
    notes:
      view.missing.length > 0
        ? [`The alert has no label ${view.missing.join(', ')}: fill in those places yourself.`]
        : [],
    next: commands.slice(0, 3).map((command) => ({ label: command, command, readOnly: true })),
    visibility: 'thread',
    incidentNumber,
    runbook: { page },
  });
}

function boxOf(state: StepState | undefined, known: StepKnown | undefined): string {
  if (state?.state === 'done') return '[x]';
  if (state?.state !== 'skipped' && known?.excluded) return '[/]';
  return state?.state === 'skipped' ? '[-]' : '[ ]';
}

/** What the diagnosis and the cluster say of a step. */
function knownLines(known: StepKnown | undefined): readonly string[] {
  if (!known) return [];
  return [
    known.fits === null ? '' : `for the confirmed cause: ${known.fits}`,
    known.excluded === null ? '' : `excluded, the cause is another: ${known.excluded}`,
    known.result === null ? '' : `found: ${known.result}`,
  ].filter((line) => line !== '');
}

function byWhom(state: StepState | undefined, known: StepKnown | undefined): string {
  const mark = state?.mark ?? state?.ran;
  if (!mark && known?.proof) {
    const { what, actor, at } = known.proof;
    return ` (${what} by ${actor.name ?? actor.id}, ${clockMinute(at)})`;
  }
  if (!mark) return '';
  const what = mark.act === 'ran' ? 'run' : mark.act;
  const why = mark.reason === '' ? '' : `: ${mark.reason}`;
  return ` (${what} by ${mark.actor.name ?? mark.actor.id}, ${clockMinute(mark.at)}${why})`;
}

function list(text: string, run: Run): Reply {
  const all = run.ports.runbooks.list();
  const wanted = text.toLowerCase();
  const rows = all.filter((one) =>
    [one.id, one.title, ...one.alerts].some((name) => name.toLowerCase().includes(wanted)),
  );
  if (rows.length === 0 && text !== '') {
    const near = nearest(
      text,
      all.flatMap((one) => one.alerts),
      3,
    );
    return reply({
      tone: 'notice',
      title: `No runbook is about “${short(text, 60)}”.`,
      summary: `There are ${all.length}.`,
      next: near.map((name) => ({ label: name, command: `runbook --list ${name}`, readOnly: true })),
    });
  }
  return reply({
    title: `${rows.length} of ${all.length} runbooks`,
    summary: 'In an incident’s thread, runbook shows its steps with the alert’s names filled in.',
    // A phone cannot show two columns of such names; the file has all of them.
    list: rows.slice(0, 15).map((one) => ({ text: short(one.alerts.join(', '), 150), detail: one.id, press: null })),
    table: {
      columns: ['RUNBOOK', 'ALERTS'],
      rows: rows.map((one) => [one.id, one.alerts.join(', ')]),
      total: rows.length,
    },
  });
}
