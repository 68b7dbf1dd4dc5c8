import { short } from '../wording/cuts.ts';
import type { Command } from './command.ts';
import { DIAGNOSTICS } from './diagnostics.ts';
import { type Reply, reply } from './reply.ts';
import { nearest } from './suggest.ts';
import { columnsOf } from './table.ts';
import { sentence } from './text.ts';

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
  const command = table.find((one) => one.name === topic);
  if (command) return about(command);
  if (DIAGNOSTICS.some((form) => form.name.split(' ')[0] === topic)) {
    const found = table.find((one) => one.name === 'diag');
    if (found) return about(found);
  }
  const near = nearest(
    topic,
    table.map((one) => one.name),
    3,
  );
  return reply({
    tone: 'notice',
    title: `There is no help about “${short(topic, 60)}”.`,
    summary: 'All commands: help',
    next: near.map((name) => ({ label: `help ${name}`, command: `help ${name}`, readOnly: true })),
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
    notes: ['More about one: help diag'],
    next: ['diag jobs', 'incidents', 'help diag'].map((command) => ({ label: command, command, readOnly: true })),
  });
}

function about(command: Command): Reply {
  const forms = command.name === 'diag' ? DIAGNOSTICS.map((form) => [`diag ${form.name}`, form.summary]) : [];
  // All forms are shown, and as many examples as there is room for beside them.
  const examples = command.examples.slice(0, Math.max(0, 23 - forms.length)).map((example) => `/lambda ${example}`);
  return reply({
    title: `/lambda ${[command.name, command.usage].join(' ').trim()}`,
    summary: [`${sentence(command.summary)}.`, ...command.about].join(' '),
    lines: [...(forms.length > 0 ? [...columnsOf(['DIAGNOSTIC', 'WHAT IT SHOWS'], forms), ''] : []), ...examples],
    keep: 'head',
  });
}
