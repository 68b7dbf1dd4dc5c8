import type { Command as Tree } from 'commander';
import type { CliIo } from './io.ts';
import type { CoverageFlags, LintFlags } from './rules.ts';

/** Imported on first use: a start needs neither the linter nor the parser of PromQL. */
const rulesRoom = () => import('./rules.ts');

/** Adds `rules lint` and `rules coverage` to what can be typed in a terminal. */
export function describeRules(program: Tree, io: CliIo, choose: (work: () => Promise<number>) => void): void {
  const rules = program.command('rules').description('alert rules of any team');
  rules
    .command('lint')
    .description('say which rules will not work at 3 a.m., and why; exit code 1 when there are any')
    .argument('[files...]', 'rule files or folders: groups, PrometheusRule objects, Lists, ConfigMaps; YAML or JSON')
    .option('--prometheus <url>', 'also name metrics and label values it does not have')
    .option('--metrics <url>', 'also count the series of this /metrics page')
    .option('--knative <version>', 'installed Knative, such as 1.18 or 1.20.1: names of other releases are errors')
    .option('--runbooks <folder>', 'runbooks, to find alerts without one and links to none')
    .option('--runbook-url <base>', 'address at which that folder is published')
    .option('--job-ttl <seconds>', 'how long finished Jobs stay')
    .option('--no-links', 'do not ask the web whether runbook links are alive')
    .option('--format <name>', 'text, json, sarif or github')
    .option('--json', 'the report as JSON')
    .action((files: string[], flags: LintFlags) => choose(async () => (await rulesRoom()).runLint(files, flags, io)));
  rules
    .command('coverage')
    .description('alerts by severity, runbook and test; exit code 1 when something is missing')
    .argument('[files...]', 'rule files or folders (default: those shipped)')
    .option('--tests <files...>', 'unit tests for promtool, files or folders')
    .option('--runbooks <folder>', 'runbooks (default: those shipped)')
    .option('--check-links', 'ask whether links to runbooks answer')
    .option('--json', 'the table as JSON')
    .action((files: string[], flags: CoverageFlags) =>
      choose(async () => (await rulesRoom()).runCoverage(files, flags, io)),
    );
}
