import type { ObjectName } from '../../incidents/evidence.ts';
import type { Facts } from '../facts/facts.ts';
import type { Topic } from '../facts/target.ts';
import { isBuild, isBuildPod } from '../subjects/build.ts';
import type { Kind } from '../subjects/kinds.ts';
import { isServingNamespace } from '../subjects/knative.ts';
import { topOwner } from '../subjects/owners.ts';

/** What objects of a kind are part of, whoever they belong to. */
const PARTS: Readonly<Partial<Record<Kind, readonly Topic[]>>> = {
  Node: ['nodes'],
  Lease: ['nodes', 'control'],
  PersistentVolumeClaim: ['storage'],
  PersistentVolume: ['storage'],
  StorageClass: ['storage'],
  ResourceQuota: ['quota', 'builds'],
  LimitRange: ['quota', 'builds'],
  KnativeService: ['functions', 'serving'],
  Configuration: ['functions', 'serving'],
  Revision: ['functions', 'serving'],
  Route: ['functions', 'serving'],
  PodAutoscaler: ['functions', 'serving'],
  KnativeIngress: ['functions', 'serving'],
  LambdaFunction: ['functions', 'builds'],
  Broker: ['eventing'],
  Trigger: ['eventing'],
  KnativeServing: ['serving', 'functions'],
  KnativeEventing: ['eventing'],
  Certificate: ['certificates'],
};

/**
 * Whether an object may be what an alert is about that names none, nor a namespace: it is of a part of the platform that the
 * alert's name tells. An image that one function lacks does not explain that the control plane is not scraped.
 */
export function isOfPart(of: ObjectName, facts: Facts): boolean {
  const { topics } = facts.target;
  return topics.size === 0 || partsOf(of, facts).some((part) => topics.has(part));
}

function partsOf(of: ObjectName, facts: Facts): readonly Topic[] {
  const { profile } = facts;
  const object = facts.get(of.kind as Kind, of.namespace, of.name);
  if (of.kind === 'Job' && isBuild({ metadata: { ...object?.metadata, name: of.name } }, profile)) return ['builds'];
  const pod = of.kind === 'Pod' ? facts.get('Pod', of.namespace, of.name) : null;
  if (pod && isBuildPod(pod, profile)) return ['builds'];
  const top = object ? topOwner(of, object.metadata, facts) : of;
  const own = PARTS[of.kind as Kind] ?? PARTS[top.kind as Kind];
  if (own) return own;
  if (top.name === profile.controlDeployment) return ['control', 'metrics', 'builds', 'functions'];
  return [...ofNamespace(of.namespace, facts), 'functions'];
}

function ofNamespace(namespace: string | null, { profile }: Facts): readonly Topic[] {
  if (namespace === profile.storageNamespace) return ['storage', 'builds'];
  if (namespace === profile.rabbitmqNamespace && namespace !== profile.controlNamespace) return ['eventing'];
  if (namespace === 'knative-eventing') return ['eventing'];
  return isServingNamespace(namespace) ? ['serving'] : [];
}
