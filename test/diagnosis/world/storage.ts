import type { Span } from './clock.ts';
import type { WholeClaim, WholeVolume } from './kinds.ts';
import { LONG_AGO, type World } from './world.ts';

export interface ClaimPlan {
  readonly size?: string;
  /** '' asks for no class at all. */
  readonly storageClass?: string;
  readonly modes?: string[];
  readonly volumeMode?: 'Filesystem' | 'Block';
  readonly selector?: Record<string, string>;
  readonly volumeName?: string;
  readonly age?: Span;
  readonly annotations?: Record<string, string>;
  readonly labels?: Record<string, string>;
}

export interface VolumePlan {
  readonly size?: string;
  readonly storageClass?: string;
  readonly modes?: string[];
  readonly volumeMode?: 'Filesystem' | 'Block';
  readonly labels?: Record<string, string>;
  readonly age?: Span;
  readonly policy?: 'Retain' | 'Delete';
  readonly spec?: Partial<WholeVolume['spec']>;
}

/** A claim that waits for a volume; what the controller told of it is the story's. */
export function pendingClaim(world: World, name: string, plan: ClaimPlan = {}): WholeClaim {
  return world.add<WholeClaim>({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: world.metadata('PersistentVolumeClaim', name, {
      age: plan.age ?? '10m',
      finalizers: ['kubernetes.io/pvc-protection'],
      ...(plan.annotations === undefined ? {} : { annotations: plan.annotations }),
      ...(plan.labels === undefined ? {} : { labels: plan.labels }),
    }),
    spec: {
      accessModes: plan.modes ?? ['ReadWriteOnce'],
      resources: { requests: { storage: plan.size ?? '10Gi' } },
      storageClassName: plan.storageClass ?? 'standard',
      volumeMode: plan.volumeMode ?? 'Filesystem',
      ...(plan.selector === undefined ? {} : { selector: { matchLabels: plan.selector } }),
      ...(plan.volumeName === undefined ? {} : { volumeName: plan.volumeName }),
    },
    status: { phase: 'Pending' },
  });
}

/** A volume that nobody has claimed. */
export function volume(world: World, name: string, plan: VolumePlan = {}): WholeVolume {
  return world.add<WholeVolume>({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: world.metadata('PersistentVolume', name, {
      clusterWide: true,
      age: plan.age ?? LONG_AGO,
      finalizers: ['kubernetes.io/pv-protection'],
      ...(plan.labels === undefined ? {} : { labels: plan.labels }),
    }),
    spec: {
      capacity: { storage: plan.size ?? '10Gi' },
      accessModes: plan.modes ?? ['ReadWriteOnce'],
      persistentVolumeReclaimPolicy: plan.policy ?? 'Delete',
      storageClassName: plan.storageClass ?? 'standard',
      volumeMode: plan.volumeMode ?? 'Filesystem',
      csi: { driver: 'csi.example.com', volumeHandle: `vol-${name}`, fsType: 'ext4' },
      ...plan.spec,
    },
    status: { phase: 'Available' },
  });
}

/** A claim with its volume. */
export function boundClaim(
  world: World,
  name: string,
  plan: ClaimPlan & VolumePlan = {},
): { claim: WholeClaim; volume: WholeVolume } {
  const age = plan.age ?? LONG_AGO;
  const claim = pendingClaim(world, name, { ...plan, age, annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } });
  const backing = volume(world, plan.volumeName ?? `pvc-${claim.metadata.uid}`, { ...plan, age });
  claim.spec.volumeName = backing.metadata.name;
  claim.status = {
    phase: 'Bound',
    accessModes: plan.modes ?? ['ReadWriteOnce'],
    capacity: { storage: plan.size ?? '10Gi' },
  };
  const { uid, namespace } = claim.metadata;
  backing.spec.claimRef = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace: namespace ?? '', uid };
  backing.status = { phase: 'Bound' };
  return { claim, volume: backing };
}

export function storageClass(
  world: World,
  name: string,
  told: {
    provisioner?: string;
    binding?: 'Immediate' | 'WaitForFirstConsumer';
    isDefault?: boolean;
    expand?: boolean;
  } = {},
): void {
  world.add({
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: world.metadata('StorageClass', name, {
      clusterWide: true,
      age: '90d',
      ...(told.isDefault === true ? { annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } } : {}),
    }),
    provisioner: told.provisioner ?? 'csi.example.com',
    reclaimPolicy: 'Delete',
    volumeBindingMode: told.binding ?? 'Immediate',
    allowVolumeExpansion: told.expand ?? true,
  });
}

/** A pod's volume of a claim, and where it is mounted. */
export function claimed(claim: string, path = '/data') {
  return {
    mounts: [{ name: 'data', mountPath: path }],
    spec: { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: claim } }] },
  };
}
