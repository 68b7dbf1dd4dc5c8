import type {
  ConfigMap,
  Endpoints,
  Namespace,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  ResourceQuota,
  Secret,
  Service,
  ServiceAccount,
} from 'kubernetes-types/core/v1.js';
import { ageColumn, column, defineKind, type Kind, nameColumn } from '../kind.ts';
import { event } from './event.ts';
import { firstOf, labelsText, quotaText } from './layout.ts';
import { pod } from './pod.ts';

const namespace = defineKind<Namespace>({
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  shortNames: ['ns'],
  namespaced: false,
  subresources: ['status'],
  columns: [nameColumn, column('Status', (one) => one.status?.phase ?? ''), ageColumn],
  fields: (one) => ({ 'status.phase': one.status?.phase ?? '' }),
});

const node = defineKind<Node>({
  version: 'v1',
  kind: 'Node',
  plural: 'nodes',
  shortNames: ['no'],
  namespaced: false,
  subresources: ['status'],
  columns: [
    nameColumn,
    column('Status', nodeStatus, { description: 'The status of the node' }),
    column('Roles', nodeRoles, { description: 'The roles of the node' }),
    ageColumn,
    column('Version', (one) => one.status?.nodeInfo?.kubeletVersion ?? ''),
    column('Internal-IP', (one) => nodeAddress(one, 'InternalIP'), { wide: true }),
    column('External-IP', (one) => nodeAddress(one, 'ExternalIP'), { wide: true }),
    column('OS-Image', (one) => one.status?.nodeInfo?.osImage || '<unknown>', { wide: true }),
    column('Kernel-Version', (one) => one.status?.nodeInfo?.kernelVersion || '<unknown>', { wide: true }),
    column('Container-Runtime', (one) => one.status?.nodeInfo?.containerRuntimeVersion || '<unknown>', { wide: true }),
  ],
  fields: (one) => ({ 'spec.unschedulable': String(one.spec?.unschedulable ?? false) }),
});

const service = defineKind<Service>({
  version: 'v1',
  kind: 'Service',
  plural: 'services',
  shortNames: ['svc'],
  categories: ['all'],
  subresources: ['status'],
  columns: [
    nameColumn,
    column('Type', (one) => one.spec?.type ?? 'ClusterIP'),
    column('Cluster-IP', (one) => one.spec?.clusterIPs?.[0] ?? one.spec?.clusterIP ?? '<none>'),
    column('External-IP', externalIp),
    column('Port(s)', ports),
    ageColumn,
    column('Selector', (one) => labelsText(one.spec?.selector), { wide: true }),
  ],
  fields: (one) => ({ 'spec.clusterIP': one.spec?.clusterIP ?? '', 'spec.type': one.spec?.type ?? '' }),
});

const endpoints = defineKind<Endpoints>({
  version: 'v1',
  kind: 'Endpoints',
  plural: 'endpoints',
  singular: 'endpoints',
  shortNames: ['ep'],
  columns: [nameColumn, column('Endpoints', addresses), ageColumn],
});

const configMap = defineKind<ConfigMap>({
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  shortNames: ['cm'],
  columns: [
    nameColumn,
    column('Data', (one) => Object.keys(one.data ?? {}).length + Object.keys(one.binaryData ?? {}).length),
    ageColumn,
  ],
});

/** Secrets exist and may be named, but the simulator's user has no right to them. */
const secret = defineKind<Secret>({
  version: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  columns: [
    nameColumn,
    column('Type', (one) => one.type ?? ''),
    column('Data', (one) => Object.keys(one.data ?? {}).length),
    ageColumn,
  ],
  fields: (one) => ({ type: one.type ?? '' }),
});

const serviceAccount = defineKind<ServiceAccount>({
  version: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  shortNames: ['sa'],
  columns: [nameColumn, column('Secrets', (one) => one.secrets?.length ?? 0), ageColumn],
});

const resourceQuota = defineKind<ResourceQuota>({
  version: 'v1',
  kind: 'ResourceQuota',
  plural: 'resourcequotas',
  shortNames: ['quota'],
  subresources: ['status'],
  columns: [
    nameColumn,
    column('Request', (one) => quotaText(one.status, (resource) => !resource.includes('limits'))),
    column('Limit', (one) => quotaText(one.status, (resource) => resource.includes('limits'))),
    ageColumn,
  ],
});

