import type { NameProfile } from '../../alerts/profile.ts';
import type { ObjectName } from '../../incidents/evidence.ts';
import { functionOfJob, isBuild, jobOfPod } from './build.ts';
import type { LogExcerpt, Lookup } from './inventory.ts';
import { type Kind, kindOf } from './kinds.ts';
import { keyOf, type LabelSelector, type Metadata, matches, named, selects } from './object.ts';
import { type PodSpec, referencesOf } from './pod.ts';
import { backendsOf, isSelecting } from './service.ts';

/** What links two objects: `family` within one workload, `needs` a thing it cannot run without, `calls` a Service it talks to. */
export type Link = 'family' | 'needs' | 'calls';

export interface Edge {
  readonly to: ObjectName;
  readonly link: Link;
}

/** The graph of objects: an edge leads from a possible cause to the object it would affect. */
export interface Graph {
  edges(from: ObjectName): readonly Edge[];
  /** The shortest way along which trouble of `from` reaches one of the keys, both ends included; null when there is none. */
  path(from: ObjectName, to: ReadonlySet<string>, links?: readonly Link[]): readonly ObjectName[] | null;
  /** How far trouble of `from` reaches: every key with its distance. */
  reach(from: ObjectName, links?: readonly Link[]): ReadonlyMap<string, number>;
}

const ALL_LINKS: readonly Link[] = ['family', 'needs', 'calls'];
/** Longest path considered; longer ones are meaningless. */
const FAR = 9;
/** A host or an address with a port, as environment variables, arguments and log lines have it. */
const ADDRESS =
  /(?:[a-z][a-z0-9+.-]*:\/\/)?(?:[^@\s/]*@)?([a-z0-9]([a-z0-9-]*[a-z0-9])?)((?:\.[a-z0-9-]+)*)(?::\d{2,5})?(?:[/?]|$)/i;

/** Builds the graph of everything that was read. */
export function createGraph(facts: Lookup, profile: NameProfile, logs: readonly LogExcerpt[]): Graph {
  const edges = new Map<string, Map<string, Edge>>();
  const link = (from: ObjectName, to: ObjectName, kind: Link) => {
    const key = keyOf(from);
    const known = edges.get(key) ?? new Map<string, Edge>();
    if (!known.has(keyOf(to))) known.set(keyOf(to), { to, link: kind });
    edges.set(key, known);
  };
  const family = (a: ObjectName, b: ObjectName) => {
    link(a, b, 'family');
    link(b, a, 'family');
  };
  linkOwners(facts, family);
  linkPods(facts, link);
  linkTemplates(facts, link);
  linkStorage(facts, link);
  linkServices(facts, link);
  linkCallers(facts, logs, link);
  linkScaling(facts, link);
  linkKnative(facts, profile, link, family);
  return graphOf(edges);
}

/** Most cached entries of `reach`: every rule queries it for the same objects. */
const MOST_REMEMBERED = 200_000;

function graphOf(linked: ReadonlyMap<string, ReadonlyMap<string, Edge>>): Graph {
  const edges = new Map([...linked].map(([key, to]) => [key, [...to].map(([at, edge]) => ({ ...edge, key: at }))]));
  const walk = (from: ObjectName, links: readonly Link[], stop: (key: string) => boolean) => {
    const start = { to: from, key: keyOf(from) };
    const before = new Map<string, typeof start | null>([[start.key, null]]);
    const distance = new Map<string, number>([[start.key, 0]]);
    let ring = [start];
    for (let far = 0; far <= FAR && ring.length > 0; far += 1) {
      const next: typeof ring = [];
      for (const at of ring) {
        if (stop(at.key)) return { before, distance, end: at };
        for (const edge of edges.get(at.key) ?? []) {
          if (distance.has(edge.key) || !links.includes(edge.link)) continue;
          before.set(edge.key, at);
          distance.set(edge.key, far + 1);
          next.push(edge);
        }
      }
      ring = next;
    }
    return { before, distance, end: null };
  };
  const reached = new Map<string, ReadonlyMap<string, number>>();
  let remembered = 0;
  return {
    edges: (from) => edges.get(keyOf(from)) ?? [],
    path(from, to, links = ALL_LINKS) {
      const { before, end } = walk(from, links, (key) => to.has(key));
      const found: ObjectName[] = [];
      for (let at = end; at !== null; at = before.get(at.key) ?? null) found.unshift(at.to);
      return found.length === 0 ? null : found;
    },
    reach(from, links = ALL_LINKS) {
      const asked = `${links.join()} ${keyOf(from)}`;
      const known = reached.get(asked);
      if (known) return known;
      const { distance } = walk(from, links, () => false);
      remembered += distance.size;
      if (remembered <= MOST_REMEMBERED) reached.set(asked, distance);
      return distance;
    },
  };
}

