import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommanderError, Command as Tree } from 'commander';
import { z } from 'zod';
import { type ConfigCheckFlags, runConfigCheck, runConfigShow } from './cli/configCheck.ts';
import { runJobs } from './cli/deadLetters.ts';
import { runDrill } from './cli/drill.ts';
import { runBackup, runPostmortem } from './cli/exports.ts';
import type { CliIo } from './cli/io.ts';
import { runRefused } from './cli/refused.ts';
import { describeRules } from './cli/rulesTree.ts';
import { runCommandLine } from './cli/run.ts';
import { serve } from './cli/serve.ts';
import { drillSnapshot, replaySnapshot, type SaveFlags, saveSnapshot } from './cli/snapshotFiles.ts';
import { readProxies } from './config/environment.ts';
import { withSecretFiles } from './config/secretFiles.ts';
import { coerceError } from './errors.ts';
import { proxyChooser } from './network/proxies.ts';

/** Wider than any line. */
const UNWRAPPED = 10_000;

type Work = () => Promise<number>;

/**
 * Runs the program as it is typed in a terminal. Resolves to the exit code: 0 done, 1 failed, 2 what was typed
 * or configured is wrong. Errors are on stderr, in words; nothing is thrown.
 */
export async function runCli(argv: readonly string[], given: CliIo): Promise<number> {
  let work: Work | null = null;
  try {
    const io = { ...given, env: withSecretFiles(given.env) };
    const program = describe(io, (chosen) => {
      work = chosen;
    });
    program.parse([...argv], { from: 'user' });
    // The callback above sets it; the type checker cannot see that.
    const chosen = work as Work | null;
    if (!chosen) return 2;
    await throughProxies(io.env);
    return await chosen();
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : 2;
    const error = coerceError(thrown);
    if (error.code === 'cancelled') return 130;
    given.stderr.write(`${error.message}\n${error.hint === null ? '' : `${error.hint}\n`}`);
    return error.code === 'config_invalid' || error.code === 'bad_input' ? 2 : 1;
  }
}

/** The version of the release, as its package.json says. */
function versionOf(root: string): string {
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
  return version;
}

/** Whatever a command fetches goes through the proxies of the environment. */
async function throughProxies(env: CliIo['env']): Promise<void> {
  const proxies = readProxies(env);
  if (proxies.https === null && proxies.http === null) return;
  const { installFetch } = await import('./network/fetch.ts');
  installFetch(proxyChooser(proxies));
}

function describe(io: CliIo, choose: (work: Work) => void): Tree {
  const program = new Tree('lambda-responder')
    .description('A Slack bot for the people on call for Knative Lambda: from alert to post-mortem.')
    .exitOverride()
    .enablePositionalOptions()
    .version(versionOf(io.root), '-V, --version', 'say which version this is')
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 failed, 2 what was typed or configured is wrong, 130 stopped by Ctrl-C.',
    )
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      // Into a pipe or a file nothing is wrapped: whoever reads it does that.
      getOutHelpWidth: () => (io.stdout.isTTY ? (io.stdout.columns ?? 80) : UNWRAPPED),
      getErrHelpWidth: () => (io.stderr.isTTY ? (io.stderr.columns ?? 80) : UNWRAPPED),
    });
  program
    .command('serve')
    .description('start the responder')
    .action(() => choose(() => serve(io)));
  describeCommands(program, io, choose);
  describeSnapshots(program, io, choose);
  describeConfiguration(program, io, choose);
  describeStored(program, io, choose);
  describePlaybooks(program, io, choose);
  describeRules(program, io, choose);
  describeDrill(program, io, choose);
  describeCompletion(program, io, choose);
  for (const command of program.commands) command.exitOverride();
  return program;
}

function describeCommands(program: Tree, io: CliIo, choose: (work: Work) => void): void {
  program
    .command('run')
    .description('run a /lambda command: lambda-responder run "diag jobs"')
    .argument('<command...>', 'the command line')
    .option('-i, --incident <number>', 'for this incident')
    .option('--json', 'the answer as JSON')
    .option('--snapshot <file>', 'asked of a recorded cluster')
    .passThroughOptions()
    .action((words: string[], options: RunFlags) => choose(() => runCommandLine(words, options, io)));
  program
    .command('diag')
    .description('the same as run "diag ...": lambda-responder diag jobs -n shop')
    .argument('<command...>', 'a diagnostic with its options')
    .option('--json', 'the answer as JSON')
    .option('--snapshot <file>', 'asked of a recorded cluster')
    .passThroughOptions()
    .action((words: string[], options: RunFlags) => choose(() => runCommandLine(['diag', ...words], options, io)));
}

function describePlaybooks(program: Tree, io: CliIo, choose: (work: Work) => void): void {
  program
    .command('playbooks')
    .description('runbooks')
    .command('check')
    .description('check runbooks: commands, labels, links')
    .argument('[folders...]', 'folders of Markdown files (default: those configured)')
    .option('--rules <files...>', 'alert rules: then a runbook may only use labels its alert has')
    .action((folders: string[], options: { rules?: string[] }) =>
      choose(async () => (await import('./cli/playbooks.ts')).runCheck(folders, options, io)),
    );
}

