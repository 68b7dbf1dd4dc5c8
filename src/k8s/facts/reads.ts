import { type NameProfile, SERVING_NAMESPACE } from '../../alerts/profile.ts';
import { KINDS, type Kind } from '../subjects/kinds.ts';
import { listKey } from './facts.ts';
import type { Target, Topic } from './target.ts';

/** Every kind a look may list; the ClusterRole grants no other (client/resources.ts, READS). */
export const LISTED = [
  'Pod',
  'Event',
  'Node',
  'Lease',
  'Namespace',
  'Job',
  'CronJob',
  'Deployment',
  'ReplicaSet',
  'StatefulSet',
  'DaemonSet',
  'HorizontalPodAutoscaler',
  'PodDisruptionBudget',
  'ResourceQuota',
  'LimitRange',
  'ServiceAccount',
  'Service',
  'EndpointSlice',
  'Ingress',
  'IngressClass',
  'NetworkPolicy',
  'PersistentVolumeClaim',
  'PersistentVolume',
  'StorageClass',
  'Certificate',
  'KnativeService',
  'Configuration',
  'Route',
  'Revision',
  'Broker',
  'Trigger',
  'KnativeServing',
  'LambdaFunction',
] as const satisfies readonly Kind[];
export type Listed = (typeof LISTED)[number];

/** Every kind of which a look may read one object by its name, because an alert or a person names it. */
export const NAMED = [
  'Pod',
  'Job',
  'CronJob',
  'Deployment',
  'ReplicaSet',
  'StatefulSet',
  'DaemonSet',
  'HorizontalPodAutoscaler',
  'PodDisruptionBudget',
  'PersistentVolumeClaim',
  'PersistentVolume',
  'ResourceQuota',
  'Service',
  'Ingress',
  'Node',
  'KnativeService',
  'Revision',
  'Broker',
  'Trigger',
  'LambdaFunction',
] as const satisfies readonly Kind[];
export type NamedKind = (typeof NAMED)[number];

export function isListed(kind: string): kind is Listed {
  return LISTED.some((one) => one === kind);
}

export function isNamedKind(kind: string): kind is NamedKind {
  return NAMED.some((one) => one === kind);
}

/** One list to read. */
export interface Wanted {
  readonly kind: Listed;
  /** Null: the whole cluster. */
  readonly namespace: string | null;
  readonly fieldSelector?: string;
  readonly selector?: string;
  /** It spares other reads: where it fails those are made, and nothing is unread for want of it. */
  readonly isSpare?: boolean;
}

/** The lists of a namespace, the most telling first: what runs, what happened to it, and what it needs. */
const OF_NAMESPACE: readonly Listed[] = [
  'Pod',
  'Event',
  'Deployment',
  'ReplicaSet',
  'StatefulSet',
  'DaemonSet',
  'Job',
  'Service',
  'EndpointSlice',
  'PersistentVolumeClaim',
  'ResourceQuota',
  'HorizontalPodAutoscaler',
  'NetworkPolicy',
];
/** Lists of what the whole cluster shares. */
const OF_CLUSTER: readonly Wanted[] = [
  { kind: 'Node', namespace: null },
  { kind: 'Lease', namespace: 'kube-node-lease' },
];

/** Warnings of a namespace; everything that happened is asked for only about what is sick. */
export function listIn(kind: Listed, namespace: string | null): Wanted {
  const place = KINDS[kind].resource.namespaced ? namespace : null;
  return kind === 'Event' ? { kind, namespace: place, fieldSelector: 'type=Warning' } : { kind, namespace: place };
}

/**
 * What happened in a namespace besides its warnings. Where both lists are whole, the events of each unhealthy object are
 * known without a request for each.
 */
export function normalEventsIn(namespace: string): Wanted {
  return { kind: 'Event', namespace, fieldSelector: 'type!=Warning', isSpare: true };
}

export function wantedKey({ kind, namespace, fieldSelector = '', selector = '' }: Wanted): string {
  return `${listKey(kind, namespace)} ${fieldSelector} ${selector}`;
}

/** The first reads: the namespace of the alert, the cluster's nodes, and what the alert's topics add. */
export function firstReads(target: Target, profile: NameProfile): readonly Wanted[] {
  const own = target.namespace ?? (target.nodes.length > 0 ? null : profile.controlNamespace);
  const mine = own === null ? nodeReads(target) : OF_NAMESPACE.map((kind) => listIn(kind, own));
  const topics = [...target.topics].flatMap((topic) => topicReads(topic, target, profile));
  const kinds = target.objects.flatMap(({ kind, namespace }) => {
    return isListed(kind) && !OF_NAMESPACE.includes(kind) ? [listIn(kind, namespace)] : [];
  });
  const normal = own === null ? [] : [normalEventsIn(own)];
  const all = [...mine.slice(0, 2), ...kinds, ...mine.slice(2), ...OF_CLUSTER, ...normal, ...topics];
  return [...new Map(all.map((one) => [wantedKey(one), one])).values()];
}

function nodeReads(target: Target): readonly Wanted[] {
  return target.nodes.slice(0, 3).flatMap((node) => [
    { kind: 'Pod' as const, namespace: null, fieldSelector: `spec.nodeName=${node}` },
    { kind: 'Event' as const, namespace: null, fieldSelector: `involvedObject.kind=Node,involvedObject.name=${node}` },
  ]);
}

const CORE = ['Pod', 'Event', 'Deployment'] as const;

/** What an alert about a part of Knative Lambda needs beyond its own namespace. */
function topicReads(topic: Topic, target: Target, profile: NameProfile): readonly Wanted[] {
  const { controlNamespace: control, storageNamespace: storage } = profile;
  const functions = target.namespace ?? control;
  const builds = target.jobs.length > 0 && target.namespace !== null ? target.namespace : profile.buildsNamespace;
  const at = (namespace: string, ...kinds: readonly Listed[]) => kinds.map((kind) => listIn(kind, namespace));
  const lambda: readonly Listed[] = profile.name === 'operator' ? ['LambdaFunction'] : [];
  switch (topic) {
    case 'builds':
      return [...at(builds, 'Job', 'Pod', 'Event', 'ResourceQuota'), ...at(control, 'Pod', ...lambda)];
    case 'functions':
      return at(functions, ...lambda, 'Revision', 'KnativeService');
    case 'control':
      return at(control, ...CORE, 'ReplicaSet', ...lambda);
    case 'serving':
      return at(SERVING_NAMESPACE, ...CORE, 'KnativeServing');
    case 'eventing':
      return [...at(control, 'Trigger', 'Broker', 'Pod', 'KnativeService', 'Revision'), ...at(builds, 'Job')];
    case 'storage':
      return at(storage, ...CORE, 'PersistentVolumeClaim', 'StatefulSet');
    case 'nodes':
      return at(builds, 'Pod');
    case 'quota':
      return at(target.namespace ?? builds, 'ResourceQuota', 'Job');
    case 'certificates':
      return [listIn('Certificate', target.namespace)];
    case 'api':
      return at(control, 'Pod');
    case 'metrics':
      return at(target.topics.has('serving') ? SERVING_NAMESPACE : control, 'Pod', 'Deployment');
  }
}