const persistentVolume = defineKind<PersistentVolume>({
  version: 'v1',
  kind: 'PersistentVolume',
  plural: 'persistentvolumes',
  shortNames: ['pv'],
  namespaced: false,
  subresources: ['status'],
  columns: [
    nameColumn,
    column('Capacity', (one) => one.spec?.capacity?.storage ?? ''),
    column('Access Modes', (one) => accessModes(one.spec?.accessModes)),
    column('Reclaim Policy', (one) => one.spec?.persistentVolumeReclaimPolicy ?? ''),
    column('Status', (one) => (one.metadata?.deletionTimestamp ? 'Terminating' : (one.status?.phase ?? ''))),
    column('Claim', (one) => (one.spec?.claimRef ? `${one.spec.claimRef.namespace}/${one.spec.claimRef.name}` : '')),
    column('StorageClass', (one) => one.spec?.storageClassName ?? ''),
    column('VolumeAttributesClass', () => '<unset>'),
    column('Reason', (one) => one.status?.reason ?? ''),
    ageColumn,
    column('VolumeMode', (one) => one.spec?.volumeMode ?? '<unset>', { wide: true }),
  ],
});

const persistentVolumeClaim = defineKind<PersistentVolumeClaim>({
  version: 'v1',
  kind: 'PersistentVolumeClaim',
  plural: 'persistentvolumeclaims',
  shortNames: ['pvc'],
  subresources: ['status'],
  columns: [
    nameColumn,
    column('Status', (one) => (one.metadata?.deletionTimestamp ? 'Terminating' : (one.status?.phase ?? ''))),
    column('Volume', (one) => one.spec?.volumeName ?? ''),
    column('Capacity', (one) => (one.spec?.volumeName ? (one.status?.capacity?.storage ?? '') : '')),
    column('Access Modes', (one) => (one.spec?.volumeName ? accessModes(one.status?.accessModes) : '')),
    column('StorageClass', (one) => one.spec?.storageClassName ?? ''),
    column('VolumeAttributesClass', () => '<unset>'),
    ageColumn,
    column('VolumeMode', (one) => one.spec?.volumeMode ?? '<unset>', { wide: true }),
  ],
});

export const coreKinds: readonly Kind[] = [
  configMap,
  endpoints,
  event,
  namespace,
  node,
  persistentVolumeClaim,
  persistentVolume,
  pod,
  resourceQuota,
  secret,
  serviceAccount,
  service,
];

function nodeStatus(one: Node): string {
  const ready = one.status?.conditions?.find((condition) => condition.type === 'Ready');
  const status = ready ? (ready.status === 'True' ? 'Ready' : 'NotReady') : 'Unknown';
  return one.spec?.unschedulable ? `${status},SchedulingDisabled` : status;
}

function nodeRoles(one: Node): string {
  const prefix = 'node-role.kubernetes.io/';
  const roles = Object.entries(one.metadata?.labels ?? {}).flatMap(([key, value]) => {
    if (key.startsWith(prefix)) return [key.slice(prefix.length)];
    return key === 'kubernetes.io/role' && value ? [value] : [];
  });
  return [...new Set(roles)].sort().join(',') || '<none>';
}

function nodeAddress(one: Node, type: string): string {
  return one.status?.addresses?.find((address) => address.type === type)?.address ?? '<none>';
}

function externalIp(one: Service): string {
  const own = one.spec?.externalIPs ?? [];
  switch (one.spec?.type ?? 'ClusterIP') {
    case 'LoadBalancer': {
      const given = (one.status?.loadBalancer?.ingress ?? []).map((at) => at.ip || at.hostname || '').filter(Boolean);
      return [...new Set([...given.sort(), ...own])].join(',') || '<pending>';
    }
    case 'ExternalName':
      return one.spec?.externalName ?? '';
    default:
      return own.join(',') || '<none>';
  }
}

function ports(one: Service): string {
  const pieces = (one.spec?.ports ?? []).map(({ port, nodePort, protocol = 'TCP' }) =>
    nodePort ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`,
  );
  return pieces.join(',') || '<none>';
}

function addresses(one: Endpoints): string {
  const all = (one.subsets ?? []).flatMap((subset) =>
    subset.ports?.length
      ? subset.ports.flatMap((port) => (subset.addresses ?? []).map((address) => `${address.ip}:${port.port}`))
      : (subset.addresses ?? []).map((address) => address.ip),
  );
  return firstOf(all, 3) || '<none>';
}

const ACCESS_MODES: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};

function accessModes(modes: readonly string[] | undefined): string {
  const present = new Set(modes ?? []);
  return Object.entries(ACCESS_MODES)
    .filter(([mode]) => present.has(mode))
    .map(([, short]) => short)
    .join(',');
}
