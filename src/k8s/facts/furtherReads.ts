import { SERVING_NAMESPACE } from '../../alerts/profile.ts';
import { jobOfPod } from '../subjects/build.ts';
import { isFailed } from '../subjects/job.ts';
import { knativeServiceOf } from '../subjects/knative.ts';
import { isCordoned } from '../subjects/node.ts';
import { keyOf, named } from '../subjects/object.ts';
import { isSick, isTerminating, isUnscheduled, type Pod, statusesOf } from '../subjects/pod.ts';
import { isBound } from '../subjects/volume.ts';
import { availableReplicas, existingReplicas, wantedReplicas } from '../subjects/workload.ts';
import type { Facts } from './facts.ts';
import { listIn, type Wanted } from './reads.ts';

const STORE = /minio|:9000|\bs3\b|bucket|object store|endpoint URL|read object/i;
const NETWORK =
  /connection refused|timeout|timed out|no such host|deadline exceeded|could not connect|reset by peer|name resolution|server misbehaving/i;
const DNS =
  /no such host|name resolution|server misbehaving|ENOTFOUND|EAI_AGAIN|NXDOMAIN|UnknownHost|getaddrinfo|Name or service not known|bad address|lookup \S+ on \S+:53/i;
const WEBHOOK = /failed calling webhook.{0,300}?https:\/\/[\w-]+\.([\w-]+)\.svc/;
/** A host name of another namespace, as cluster DNS spells it. */
const FOREIGN = /\b[a-z0-9-]+\.([a-z0-9-]+)\.svc\b/g;
const MOST_EVENTS = 6;
/** What an API server answers to creation in a namespace that is on its way out. */
const ENDING = /because it is being terminated/;
const ACCOUNT = /service ?account/i;
const EVICTION = /Cannot evict pod/;

/** Reads worth making next for what was seen so far, the most telling first; the caller leaves out what it has read. */
export function followUps(facts: Facts): readonly Wanted[] {
  const { target, now } = facts;
  const sick = facts.all('Pod').filter((pod) => isSick(pod, now));
  return [
    ...happenings(facts, sick),
    ...storage(facts),
    ...knative(facts, sick),
    ...elsewhere(facts),
    ...routing(facts),
    ...surroundings(facts),
    ...(facts.all('Pod').some((pod) => isUnscheduled(pod)) || target.nodes.length > 0
      ? [listIn('Pod', 'kube-system')]
      : []),
    ...(facts.all('Job').some(({ metadata }) => metadata.ownerReferences?.some(({ kind }) => kind === 'CronJob'))
      ? own(facts, 'CronJob')
      : []),
    ...(facts.warnings.some(({ message }) =>
      /(?:maximum|minimum) (?:cpu|memory|storage)|must specify limits|LimitRange/i.test(message ?? ''),
    )
      ? own(facts, 'LimitRange')
      : []),
  ];
}

function own(facts: Facts, ...kinds: readonly Parameters<typeof listIn>[0][]): readonly Wanted[] {
  const { namespace } = facts.target;
  return namespace === null ? [] : kinds.map((kind) => listIn(kind, namespace));
}

/** All events of unhealthy objects, Normal ones too (a liveness kill is one); objects the alert names first. */
function happenings(facts: Facts, sick: readonly Pod[]): readonly Wanted[] {
  const short = (['ReplicaSet', 'StatefulSet', 'DaemonSet'] as const).flatMap((kind) =>
    facts
      .all(kind)
      .filter((one) => existingReplicas(one) < wantedReplicas(one))
      .map(({ metadata }) => named(kind, metadata)),
  );
  const jobs = facts
    .all('Job')
    .filter(isFailed)
    .map(({ metadata }) => named('Job', metadata));
  const wanted = new Set(facts.target.objects.map(keyOf));
  const claims = facts
    .all('PersistentVolumeClaim')
    .filter((one) => !isBound(one))
    .map(({ metadata }) => named('PersistentVolumeClaim', metadata));
  const all = [
    ...claims.slice(0, 2),
    ...sick.map(({ metadata }) => named('Pod', metadata)),
    ...short,
    ...jobs.slice(0, 2),
  ];
  const isNear = (of: (typeof all)[number]) => facts.graph.path(of, wanted, ['family']) !== null;
  const { near = [], far = [] } = Object.groupBy(all, (of) => (isNear(of) ? 'near' : 'far'));
  const ordered = [...near, ...far];
  return ordered
    .slice(0, MOST_EVENTS)
    .map(({ namespace, name }) => ({ kind: 'Event', namespace, fieldSelector: `involvedObject.name=${name}` }));
}

