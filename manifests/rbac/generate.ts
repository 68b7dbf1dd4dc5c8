// Writes manifests/base/clusterrole.yaml and the table of docs/control-plane.md: node manifests/rbac/generate.ts
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { clusterRoleText, privilegeRows } from './clusterRole.ts';

const ROOT = join(import.meta.dirname, '../..');
await writeFile(join(ROOT, 'manifests/base/clusterrole.yaml'), clusterRoleText());
const page = join(ROOT, 'docs/control-plane.md');
const HEAD = '| group | resource | verbs |\n|---|---|---|\n';
const [before = '', after = ''] = (await readFile(page, 'utf8')).split(HEAD);
await writeFile(page, `${before}${HEAD}${privilegeRows()}${after.replace(/^(?:\|.*\n)*/, '')}`);
