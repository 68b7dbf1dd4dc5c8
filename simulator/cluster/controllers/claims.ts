import { type KubeObject, refOf, text } from '../object.ts';
import type { ClusterWorld } from '../world.ts';

/** How often the volume controller says again that it cannot provision. */
const AGAIN_MS = 15_000;
const told = new WeakMap<ClusterWorld, Map<string, number>>();

/** A claim of a class that does not exist stays Pending, and says so. */
export function refuseClaims(world: ClusterWorld, now: number): void {
  const last = told.get(world) ?? new Map<string, number>();
  told.set(world, last);
  for (const claim of world.list({ apiVersion: 'v1', kind: 'PersistentVolumeClaim' })) {
    const { uid = '' } = claim.metadata;
    const className = text(claim.spec, 'storageClassName');
    // What a scenario wrote has a phase; a claim made through the API has none yet.
    if (!className || !['', 'Pending'].includes(text(claim.status, 'phase') ?? '') || !isOurs(claim, last, uid))
      continue;
    if (world.get({ apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', name: className })) continue;
    if (now - (last.get(uid) ?? 0) < AGAIN_MS) continue;
    last.set(uid, now);
    world.patchStatus(refOf(claim), { phase: 'Pending' });
    const message = `storageclass.storage.k8s.io "${className}" not found`;
    const source = 'persistentvolume-controller';
    world.event({ type: 'Warning', reason: 'ProvisioningFailed', message, regarding: refOf(claim), source });
  }
}

function isOurs(claim: KubeObject, last: ReadonlyMap<string, number>, uid: string): boolean {
  return text(claim.status, 'phase') === undefined || last.has(uid);
}