function storage(facts: Facts): readonly Wanted[] {
  const claims = facts.all('PersistentVolumeClaim');
  const asks = facts.target.objects.some(({ kind }) => kind.startsWith('PersistentVolume'));
  const missing = facts.all('Pod').some(
    ({ metadata, spec }) =>
      !spec.nodeName &&
      (spec.volumes ?? []).some((one) => {
        const name = one.persistentVolumeClaim?.claimName;
        return name !== undefined && facts.get('PersistentVolumeClaim', metadata.namespace, name) === null;
      }),
  );
  return asks || missing || !claims.every(isBound)
    ? [listIn('PersistentVolume', null), listIn('StorageClass', null)]
    : [];
}

function knative(facts: Facts, sick: readonly Pod[]): readonly Wanted[] {
  // A function that is scaled to zero has a Deployment and no pods.
  const parts = [...sick, ...facts.all('Pod').slice(0, 200), ...facts.within('Deployment', facts.target.namespace)];
  const functions = parts.filter((one) => knativeServiceOf(one) !== null);
  const places = new Set(functions.map(({ metadata }) => metadata.namespace ?? null));
  for (const { kind, namespace } of facts.target.objects)
    if (kind === 'KnativeService' || kind === 'Revision') places.add(namespace);
  const lists = [...places]
    .slice(0, 2)
    .flatMap((place) =>
      (['KnativeService', 'Revision', 'Configuration', 'Route'] as const).map((kind) => listIn(kind, place)),
    );
  const refused = facts.all('Trigger').some(({ status }) => status.conditions?.some((one) => one.status === 'False'));
  lists.push(...serving(facts));
  const { controlNamespace, buildsNamespace } = facts.profile;
  return refused ? [...lists, listIn('KnativeService', controlNamespace), listIn('Job', buildsNamespace)] : lists;
}

/** What carries the requests of functions, and its pods where one of it is down. */
function serving(facts: Facts): readonly Wanted[] {
  const { objects } = facts.target;
  const asks = objects.length === 0 || objects.some(({ kind }) => kind === 'KnativeService' || kind === 'Revision');
  if (!asks || facts.all('Revision').length === 0) return [];
  const isShort = facts
    .within('Deployment', SERVING_NAMESPACE)
    .some((one) => availableReplicas(one) < wantedReplicas(one));
  return [listIn('Deployment', SERVING_NAMESPACE), ...(isShort ? [listIn('Pod', SERVING_NAMESPACE)] : [])];
}