function describeDrill(program: Tree, io: CliIo, choose: (work: Work) => void): void {
  program
    .command('drill')
    .description('start a scenario of the simulator as an exercise, or list them')
    .argument('[scenario]', 'its id, such as s01')
    .option('--control <url>', 'address of the simulator’s control API (SCENARIO_URL)')
    .option('--speed <factor>', 'seconds of the scenario per second')
    .option('--snapshot <file>', 'an exercise on paper, on a recorded cluster')
    .action((scenario: string | undefined, options: { control?: string; speed?: string; snapshot?: string }) =>
      choose(() =>
        options.snapshot === undefined ? runDrill(scenario, options, io) : drillSnapshot(options.snapshot, io),
      ),
    );
}

function describeCompletion(program: Tree, io: CliIo, choose: (work: Work) => void): void {
  program
    .command('completion')
    .description('the completion script of a shell: source <(lambda-responder completion bash)')
    .argument('<shell>', 'bash, zsh or fish')
    .action((shell: string) =>
      choose(async () => {
        const { completionFor } = await import('./cli/completion.ts');
        io.stdout.write(completionFor(shell, program));
        return 0;
      }),
    );
}

interface RunFlags {
  readonly incident?: string;
  readonly json?: boolean;
  readonly snapshot?: string;
}

function describeSnapshots(program: Tree, io: CliIo, choose: (work: Work) => void): void {
  const snapshot = program
    .command('snapshot')
    .description('what was read of a cluster, as a file')
    .enablePositionalOptions();
  snapshot
    .command('save')
    .description('look, and keep what was read: snapshot save incident.json diag all -n shop')
    .argument('<file>', 'a file that does not exist yet; packed where its name ends in .gz')
    .argument('[command...]', 'a diagnostic with its options (default: all)')
    .option('--alert <labels>', 'the first look of an alert: alertname=KubePodCrashLooping,namespace=shop,pod=web-1')
    .option('--query <sentence>', 'the report in plain words')
    .passThroughOptions()
    .action((file: string, words: string[], flags: SaveFlags) => choose(() => saveSnapshot(file, words, flags, io)));
  snapshot
    .command('replay')
    .description('print what a file shows: the question it was saved with, or another')
    .argument('<file>', 'a snapshot, packed or not')
    .argument('[command...]', 'a diagnostic with its options')
    .option('--json', 'the answer as JSON')
    .passThroughOptions()
    .action((file: string, words: string[], options: { json?: boolean }) =>
      choose(() => replaySnapshot(file, words, options, io)),
    );
  for (const command of snapshot.commands) command.exitOverride();
}

function describeConfiguration(program: Tree, io: CliIo, choose: (work: Work) => void): void {
  const config = program.command('config').description('responder.yaml and the environment');
  config
    .command('check')
    .description('say what is wrong, with file and line')
    .option('--alertmanager <file>', 'also which receivers each alert reaches, with and without the responder')
    .option('--before <file>', 'with it: the configuration in force before, to compare with')
    .option('--rules <files...>', 'with it: your alert rules, for their names and labels')
    .option('--write <new>', 'with it: write the configuration with the responder added to a new file')
    .action((flags: ConfigCheckFlags) => choose(() => runConfigCheck(flags, io)));
  config
    .command('show')
    .description('the configuration in force, with secrets masked')
    .action(() => choose(() => runConfigShow(io)));
}

function describeStored(program: Tree, io: CliIo, choose: (work: Work) => void): void {
  program
    .command('postmortem')
    .description('export an incident’s post-mortem, or the JSON Schema of its JSON')
    .argument('<number|schema>', 'the incident')
    .option('--format <format>', 'md or json', 'md')
    .action((number: string, options: { format: string }) => choose(() => runPostmortem(number, options.format, io)));
  const jobs = program.command('jobs').description('work that was given up (dead letters)');
  jobs
    .command('list')
    .description('newest first')
    .action(() => choose(() => runJobs('list', null, io)));
  jobs
    .command('show')
    .argument('<id>', 'the job')
    .description('one of them, with its error')
    .action((id: string) => choose(() => runJobs('show', id, io)));
  jobs
    .command('retry')
    .argument('<id>', 'the job')
    .description('run it again as if new')
    .action((id: string) => choose(() => runJobs('retry', id, io)));
  jobs
    .command('refused')
    .description('deliveries that were refused for good, with the reason and their first bytes')
    .action(() => choose(() => runRefused(io)));
  program
    .command('backup')
    .description('copy an SQLite store into a file, also while the responder runs on it')
    .argument('<path>', 'a file that does not exist yet')
    .action((path: string) => choose(() => runBackup(path, io)));
}
