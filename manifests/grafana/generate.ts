// Writes the dashboards: node manifests/grafana/generate.ts
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { dashboardFiles } from './dashboardFiles.ts';

for (const [name, text] of Object.entries(dashboardFiles())) {
  const path = join(import.meta.dirname, 'generated', name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}
