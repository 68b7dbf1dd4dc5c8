import type { z } from 'zod';
import type { NameProfile } from '../../alerts/profile.ts';
import {
  claim,
  conditioned,
  endpoints,
  event,
  job,
  node,
  pod,
  quota as quotaShape,
  trigger,
  workload,
} from '../objects.ts';
import { RESOURCES, type Resource } from '../resources.ts';
import type { Target, Topic } from './target.ts';

/** Every list the diagnosis may read: where it comes from, its shape, and the name it has among the facts. */
export const KINDS = {
  pods: { resource: RESOURCES.pods, shape: pod },
  events: { resource: RESOURCES.events, shape: event },
  jobs: { resource: RESOURCES.jobs, shape: job },
  nodes: { resource: RESOURCES.nodes, shape: node },
  deployments: { resource: RESOURCES.deployments, shape: workload },
  replicasets: { resource: RESOURCES.replicasets, shape: workload },
  persistentvolumeclaims: { resource: RESOURCES.persistentvolumeclaims, shape: claim },
  resourcequotas: { resource: RESOURCES.resourcequotas, shape: quotaShape },
  endpoints: { resource: RESOURCES.endpoints, shape: endpoints },
  services: { resource: RESOURCES.ksvc, shape: conditioned },
  revisions: { resource: RESOURCES.revisions, shape: conditioned },
  lambdafunctions: { resource: RESOURCES.lambdafunctions, shape: conditioned },
  triggers: { resource: RESOURCES.triggers, shape: trigger },
  brokers: { resource: RESOURCES.brokers, shape: conditioned },
  knativeservings: { resource: RESOURCES.knativeservings, shape: conditioned },
  knativeeventings: { resource: RESOURCES.knativeeventings, shape: conditioned },
  certificates: { resource: RESOURCES.certificates, shape: conditioned },
} as const satisfies Readonly<Record<string, { resource: Resource; shape: z.ZodType }>>;

export type Kind = keyof typeof KINDS;

/** One list to read. */
export interface Wanted {
  readonly kind: Kind;
  readonly namespace: string | null;
  readonly fieldSelector?: string;
  readonly selector?: string;
  readonly name?: string;
}

export function keyOf({ kind, namespace }: Pick<Wanted, 'kind' | 'namespace'>): string {
  return namespace === null ? kind : `${kind} ${namespace}`;
}

const WARNINGS = 'type=Warning';

/** What is read first, by what the alert is about: the lists of each topic in turn, `most` at the most. */
export function firstReads(target: Target, profile: NameProfile, most: number): readonly Wanted[] {
  const at = (kind: Kind, namespace: string | null): Wanted =>
    kind === 'events' ? { kind, namespace, fieldSelector: WARNINGS } : { kind, namespace };
  const own = target.namespace;
  const named = own === null ? [] : [at('pods', own), at('events', own)];
  const topics = [...target.topics].map((topic) => topicReads(topic, target, profile, at));
  const rounds = Math.max(0, ...topics.map(({ length }) => length));
  const all = [...named];
  for (let round = 0; round < rounds; round += 1) for (const list of topics) all.push(...list.slice(round, round + 1));
  if (all.length === 0) all.push(at('pods', profile.controlNamespace), at('events', profile.controlNamespace));
  return [...new Map(all.map((one) => [keyOf(one), one])).values()].slice(0, most);
}

function topicReads(
  topic: Topic,
  target: Target,
  profile: NameProfile,
  at: (kind: Kind, namespace: string | null) => Wanted,
): readonly Wanted[] {
  const { controlNamespace: control, storageNamespace: storage } = profile;
  const functions = target.namespace ?? control;
  const builds = target.jobs.length > 0 && target.namespace !== null ? target.namespace : profile.buildsNamespace;
  const serving = 'knative-serving';
  const lambda = profile.name === 'operator' ? [at('lambdafunctions', functions)] : [];
  switch (topic) {
    case 'builds':
      return [at('jobs', builds), at('pods', builds), at('events', builds)];
    case 'functions':
      return [at('pods', functions), ...lambda, at('revisions', functions), at('services', functions)];
    case 'control':
      return [
        at('pods', control),
        ...(profile.name === 'operator' ? [at('lambdafunctions', control)] : []),
        at('events', control),
        at('deployments', control),
      ];
    case 'serving':
      return [at('pods', serving), at('knativeservings', serving), at('events', serving)];
    case 'eventing':
      return [at('triggers', control), at('pods', control), at('jobs', builds), at('revisions', control)];
    case 'storage':
      return [at('pods', storage), at('events', storage)];
    case 'nodes':
      return [at('nodes', null), at('pods', builds)];
    case 'quota':
      return [at('resourcequotas', target.namespace ?? builds), at('jobs', builds)];
    case 'certificates':
      return [at('certificates', target.namespace)];
    case 'api':
      return [at('pods', control)];
    case 'metrics':
      return [
        at('pods', target.topics.has('serving') ? serving : control),
        at('deployments', target.topics.has('serving') ? serving : control),
      ];
  }
}
