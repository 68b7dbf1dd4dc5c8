import type { DaemonSet, Deployment, ReplicaSet, StatefulSet } from 'kubernetes-types/apps/v1.js';
import { ageColumn, column, defineKind, type Kind, nameColumn } from '../kind.ts';
import { containerImages, containerNames, labelsText, selectorText } from './layout.ts';

const GROUP = { group: 'apps', version: 'v1', categories: ['all'] } as const;

const deployment = defineKind<Deployment>({
  ...GROUP,
  kind: 'Deployment',
  plural: 'deployments',
  shortNames: ['deploy'],
  subresources: ['status', 'scale'],
  columns: [
    nameColumn,
    column('Ready', (one) => `${one.status?.readyReplicas ?? 0}/${one.spec?.replicas ?? 1}`, {
      description: 'Number of the pod with ready state',
    }),
    column('Up-to-date', (one) => one.status?.updatedReplicas ?? 0),
    column('Available', (one) => one.status?.availableReplicas ?? 0),
    ageColumn,
    column('Containers', (one) => containerNames(one.spec?.template.spec?.containers), { wide: true }),
    column('Images', (one) => containerImages(one.spec?.template.spec?.containers), { wide: true }),
    column('Selector', (one) => selectorText(one.spec?.selector), { wide: true }),
  ],
});

const replicaSet = defineKind<ReplicaSet>({
  ...GROUP,
  kind: 'ReplicaSet',
  plural: 'replicasets',
  shortNames: ['rs'],
  subresources: ['status', 'scale'],
  columns: [
    nameColumn,
    column('Desired', (one) => one.spec?.replicas ?? 1, { type: 'integer' }),
    column('Current', (one) => one.status?.replicas ?? 0, { type: 'integer' }),
    column('Ready', (one) => one.status?.readyReplicas ?? 0, { type: 'integer' }),
    ageColumn,
    column('Containers', (one) => containerNames(one.spec?.template?.spec?.containers), { wide: true }),
    column('Images', (one) => containerImages(one.spec?.template?.spec?.containers), { wide: true }),
    column('Selector', (one) => selectorText(one.spec?.selector), { wide: true }),
  ],
  fields: (one) => ({ 'status.replicas': String(one.status?.replicas ?? 0) }),
});

const statefulSet = defineKind<StatefulSet>({
  ...GROUP,
  kind: 'StatefulSet',
  plural: 'statefulsets',
  shortNames: ['sts'],
  subresources: ['status', 'scale'],
  columns: [
    nameColumn,
    column('Ready', (one) => `${one.status?.readyReplicas ?? 0}/${one.spec?.replicas ?? 1}`, {
      description: 'Number of the pod with ready state',
    }),
    ageColumn,
    column('Containers', (one) => containerNames(one.spec?.template.spec?.containers), { wide: true }),
    column('Images', (one) => containerImages(one.spec?.template.spec?.containers), { wide: true }),
  ],
});

const daemonSet = defineKind<DaemonSet>({
  ...GROUP,
  kind: 'DaemonSet',
  plural: 'daemonsets',
  shortNames: ['ds'],
  subresources: ['status'],
  columns: [
    nameColumn,
    column('Desired', (one) => one.status?.desiredNumberScheduled ?? 0, { type: 'integer' }),
    column('Current', (one) => one.status?.currentNumberScheduled ?? 0, { type: 'integer' }),
    column('Ready', (one) => one.status?.numberReady ?? 0, { type: 'integer' }),
    column('Up-to-date', (one) => one.status?.updatedNumberScheduled ?? 0, { type: 'integer' }),
    column('Available', (one) => one.status?.numberAvailable ?? 0, { type: 'integer' }),
    column('Node Selector', (one) => labelsText(one.spec?.template.spec?.nodeSelector)),
    ageColumn,
    column('Containers', (one) => containerNames(one.spec?.template.spec?.containers), { wide: true }),
    column('Images', (one) => containerImages(one.spec?.template.spec?.containers), { wide: true }),
    column('Selector', (one) => selectorText(one.spec?.selector), { wide: true }),
  ],
});

export const appsKinds: readonly Kind[] = [daemonSet, deployment, replicaSet, statefulSet];
