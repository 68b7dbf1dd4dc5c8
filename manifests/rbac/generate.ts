// Writes manifests/base/clusterrole.yaml: node manifests/rbac/generate.ts
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { clusterRoleText } from './clusterRole.ts';

await writeFile(join(import.meta.dirname, '../base/clusterrole.yaml'), clusterRoleText());