type LinkTo = (from: ObjectName, to: ObjectName, kind: Link) => void;

const OWNED: readonly Kind[] = [
  'Pod',
  'ReplicaSet',
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'Job',
  'KnativeService',
  'Configuration',
  'Revision',
  'Route',
  'PodAutoscaler',
  'KnativeIngress',
  'EndpointSlice',
];

/** The controller that owns an object; null for one that stands alone. */
export function ownerOf(of: Metadata): ObjectName | null {
  const owner = of.ownerReferences?.find(({ controller }) => controller === true) ?? of.ownerReferences?.[0];
  return owner
    ? named(kindOf(owner.apiVersion, owner.kind) ?? owner.kind, { namespace: of.namespace, name: owner.name })
    : null;
}

const HASHED = /^(.+)-[a-z0-9]{6,10}$/;

/** The workload a pod belongs to in the end: Deployment, StatefulSet, DaemonSet, CronJob or Job; the pod itself when it is bare. */
export function topOwner(of: ObjectName, metadata: Metadata, facts: Lookup): ObjectName {
  const owner = ownerOf(metadata);
  if (owner === null) return of;
  const known = kindOf(undefined, owner.kind) ?? (owner.kind as Kind);
  const object = facts.get(known, owner.namespace, owner.name);
  if (object) return topOwner(owner, object.metadata, facts);
  // The ReplicaSet was not read: a Deployment names its ReplicaSets after itself and the hash of the template.
  const hashed = owner.kind === 'ReplicaSet' ? HASHED.exec(owner.name)?.[1] : undefined;
  return hashed ? { ...owner, kind: 'Deployment', name: hashed } : owner;
}

function linkOwners(facts: Lookup, family: (a: ObjectName, b: ObjectName) => void): void {
  for (const kind of OWNED)
    for (const { metadata } of facts.all(kind)) {
      const self = named(kind, metadata);
      for (const owner of metadata.ownerReferences ?? [])
        family(
          self,
          named(kindOf(owner.apiVersion, owner.kind) ?? owner.kind, {
            namespace: metadata.namespace,
            name: owner.name,
          }),
        );
      if (kind === 'Pod') {
        const top = topOwner(self, metadata, facts);
        const direct = ownerOf(metadata);
        if (direct && keyOf(top) !== keyOf(direct) && keyOf(top) !== keyOf(self)) family(direct, top);
      }
    }
}

/** What the spec of a pod needs, as objects that it cannot run without. */
export function needsOf(spec: PodSpec, namespace: string | null | undefined): readonly ObjectName[] {
  const here = (kind: string, name: string) => named(kind, { namespace, name });
  return [
    ...(spec.nodeName ? [named('Node', { name: spec.nodeName })] : []),
    here('ServiceAccount', spec.serviceAccountName ?? 'default'),
    ...(spec.volumes ?? []).flatMap((one) =>
      one.persistentVolumeClaim?.claimName ? [here('PersistentVolumeClaim', one.persistentVolumeClaim.claimName)] : [],
    ),
    ...referencesOf(spec).map(({ kind, name }) => here(kind, name)),
    ...(spec.imagePullSecrets ?? []).flatMap(({ name }) => (name ? [here('Secret', name)] : [])),
  ];
}

