import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { KubeObject } from './apiClient.ts';
import { listed } from './binaries.ts';

/** The folder of Knative's manifests; null when they are not kept. */
export function knativeFolder(): string | null {
  return listed('knative').folders[0] ?? null;
}

/** The CustomResourceDefinitions of Knative Serving as its module ships them; none when they are not built. */
export function knativeDefinitions(): readonly KubeObject[] {
  const folder = knativeFolder();
  if (folder === null) return [];
  const files = [join(folder, 'serving-config/core/300-resources'), join(folder, 'networking-config')].flatMap(
    yamlFiles,
  );
  return files.flatMap(objectsOf).filter(({ kind }) => kind === 'CustomResourceDefinition');
}

/** Nothing when there is no such folder. */
export function yamlFiles(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => join(folder, name));
}

/** The objects of a manifest file. */
export function objectsOf(file: string): readonly KubeObject[] {
  const documents = parseAllDocuments(readFileSync(file, 'utf8'));
  // A manifest holds whole objects, and comments between them.
  return documents.map((document) => document.toJS() as KubeObject | null).filter((one) => one !== null);
}
