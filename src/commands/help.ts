import { short } from '../wording/cuts.ts';
import { columnsOf } from './columns.ts';
import type { Command } from './command.ts';
import { OPTIONS } from './diag.ts';
import { DIAGNOSTICS, type DiagnosticForm } from './diagnostics.ts';
import { type Reply, reply } from './reply.ts';
import { nearest } from './suggest.ts';
import { sentence } from './tokens.ts';

/** `/lambda help [topic]`, for the table it is given. */
export function helpFor(table: () => readonly Command[]): Command {
  return {
    name: 'help',
    usage: '[topic]',
    summary: 'this, or more about one command',
    access: 'read',
    about: [],
    examples: ['help diag', 'help note'],
    shape: (node) => {
      node.argument('[topic...]', 'a command');
    },
    check: () => {},
    run: async (call) => help(call.words, table()),
  };
}

function help(words: readonly string[], table: readonly Command[]): Reply {
  const topic = (words[0] ?? '').toLowerCase();
  if (topic === '') return overview(table);
  const form = formOf(topic === 'diag' ? words.slice(1) : words);
  if (form) return aboutDiagnostic(form);
  const command = table.find((one) => one.name === topic);
  if (command) return about(command);
  const near = nearest(
    topic,
    table.map((one) => one.name),
    3,
  );
  return reply({
    tone: 'notice',
    title: `There is no help about “${short(topic)}”.`,
    summary: 'The nearest, and the list of all commands:',
    next: [...near.map((name) => `help ${name}`), 'help'].map((line) => ({
      label: line,
      command: line,
      readOnly: true,
    })),
  });
}

/** The diagnostic that words name, `logs` or `top pods`; the first of several that begin so. */
function formOf(words: readonly string[]): DiagnosticForm | undefined {
  const [first, second] = words.map((word) => word.toLowerCase());
  if (first === undefined) return undefined;
  return (
    DIAGNOSTICS.find(({ name }) => name === `${first} ${second ?? ''}`.trim()) ??
    DIAGNOSTICS.find(({ name }) => name === first || name.split(' ')[0] === first)
  );
}

function aboutDiagnostic(form: DiagnosticForm): Reply {
  const rows = form.options.map((option) => [OPTIONS[option][0], OPTIONS[option][1]]);
  const own = form.fromIncident.objects.length > 0 || form.fromIncident.namespace;
  const name = form.argument === null ? '' : ` [${form.argument}]`;
  return reply({
    title: `/lambda diag ${form.name}${name} [options]`,
    summary: `${sentence(form.summary)}.${own ? ' In an incident’s thread or channel it is about that incident.' : ''}`,
    lines: rows.length > 0 ? columnsOf(['OPTION', 'MEANING'], rows) : [],
    keep: 'head',
    next: [`diag ${form.name}`, 'help diag'].map((line) => ({ label: line, command: line, readOnly: true })),
  });
}

function overview(table: readonly Command[]): Reply {
  return reply({
    title: 'What you can ask',
    summary: 'Type it after /lambda, or mention me in a thread. In an incident’s thread no number is needed.',
    lines: columnsOf(
      ['COMMAND', 'WHAT IT DOES'],
      table.map((one) => [one.name, one.summary]),
    ),
    keep: 'head',
    notes: ['kubectl’s words are understood too: get pods, describe pod x, logs -f x, top pods.'],
    next: ['diag jobs', 'incidents', 'help diag'].map((command) => ({ label: command, command, readOnly: true })),
  });
}

function about(command: Command): Reply {
  const forms = command.name === 'diag' ? DIAGNOSTICS.map((form) => [`diag ${form.name}`, form.summary]) : [];
  // All forms are and as many examples as there is room for beside them.
  const examples = command.examples.slice(0, Math.max(0, 23 - forms.length)).map((example) => `/lambda ${example}`);
  return reply({
    title: `/lambda ${[command.name, command.usage].join(' ').trim()}`,
    summary: [`${sentence(command.summary)}.`, ...command.about].join(' '),
    lines: [...(forms.length > 0 ? [...columnsOf(['DIAGNOSTIC', 'WHAT IT SHOWS'], forms), ''] : []), ...examples],
    keep: 'head',
  });
}
