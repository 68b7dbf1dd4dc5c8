import { type Call, type Command, optionText, type Run } from './command.ts';
import { meantIncident, noIncidentReply, pickerReply } from './context.ts';
import { wantedNumber } from './number.ts';
import type { PlaybookView } from './ports.ts';
import { type Reply, reply } from './reply.ts';
import { nearest } from './suggest.ts';
import { shown } from './text.ts';

/** `/lambda runbook`: the steps for this incident; `/lambda runbook --list`: which there are. */
export const runbook: Command = {
  name: 'runbook',
  usage: '[number] [--list]',
  summary: 'the steps for this incident',
  access: 'read',
  about: ['--list [text] names all runbooks, or those whose name or alert contains the text.'],
  examples: ['runbook', 'runbook 12', 'runbook --list oom'],
  shape: (node) => {
    node
      .argument('[number]', 'the incident, or with --list a text')
      .option('--list', 'name the runbooks there are')
      .option('-i, --incident <number>', 'the incident');
  },
  check: (call) => {
    if (call.options.list !== true) wantedNumber(call);
  },
  run: async (call, run) => (call.options.list === true ? list(call.words[0] ?? '', run) : steps(call, run)),
};

async function steps(call: Call, run: Run): Promise<Reply> {
  const number = wantedNumber(call, call.words[0] ?? optionText(call, 'incident'));
  const meant = await meantIncident(run, { number, writing: false });
  if (meant.kind === 'none') return number === null ? list('', run) : noIncidentReply(number, 'open');
  if (meant.kind === 'pick') return pickerReply(meant.candidates, (one) => `runbook ${one}`, true);
  const { incident, alerts } = meant.known;
  const view = run.ports.runbooks.forIncident(meant.known);
  if (view) return shownView(view, incident.number);
  const alertName = alerts[0]?.name ?? incident.title;
  return reply({
    tone: 'notice',
    title: `No runbook serves ${shown(alertName)}.`,
    summary: `Add a Markdown file with “alerts: [${shown(alertName)}]” in its front matter to the runbooks folder; lambda-responder playbooks check reads it over.`,
    next: [{ label: 'diag all', command: 'diag all', readOnly: true }],
    visibility: 'asker',
    incidentNumber: incident.number,
  });
}

function shownView(view: PlaybookView, incidentNumber: number): Reply {
  const lines: string[] = [];
  let section = '';
  for (const step of view.steps) {
    if (step.section !== undefined && step.section !== section) {
      section = step.section;
      lines.push(...(lines.length > 0 ? [''] : []), section.toUpperCase());
    }
    lines.push(`${step.index + 1}. ${step.text}`, ...step.commands.map((command) => `     /lambda ${command}`));
  }
  const commands = [...new Set(view.steps.flatMap((step) => step.commands))];
  return reply({
    title: view.title,
    summary: [view.owner ? `Owner: ${view.owner}.` : '', view.url ?? ''].filter((part) => part !== '').join(' '),
    lines,
    keep: 'head',
    notes:
      view.missing.length > 0
        ? [`The alert has no label ${view.missing.join(', ')}: fill in those places yourself.`]
        : [],
    next: commands.slice(0, 3).map((command) => ({ label: command, command, readOnly: true })),
    visibility: 'thread',
    incidentNumber,
  });
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
      title: `No runbook is about “${shown(text)}”.`,
      summary: `There are ${all.length}.`,
      next: near.map((name) => ({ label: name, command: `runbook --list ${name}`, readOnly: true })),
    });
  }
  return reply({
    title: `${rows.length} of ${all.length} runbooks`,
    summary: 'In an incident’s thread, runbook shows its steps with the alert’s names filled in.',
    table: {
      columns: ['RUNBOOK', 'ALERTS'],
      rows: rows.map((one) => [one.id, one.alerts.join(', ')]),
      total: rows.length,
    },
  });
}