function linkPods(facts: Lookup, link: LinkTo): void {
  for (const { metadata, spec } of facts.all('Pod'))
    for (const needed of needsOf(spec, metadata.namespace)) link(needed, named('Pod', metadata), 'needs');
  for (const lease of facts.all('Lease')) {
    if (lease.metadata.namespace === 'kube-node-lease')
      link(named('Lease', lease.metadata), named('Node', { name: lease.metadata.name }), 'needs');
  }
}

const TEMPLATED = ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job'] as const;

/** A workload without pods still needs what its template names. */
function linkTemplates(facts: Lookup, link: LinkTo): void {
  for (const kind of TEMPLATED)
    for (const { metadata, spec } of facts.all(kind)) {
      const template = spec.template?.spec;
      if (template)
        for (const needed of needsOf(template, metadata.namespace)) link(needed, named(kind, metadata), 'needs');
    }
  for (const { metadata } of facts.all('Job')) {
    const owner = ownerOf(metadata);
    if (owner?.kind === 'CronJob') link(named('Job', metadata), owner, 'family');
  }
}

function linkStorage(facts: Lookup, link: LinkTo): void {
  for (const { metadata, spec } of facts.all('PersistentVolumeClaim')) {
    const self = named('PersistentVolumeClaim', metadata);
    if (spec.volumeName) link(named('PersistentVolume', { name: spec.volumeName }), self, 'needs');
    if (spec.storageClassName) link(named('StorageClass', { name: spec.storageClassName }), self, 'needs');
  }
}

function linkServices(facts: Lookup, link: LinkTo): void {
  const pods = Map.groupBy(facts.all('Pod'), ({ metadata }) => metadata.namespace);
  for (const service of facts.all('Service')) {
    const self = named('Service', service.metadata);
    if (!isSelecting(service)) continue;
    const selector = service.spec.selector ?? {};
    for (const pod of pods.get(service.metadata.namespace) ?? [])
      if (selects(selector, pod.metadata.labels)) link(named('Pod', pod.metadata), self, 'calls');
    for (const kind of ['Deployment', 'StatefulSet', 'DaemonSet'] as const)
      for (const { metadata, spec } of facts.within(kind, service.metadata.namespace))
        if (selects(selector, spec.template?.metadata.labels)) link(named(kind, metadata), self, 'calls');
  }
  for (const ingress of facts.all('Ingress'))
    for (const { service } of backendsOf(ingress))
      link(
        named('Service', { namespace: ingress.metadata.namespace, name: service }),
        named('Ingress', ingress.metadata),
        'calls',
      );
  for (const { metadata, spec } of facts.all('NetworkPolicy'))
    for (const pod of pods.get(metadata.namespace) ?? [])
      if (matches(spec.podSelector ?? {}, pod.metadata.labels))
        link(named('NetworkPolicy', metadata), named('Pod', pod.metadata), 'needs');
}

/** The Services that texts name by host, and their namespace: `redis:6379`, `http://cart.shop.svc:80/x`. */
export function servicesNamed(
  values: readonly string[],
  namespace: string | null | undefined,
  facts: Lookup,
): readonly ObjectName[] {
  const found = new Map<string, ObjectName>();
  for (const value of values) {
    const match = ADDRESS.exec(value.trim());
    const [, host, , rest = ''] = match ?? [];
    if (!host) continue;
    const place = rest.split('.')[1] ?? namespace;
    for (const within of rest === '' ? [namespace] : [place])
      if (facts.get('Service', within, host.toLowerCase()) !== null) {
        const of = named('Service', { namespace: within, name: host.toLowerCase() });
        found.set(keyOf(of), of);
      }
  }
  return [...found.values()];
}

