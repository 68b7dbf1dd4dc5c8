// Writes the runbooks for the alerts of kube-prometheus that have none written by hand: node manifests/runbooks/generate.ts
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runbookFiles } from './families.ts';

const folder = join(import.meta.dirname, '..', '..', 'runbooks', 'kube-prometheus');
await mkdir(folder, { recursive: true });
const files = Object.entries(runbookFiles());
for (const [name, text] of files) await writeFile(join(folder, name), text);
console.log(`${files.length} runbooks in runbooks/kube-prometheus`);
