import type { DaemonSet, Deployment, ReplicaSet, StatefulSet } from 'kubernetes-types/apps/v1.js';
import type { CronJob, Job } from 'kubernetes-types/batch/v1.js';
import type { Lease } from 'kubernetes-types/coordination/v1.js';
import type {
  ContainerStatus,
  Namespace,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  PodCondition,
  ResourceQuota,
  Service,
} from 'kubernetes-types/core/v1.js';
import type { Metadata } from '../snapshot.ts';

/** An object as the API server serves it: its parts are there, not optional. */
export type Whole<T extends { spec?: unknown; status?: unknown }> = {
  apiVersion: string;
  kind: string;
  metadata: Metadata;
  spec: NonNullable<T['spec']>;
  status: NonNullable<T['status']>;
};

export type WholePod = Whole<Pod> & { status: { conditions: PodCondition[]; containerStatuses: ContainerStatus[] } };
export type WholeNode = Whole<Node>;
export type WholeDeployment = Whole<Deployment>;
export type WholeReplicaSet = Whole<ReplicaSet>;
export type WholeStatefulSet = Whole<StatefulSet>;
export type WholeDaemonSet = Whole<DaemonSet>;
export type WholeJob = Whole<Job>;
export type WholeCronJob = Whole<CronJob>;
export type WholeService = Whole<Service>;
export type WholeNamespace = Whole<Namespace>;
export type WholeClaim = Whole<PersistentVolumeClaim>;
export type WholeVolume = Whole<PersistentVolume>;
export type WholeQuota = Whole<ResourceQuota>;
export type WholeLease = Omit<Whole<Lease & { status?: never }>, 'status'>;
