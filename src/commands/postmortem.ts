import { ResponderError } from '../errors.ts';
import { short } from '../wording/cuts.ts';
import { type Call, type Command, optionText, type Run } from './command.ts';
import { meantIncident, noIncidentReply, pickerReply } from './context.ts';
import { wantedNumber } from './number.ts';
import { reply } from './reply.ts';

function formatOf(call: Call): 'md' | 'json' {
  const typed = (optionText(call, 'format') ?? 'md').toLowerCase();
  if (typed === 'md' || typed === 'markdown') return 'md';
  if (typed === 'json') return 'json';
  throw new ResponderError('bad_input', `“${short(typed, 60)}” is not a format.`, {
    hint: 'Use --format md or --format json.',
  });
}

/** `/lambda postmortem [number]`: the timeline, the figures and the headings for what only people know. */
export const postmortem: Command = {
  name: 'postmortem',
  usage: '[number] [--format md|json]',
  summary: 'export the timeline and figures',
  access: 'read',
  // It hands out the whole record.
  whenUnsure: 'refused',
  about: ['A Markdown file in the incident’s thread, or JSON as docs/postmortem.schema.json describes it.'],
  examples: ['postmortem', 'postmortem 12 --format json'],
  shape: (node) => {
    node
      .argument('[number]', 'the incident')
      .option('--format <format>', 'md or json')
      .option('-i, --incident <number>', 'the incident');
  },
  check: (call) => {
    wantedNumber(call);
    formatOf(call);
  },
  run: async (call, run) => {
    const { ports, invocation } = run;
    if (!ports.postmortems)
      throw new ResponderError('unavailable', 'Post-mortems need the responder’s store.', {
        hint: 'Set RESPONDER_URL to a running responder.',
      });
    const number = wantedNumber(call);
    const meant = await incidentToExport(run, number);
    if ('title' in meant) return meant;
    const format = formatOf(call);
    const written = await ports.postmortems.of(meant.number);
    const name = `postmortem-${meant.number}.${format}`;
    await ports.changes
      .record(meant.number, {
        kind: 'exported',
        at: ports.now(),
        actor: invocation.actor,
        text: `exported the post-mortem as ${name}`,
        detail: { format, invocation: invocation.id },
      })
      .catch(() => {});
    return reply({
      title: `Post-mortem of #${meant.number}`,
      summary: 'Timeline and figures are filled in; causes and lessons are for people.',
      file: {
        name,
        title: `Post-mortem of #${meant.number}`,
        mime: format === 'md' ? 'text/markdown' : 'application/json',
        content: format === 'md' ? written.markdown : written.json,
      },
      visibility: 'thread',
      incidentNumber: meant.number,
    });
  },
};

async function incidentToExport(run: Run, number: number | null) {
  const meant = await meantIncident(run, { number, writing: false });
  if (meant.kind === 'found') return { number: meant.known.incident.number };
  if (meant.kind === 'pick')
    return pickerReply(meant, (one) => `postmortem ${one}`, { readOnly: true, now: run.ports.now() });
  const [last] = number === null ? await run.ports.incidents.list({ status: ['resolved'], limit: 1 }) : [];
  return last ? { number: last.number } : noIncidentReply(number, 'open');
}
