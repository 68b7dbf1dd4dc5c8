// Writes what the catalogue of alerts says: the PrometheusRules of every combination of name profile and Knative era, the
// severity matrix that the responder reads, and the front matter of the runbooks.
//   node manifests/prometheus/generate.ts [--out FOLDER] [--check]
// With RUNBOOK_BASE_URL and DASHBOARD_BASE_URL the alerts have links to runbooks and dashboards there; without, none. `--check` writes nothing and
// exits with 1 when a file is out of date. With `--out` only the PrometheusRules are written, there.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { RUNBOOK_OF, withFrontMatter } from '../runbooks/frontMatter.ts';
import { manifestFiles } from './manifestFiles.ts';
import { SEVERITY_FILE, severityFile } from './severityMatrix.ts';

const { values } = parseArgs({ options: { out: { type: 'string' }, check: { type: 'boolean' } } });
const root = join(import.meta.dirname, '..', '..');
const folder = values.out ?? join(import.meta.dirname, 'generated');
const rules = manifestFiles({
  runbooks: process.env.RUNBOOK_BASE_URL ?? null,
  dashboards: process.env.DASHBOARD_BASE_URL ?? null,
});
const files = new Map(Object.entries(rules).map(([name, text]) => [join(folder, name), text]));
const missing: string[] = [];
if (values.out === undefined) {
  files.set(join(root, SEVERITY_FILE), severityFile());
  for (const [alert, name] of RUNBOOK_OF) {
    const path = join(root, name);
    const text = await readFile(path, 'utf8').catch(() => null);
    if (text === null) missing.push(`${name}: ${alert} has no runbook; copy one of its area and write it`);
    else files.set(path, withFrontMatter(alert, text));
  }
}

const outdated: string[] = [];
for (const [path, text] of files) {
  const current = await readFile(path, 'utf8').catch(() => null);
  if (current === text) continue;
  outdated.push(relative('.', path));
  if (values.check) continue;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}
const verb = values.check ? 'out of date' : 'written';
console.log(outdated.length === 0 ? 'all files are up to date' : `${verb}:\n${outdated.join('\n')}`);
for (const problem of missing) console.error(problem);
if ((values.check && outdated.length > 0) || missing.length > 0) process.exitCode = 1;
