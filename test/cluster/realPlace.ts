import { installDefinitions } from './definitions.ts';
import type { Place } from './place.ts';
import { openTestCluster, type TestCluster } from './testCluster.ts';

/** A real Kubernetes as a place for stories; `cluster` has what only a real one has. */
export async function openRealPlace(): Promise<Place & { readonly cluster: TestCluster }> {
  const cluster = await openTestCluster();
  return {
    name: `Kubernetes ${cluster.version}`,
    server: cluster.server,
    api: cluster.admin,
    adminKubeconfig: cluster.adminKubeconfig,
    botKubeconfig: cluster.bot.kubeconfig,
    tell: cluster.tell,
    define: () => installDefinitions(cluster.admin),
    close: cluster.close,
    cluster,
  };
}
