import type { z } from 'zod';
import { RESOURCES, type Resource } from '../client/resources.ts';
import { namespace, serviceAccount } from './account.ts';
import { event } from './event.ts';
import { cronJob, job } from './job.ts';
import { knativeObject } from './knative.ts';
import { lease, node } from './node.ts';
import { pod } from './pod.ts';
import { limitRange, quota } from './quota.ts';
import { autoscaler, disruptionBudget } from './scaling.ts';
import { endpointSlice, ingress, ingressClass, networkPolicy, service } from './service.ts';
import { claim, storageClass, volume } from './volume.ts';
import { workload } from './workload.ts';

/**
 * Every kind the diagnosis knows: where it is read and what is read of it. The key is the kind as findings name it;
 * Knative's Service and Ingress have names of their own, since Kubernetes has both words already.
 */
export const KINDS = {
  Pod: { resource: RESOURCES.pods, shape: pod },
  Event: { resource: RESOURCES.events, shape: event },
  Deployment: { resource: RESOURCES.deployments, shape: workload },
  ReplicaSet: { resource: RESOURCES.replicasets, shape: workload },
  StatefulSet: { resource: RESOURCES.statefulsets, shape: workload },
  DaemonSet: { resource: RESOURCES.daemonsets, shape: workload },
  Job: { resource: RESOURCES.jobs, shape: job },
  CronJob: { resource: RESOURCES.cronjobs, shape: cronJob },
  Node: { resource: RESOURCES.nodes, shape: node },
  Lease: { resource: RESOURCES.leases, shape: lease },
  Namespace: { resource: RESOURCES.namespaces, shape: namespace },
  Service: { resource: RESOURCES.services, shape: service },
  EndpointSlice: { resource: RESOURCES.endpointslices, shape: endpointSlice },
  Ingress: { resource: RESOURCES.ingresses, shape: ingress },
  IngressClass: { resource: RESOURCES.ingressclasses, shape: ingressClass },
  NetworkPolicy: { resource: RESOURCES.networkpolicies, shape: networkPolicy },
  PersistentVolumeClaim: { resource: RESOURCES.persistentvolumeclaims, shape: claim },
  PersistentVolume: { resource: RESOURCES.persistentvolumes, shape: volume },
  StorageClass: { resource: RESOURCES.storageclasses, shape: storageClass },
  ResourceQuota: { resource: RESOURCES.resourcequotas, shape: quota },
  LimitRange: { resource: RESOURCES.limitranges, shape: limitRange },
  ServiceAccount: { resource: RESOURCES.serviceaccounts, shape: serviceAccount },
  HorizontalPodAutoscaler: { resource: RESOURCES.horizontalpodautoscalers, shape: autoscaler },
  PodDisruptionBudget: { resource: RESOURCES.poddisruptionbudgets, shape: disruptionBudget },
  KnativeService: { resource: RESOURCES.ksvc, shape: knativeObject },
  Configuration: { resource: RESOURCES.configurations, shape: knativeObject },
  Revision: { resource: RESOURCES.revisions, shape: knativeObject },
  Route: { resource: RESOURCES.routes, shape: knativeObject },
  PodAutoscaler: { resource: RESOURCES.podautoscalers, shape: knativeObject },
  KnativeIngress: { resource: RESOURCES.kingresses, shape: knativeObject },
  Broker: { resource: RESOURCES.brokers, shape: knativeObject },
  Trigger: { resource: RESOURCES.triggers, shape: knativeObject },
  KnativeServing: { resource: RESOURCES.knativeservings, shape: knativeObject },
  KnativeEventing: { resource: RESOURCES.knativeeventings, shape: knativeObject },
  LambdaFunction: { resource: RESOURCES.lambdafunctions, shape: knativeObject },
  Certificate: { resource: RESOURCES.certificates, shape: knativeObject },
} as const satisfies Readonly<Record<string, { readonly resource: Resource; readonly shape: z.ZodType }>>;

export type Kind = keyof typeof KINDS;
export type ObjectOf<K extends Kind> = z.output<(typeof KINDS)[K]['shape']>;

/** Knative's kinds by the API group that an owner reference or an event gives. */
const GROUPS: Readonly<Record<string, Readonly<Record<string, Kind>>>> = {
  'serving.knative.dev': { Service: 'KnativeService' },
  'networking.internal.knative.dev': { Ingress: 'KnativeIngress' },
};

/** The kind as findings name it, from what a reference says; null for one we do not read. */
export function kindOf(apiVersion: string | undefined, kind: string): Kind | null {
  const group = apiVersion?.split('/')[0] ?? '';
  const own = GROUPS[group]?.[kind];
  if (own) return own;
  return kind in KINDS ? (kind as Kind) : null;
}
