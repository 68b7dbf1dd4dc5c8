// Writes the PrometheusRules of every combination of name profile and Knative era from the catalogue:
//   node manifests/prometheus/generate.ts [--out FOLDER] [--check]
// With RUNBOOK_BASE_URL and DASHBOARD_BASE_URL the alerts have links to runbooks and dashboards there; without, none. `--check` writes nothing and
// exits with 1 when a file is out of date.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { manifestFiles } from './manifestFiles.ts';

const { values } = parseArgs({ options: { out: { type: 'string' }, check: { type: 'boolean' } } });
const folder = values.out ?? join(import.meta.dirname, 'generated');
const files = manifestFiles({
  runbooks: process.env.RUNBOOK_BASE_URL ?? null,
  dashboards: process.env.DASHBOARD_BASE_URL ?? null,
});

const outdated: string[] = [];
for (const [name, text] of Object.entries(files)) {
  const path = join(folder, name);
  const current = await readFile(path, 'utf8').catch(() => null);
  if (current === text) continue;
  outdated.push(relative('.', path));
  if (values.check) continue;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}
const verb = values.check ? 'out of date' : 'written';
console.log(outdated.length === 0 ? 'all files are up to date' : `${verb}:\n${outdated.join('\n')}`);
if (values.check && outdated.length > 0) process.exitCode = 1;