const LOGGED =
  /[a-z0-9][a-z0-9.-]*:\d{2,5}\b|\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.svc(?:\.cluster\.local)?\b|https?:\/\/[^\s"'<>]{1,200}|\blookup [a-z0-9.-]+/gi;

/** The callers of a Service: pods whose configuration or log names it. */
function linkCallers(facts: Lookup, logs: readonly LogExcerpt[], link: LinkTo): void {
  if (facts.all('Service').length === 0) return;
  for (const { metadata, spec } of facts.all('Pod')) {
    const values = spec.containers.flatMap((one) => [
      ...(one.env ?? []).flatMap(({ value }) => (value ? value.split(/[\s,;]+/) : [])),
      ...(one.args ?? []).flatMap((arg) => arg.split(/[\s,;=]+/)),
      ...(one.command ?? []).flatMap((arg) => arg.split(/[\s,;=]+/)),
    ]);
    for (const called of servicesNamed(values, metadata.namespace, facts))
      link(called, named('Pod', metadata), 'calls');
  }
  for (const log of logs) {
    const words = log.lines
      .flatMap(({ text }) => text.match(LOGGED) ?? [])
      .map((word) => word.replace(/^lookup /i, ''));
    for (const called of servicesNamed([...new Set(words)], log.namespace, facts))
      link(called, named('Pod', { namespace: log.namespace, name: log.pod }), 'calls');
  }
}

function linkScaling(facts: Lookup, link: LinkTo): void {
  for (const { metadata, spec } of facts.all('HorizontalPodAutoscaler')) {
    const { kind, name, apiVersion } = spec.scaleTargetRef ?? {};
    if (!kind || !name) continue;
    const target = named(kindOf(apiVersion, kind) ?? kind, { namespace: metadata.namespace, name });
    link(named('HorizontalPodAutoscaler', metadata), target, 'needs');
    link(target, named('HorizontalPodAutoscaler', metadata), 'needs');
  }
  for (const { metadata, spec } of facts.all('PodDisruptionBudget'))
    for (const pod of facts.within('Pod', metadata.namespace))
      if (spec.selector && matches(spec.selector as LabelSelector, pod.metadata.labels))
        link(named('Pod', pod.metadata), named('PodDisruptionBudget', metadata), 'needs');
}

function linkKnative(
  facts: Lookup,
  profile: NameProfile,
  link: LinkTo,
  family: (a: ObjectName, b: ObjectName) => void,
): void {
  const serviceLabel = 'serving.knative.dev/service';
  for (const kind of [
    'Revision',
    'Configuration',
    'Route',
    'Deployment',
    'PodAutoscaler',
    'KnativeIngress',
    'Pod',
  ] as const)
    for (const { metadata } of facts.all(kind)) {
      const name = metadata.labels?.[serviceLabel];
      if (name) family(named(kind, metadata), named('KnativeService', { namespace: metadata.namespace, name }));
    }
  for (const { metadata } of facts.all('LambdaFunction')) {
    const self = named('LambdaFunction', metadata);
    family(self, { ...self, kind: 'KnativeService' });
  }
  for (const one of facts.all('Job'))
    if (isBuild(one, profile)) {
      const name = functionOfJob(one, profile);
      const places = name ? new Set([one.metadata.namespace, profile.controlNamespace]) : [];
      for (const namespace of places)
        for (const kind of ['LambdaFunction', 'KnativeService'] as const)
          if (facts.get(kind, namespace, name))
            link(named('Job', one.metadata), named(kind, { namespace, name: name ?? '' }), 'needs');
    }
  for (const { metadata, spec } of facts.all('Trigger')) {
    const self = named('Trigger', metadata);
    if (spec.broker) link(named('Broker', { namespace: metadata.namespace, name: spec.broker }), self, 'needs');
    const ref = spec.subscriber?.ref;
    if (ref?.name && ref.kind)
      link(
        named(kindOf(ref.apiVersion, ref.kind) ?? ref.kind, {
          namespace: ref.namespace ?? metadata.namespace,
          name: ref.name,
        }),
        self,
        'needs',
      );
  }
  for (const pod of facts.all('Pod')) {
    const job = jobOfPod(pod);
    if (job) family(named('Pod', pod.metadata), named('Job', { namespace: pod.metadata.namespace, name: job }));
  }
}
