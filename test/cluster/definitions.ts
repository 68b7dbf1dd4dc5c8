import { INSTALLED_RESOURCES } from '../../simulator/cluster/kinds/catalogue.ts';
import { definitionOf } from '../../simulator/cluster/kinds/custom.ts';
import type { ApiClient } from './apiClient.ts';
import { applyObject } from './botAccount.ts';
import { knativeDefinitions } from './knativeFiles.ts';
import { eventually } from './player.ts';

/**
 * Installs the CustomResourceDefinitions of what the product reads: Knative Serving's as Knative ships them where its
 * files are there, everything else as the simulator knows it.
 */
export async function installDefinitions(admin: ApiClient): Promise<void> {
  const shipped = knativeDefinitions();
  const known = new Set(shipped.map(({ metadata }) => metadata.name));
  const ours = INSTALLED_RESOURCES.map(definitionOf).filter(({ metadata }) => !known.has(metadata.name));
  const all = [...shipped, ...ours.map(({ status: _status, ...definition }) => definition)];
  for (const definition of all) await applyObject(admin, definition);
  for (const { metadata } of all)
    await eventually(`${metadata.name} to be served`, async () => {
      const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${metadata.name}`;
      const { status } = await admin.json('GET', path);
      return status?.conditions?.some(
        (one: { type: string; status: string }) => one.type === 'Established' && one.status === 'True',
      );
    });
}
