import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type Cluster, startCluster } from '../../simulator/cluster/start.ts';
import { createApiClient } from './apiClient.ts';
import { BY_HAND } from './kubelet.ts';
import type { Told } from './kubeletDoor.ts';
import type { Place } from './place.ts';
import { readyNode } from './podStatus.ts';
import { NODES } from './testCluster.ts';

/** The simulator as a place for the same stories. Its one user may do everything. */
export async function openSimulatedPlace(): Promise<Place & { readonly simulated: Cluster }> {
  const simulated = await startCluster({ tls: true });
  const folder = mkdtempSync(join(tmpdir(), 'simulated-place-'));
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, simulated.kubeconfig(), { mode: 0o600 });
  const { clusters } = parse(simulated.kubeconfig());
  const ca = Buffer.from(clusters[0].cluster['certificate-authority-data'], 'base64').toString();
  const api = createApiClient(simulated.url, simulated.token, ca);
  for (const name of NODES)
    simulated.world.apply({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name, labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux' } },
      spec: {},
      status: readyNode(name, 10_250),
    });
  leaveByHand(simulated.world);
  return {
    name: 'the simulator',
    server: simulated.url,
    api,
    adminKubeconfig: kubeconfig,
    botKubeconfig: kubeconfig,
    tell: async (told) => tellWorld(simulated, told),
    define: async () => {},
    async close() {
      await api.close();
      await simulated.close();
      rmSync(folder, { recursive: true, force: true });
    },
    simulated,
  };
}

/** Pods whose status a test writes are bound to a node and then left alone, as our kubelet leaves them. */
function leaveByHand(world: Cluster['world']): void {
  world.tasks.push(() => {
    for (const [uid, { ref, scheduledAt }] of world.starting)
      if (scheduledAt !== undefined && world.get(ref)?.metadata.labels?.[BY_HAND] !== undefined)
        world.starting.delete(uid);
  });
}

function tellWorld({ world }: Cluster, told: Told): void {
  for (const log of told.logs ?? []) world.log(log);
  for (const { namespace, name, containers } of told.pods ?? [])
    world.usage({ kind: 'Pod', namespace, name, containers });
  for (const [name, used] of Object.entries(told.nodes ?? {}))
    world.usage({ kind: 'Node', name, containers: { '': used } });
  for (const name of told.silence ?? []) silence(world, name);
}

/** What the node controller of a real cluster writes forty seconds after the last Lease. */
function silence(world: Cluster['world'], name: string): void {
  const at = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  const ref = { apiVersion: 'v1', kind: 'Node', name };
  const conditions = ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready'].map((type) => ({
    type,
    status: 'Unknown',
    reason: 'NodeStatusUnknown',
    message: 'Kubelet stopped posting node status.',
    lastHeartbeatTime: at,
    lastTransitionTime: at,
  }));
  world.patchStatus(ref, { conditions });
  world.event({
    type: 'Normal',
    reason: 'NodeNotReady',
    message: `Node ${name} status is now: NodeNotReady`,
    regarding: ref,
    source: 'node-controller',
  });
}
