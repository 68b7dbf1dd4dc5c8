import { Command as Tree } from 'commander';
import { PROFILES } from '../alerts/profile.ts';
import type { Access, Command } from './command.ts';
import { DIAGNOSTICS, type DiagnosticForm } from './diagnostics.ts';

const ACCESS: Readonly<Record<Access, string>> = {
  read: 'anyone with access',
  note: 'anyone with access; also the shared terminal token',
  decide: 'a person who proved who it is (Slack, or a personal token)',
};

/** `docs/commands.md`, written from the command table; a test fails when the file says something else. */
export function commandsDocument(table: readonly Command[]): string {
  return [
    '# Commands',
    '',
    'The same text works after `/lambda`, in a mention of the bot (also in threads), as `lambda-responder run "..."` in a terminal, behind',
    'buttons, and in the `lambda` blocks of runbooks. Whatever is asked, an answer comes: what is refused names the nearest thing, with a',
    'button that runs it, or the role or setting that is missing.',
    '',
    'Lines are understood as people type them: in any letter case, with a full stop behind them, with a prompt in front (`$ kubectl ...`) and a pipe',
    'behind (`| grep x` becomes `--filter x`). kubectl’s verbs and short names work without `diag`: `get po -A`, `describe node n1`, `logs -f',
    'deploy/x`, `top pods`, `rollout history deploy/x`. An incident’s number may be `4`, `#4`, `INC-4` or `incident 4`; alone it shows the incident.',
    'Questions in plain words too: `what is broken`, `why is checkout slow`, `show me the logs of checkout`. The answer says what was read and what',
    'was left out. What changes an incident runs by its own word alone (`ack`, `acknowledge`, `close 4` ...); anything else (`fixed`, `mine`) is',
    'offered as a button.',
    '',
    'Which incident is meant: in its thread or channel, that one. Elsewhere, for reading: the only open one, else the one you touched within 30',
    'minutes; the answer says which. A diagnostic that names an object belongs to the incident about that object, or to none. For changes, with two',
    'or more open, say the number, or press one of those offered.',
    '',
    '| command | what it does | who may |',
    '|---|---|---|',
    ...table.map(
      (one) => `| \`${[one.name, cell(one.usage)].join(' ').trim()}\` | ${one.summary} | ${ACCESS[one.access]} |`,
    ),
    '',
    ...table.flatMap(section),
    '## Diagnostics',
    '',
    'Read-only and bounded in items, lines, bytes and time; the answer says when a bound cut. Columns are those of `kubectl get`. The bare forms are',
    'those of the name profile (`builder` unless configured). In an incident’s thread or channel the namespace, the object and the window',
    'come from the incident instead, and the answer’s header says so.',
    '',
    '| diagnostic | what it shows | bare form (`builder`) | from the incident |',
    '|---|---|---|---|',
    ...DIAGNOSTICS.map(row),
    '',
    ...options(table),
    'Options that would change who reads or from where (`--as`, `--kubeconfig`, `--server`, `--token`, `--context` ...) are refused. `-A` works where',
    '`access.allNamespaces` allows it; `-n` for the namespaces in `access.namespaces` and the incident’s own.',
    '',
  ].join('\n');
}

function section(command: Command): readonly string[] {
  if (command.about.length === 0 && command.examples.length === 0) return [];
  const examples = command.examples.map((example) => `/lambda ${example}`);
  return [
    `## ${command.name}`,
    '',
    ...(command.about.length > 0 ? [command.about.join(' '), ''] : []),
    ...(examples.length > 0 ? ['```', ...examples, '```', ''] : []),
  ];
}

function row(form: DiagnosticForm): string {
  const profile = PROFILES.builder;
  const namespace = form.namespace(profile);
  const bare = [
    namespace === null ? 'the whole cluster' : `-n ${namespace}`,
    form.selector ? `-l ${form.selector(profile)}` : '',
    form.tail === undefined ? '' : `--tail=${form.tail}`,
    form.sortBy === undefined ? '' : `--sort-by=${form.sortBy}`,
  ].filter((part) => part !== '');
  const taken = [
    form.fromIncident.namespace ? 'namespace' : '',
    form.fromIncident.objects.length > 0 ? 'object' : '',
    form.fromIncident.window === null ? '' : 'window',
  ].filter((part) => part !== '');
  const name = `diag ${form.name}${form.argument === null ? '' : ` [${form.argument}]`}`;
  return `| \`${name}\` | ${form.summary} | \`${bare.join(' ')}\` | ${taken.join(', ') || 'nothing'} |`;
}

function options(table: readonly Command[]): readonly string[] {
  const diag = table.find((command) => command.name === 'diag');
  if (!diag) return [];
  const tree = new Tree('diag');
  diag.shape(tree);
  const nodes = tree.commands.flatMap((node) => (node.commands.length > 0 ? [...node.commands] : [node]));
  const known = new Map(
    nodes.flatMap((node) => node.options.map((option) => [option.flags, option.description] as const)),
  );
  return [
    '| option | meaning |',
    '|---|---|',
    ...[...known].map(([flags, about]) => `| \`${cell(flags)}\` | ${about} |`),
    '',
  ];
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