/** Other parts of the platform that texts name: the object store, a webhook's namespace, Services of other namespaces, cluster DNS. */
function elsewhere(facts: Facts): readonly Wanted[] {
  const { profile, target } = facts;
  const texts = textsOf(facts);
  const wanted: Wanted[] = [];
  if (texts.some((text) => STORE.test(text) && NETWORK.test(text)))
    wanted.push(
      ...(['Pod', 'Event', 'PersistentVolumeClaim', 'Service', 'EndpointSlice'] as const).map((kind) =>
        listIn(kind, profile.storageNamespace),
      ),
    );
  const webhook = texts.map((text) => WEBHOOK.exec(text)?.[1]).find(Boolean);
  if (webhook)
    wanted.push(...(['Pod', 'Event', 'Service', 'EndpointSlice'] as const).map((kind) => listIn(kind, webhook)));
  const places = texts
    .filter((text) => NETWORK.test(text))
    .flatMap((text) => [...text.matchAll(FOREIGN)].map((match) => match[1] ?? ''));
  for (const place of [...new Set(places)].filter((one) => one !== target.namespace).slice(0, 2))
    wanted.push(...(['Pod', 'Service', 'EndpointSlice', 'NetworkPolicy'] as const).map((kind) => listIn(kind, place)));
  if (texts.some((text) => DNS.test(text)))
    wanted.push(
      ...(['Pod', 'Service', 'EndpointSlice', 'Deployment'] as const).map((kind) => listIn(kind, 'kube-system')),
    );
  if (target.topics.has('builds') && !facts.all('Job').some(isFailed))
    wanted.push(listIn('Deployment', profile.controlNamespace), listIn('Event', profile.controlNamespace));
  if (
    target.topics.has('builds') &&
    facts.all('Pod').some((pod) => jobOfPod(pod) !== null && pod.status.phase === 'Pending')
  )
    wanted.push(listIn('ResourceQuota', profile.buildsNamespace));
  return wanted;
}

function routing(facts: Facts): readonly Wanted[] {
  const { objects, namespace } = facts.target;
  const asks = objects.length === 0 || objects.some(({ kind }) => kind === 'Ingress' || kind === 'Service');
  if (namespace === null) return [];
  return [
    // Objects in front of a Service may be why it is not reached, whichever object the look is about.
    ...(asks || facts.within('Service', namespace).length > 0 ? [listIn('Ingress', namespace)] : []),
    ...(facts.all('Ingress').length > 0 ? [listIn('IngressClass', null)] : []),
    ...(objects.length === 0 ? own(facts, 'Certificate', 'CronJob', 'LambdaFunction', 'Broker', 'Trigger') : []),
    ...(objects.length === 0 ? ofFunctions(facts) : []),
  ];
}

/** Functions of a namespace that is asked about: its Revisions where there are functions. */
function ofFunctions(facts: Facts): readonly Wanted[] {
  return facts.within('KnativeService', facts.target.namespace).length > 0
    ? own(facts, 'KnativeService', 'Revision')
    : own(facts, 'KnativeService');
}

/** What is seldom the cause, where something that was read speaks of it: the namespace itself, accounts, budgets. */
function surroundings(facts: Facts): readonly Wanted[] {
  const { namespace } = facts.target;
  if (namespace === null) return [];
  const says = (pattern: RegExp) => facts.warnings.some(({ message }) => pattern.test(message ?? ''));
  const pods = facts.within('Pod', namespace);
  const selectsNamespaces = facts
    .all('NetworkPolicy')
    .some(({ spec }) =>
      [
        ...(spec.ingress ?? []).flatMap(({ from }) => from ?? []),
        ...(spec.egress ?? []).flatMap(({ to }) => to ?? []),
      ].some(({ namespaceSelector }) => namespaceSelector),
    );
  const isEnding = pods.length === 0 || pods.some(isTerminating) || says(ENDING);
  const isDrained = facts.all('Node').some(isCordoned) || says(EVICTION);
  return [
    ...(isEnding || selectsNamespaces
      ? [{ kind: 'Namespace' as const, namespace: null, fieldSelector: `metadata.name=${namespace}` }]
      : []),
    ...(says(ACCOUNT) ? own(facts, 'ServiceAccount') : []),
    ...(isDrained ? own(facts, 'PodDisruptionBudget') : []),
  ];
}

/** Every text that was read and may name another part of the platform. */
function textsOf(facts: Facts): readonly string[] {
  return [
    ...facts.logs.flatMap(({ lines }) => lines.slice(-60).map(({ text }) => text)),
    ...[...facts.all('LambdaFunction'), ...facts.all('KnativeService'), ...facts.all('Revision')].flatMap(
      ({ status }) => (status.conditions ?? []).map(({ message }) => message ?? ''),
    ),
    ...facts.warnings.map(({ message }) => message ?? ''),
    ...facts.all('Pod').flatMap((pod) => statusesOf(pod).map(({ state }) => state?.waiting?.message ?? '')),
  ];
}
