import type { ObjectName } from '../../incidents/evidence.ts';
import { listed } from '../../wording/counts.ts';
import { short } from '../../wording/cuts.ts';
import type { Facts } from '../facts/facts.ts';
import { matches, named, timeOf } from '../subjects/object.ts';
import { isReady, type Pod, STUCK_MS } from '../subjects/pod.ts';
import {
  isHeadless,
  type NetworkPolicy,
  readyAddresses,
  type Service,
  serviceOfSlice,
  targetOf,
} from '../subjects/service.ts';
import { type Case, found } from './case.ts';
import { LOG_KINDS } from './logs/knowledge.ts';
import { statementsOf } from './logs/statements.ts';
import { podName, say, whoOf } from './words.ts';

/** Names that cannot be resolved, calls that a policy swallows, namespaces that are going. */
export function networkCases(facts: Facts): readonly Case[] {
  const troubles = facts.all('Pod').flatMap((pod) => troublesOf(pod, facts));
  return [
    ...dnsCases(troubles, facts),
    ...unknownHosts(troubles, facts),
    ...portCases(troubles, facts),
    ...externalNames(troubles, facts),
    ...policyCases(troubles, facts),
    ...namespaces(facts),
  ];
}

type Kind = 'log-dns' | 'log-refused' | 'log-timeout';

/** What a pod says it meets on the network: the host it names, and how it failed. */
interface Trouble {
  readonly pod: Pod;
  readonly kind: Kind;
  readonly host: string;
  readonly line: string;
}

const KINDS: readonly Kind[] = ['log-dns', 'log-refused', 'log-timeout'];

function troublesOf(pod: Pod, facts: Facts): readonly Trouble[] {
  const statements = facts.logsOf(pod).flatMap(({ lines }) => statementsOf(lines.slice(-60)));
  const found = statements.flatMap((one): readonly Trouble[] => {
    const text = [one.text, ...one.causes].join(' ');
    const kind = LOG_KINDS.find(({ pattern }) => pattern.test(text));
    const host = kind?.what?.exec(text)?.slice(1).find(Boolean) ?? serverOf(text) ?? hostOfUrl(text);
    return kind && host && KINDS.includes(kind.code as Kind)
      ? [{ pod, kind: kind.code as Kind, host: host.toLowerCase(), line: short(one.line, 280) }]
      : [];
  });
  return [...new Map(found.map((one) => [`${one.kind} ${one.host}`, one])).values()];
}

/** `customer-db:5432` of libpq's `server at "customer-db" (10.96.4.7), port 5432`; null for another sentence. */
function serverOf(text: string): string | null {
  const [, host, port] =
    /(?:server|host) (?:at |on )?"?([a-z0-9][a-z0-9.-]*)"?[^,]{0,60}, port (\d{2,5})/i.exec(text) ?? [];
  return host && port ? `${host}:${port}` : null;
}

function hostOfUrl(text: string): string | null {
  return /\bhttps?:\/\/([a-z0-9.-]+(?::\d+)?)/i.exec(text)?.[1] ?? null;
}

/** CoreDNS itself: without a ready pod or endpoint nobody resolves anything. */
function dnsCases(troubles: readonly Trouble[], facts: Facts): readonly Case[] {
  const failing = troubles.filter(({ kind }) => kind === 'log-dns');
  if (failing.length === 0) return [];
  const pods = facts
    .within('Pod', 'kube-system')
    .filter(({ metadata }) => metadata.labels?.['k8s-app'] === 'kube-dns' || /^coredns-/.test(metadata.name));
  const slices = facts.within('EndpointSlice', 'kube-system').filter((one) => serviceOfSlice(one) === 'kube-dns');
  const isDown = (pods.length > 0 && !pods.some(isReady)) || (slices.length > 0 && readyAddresses(slices) === 0);
  if (isDown) {
    const detail =
      pods.length > 0 && !pods.some(isReady)
        ? `none of its ${pods.length} pods is ready`
        : 'its Service kube-dns has no endpoints';
    const who = listed(failing.map(({ pod }) => whoOf(pod, facts)));
    const subject = named('Service', { namespace: 'kube-system', name: 'kube-dns' });
    return [
      found('cluster-dns-down', {
        subject,
        affects: failing.map(({ pod }) => podName(pod)),
        parts: { detail, who },
        because: [detail, ...failing.slice(0, 2).map(({ line }) => line)],
      }),
    ];
  }
  return failing.flatMap(({ pod, host, line }) => {
    const policy = pod.spec.dnsPolicy ?? 'ClusterFirst';
    const isOutside =
      policy === 'Default' ||
      (policy === 'ClusterFirst' && pod.spec.hostNetwork === true) ||
      (policy === 'None' && (pod.spec.dnsConfig?.nameservers ?? []).length > 0);
    if (!isOutside || serviceNamed(host, pod, facts) === null) return [];
    const detail =
      policy === 'None'
        ? `its own name servers (${listed(pod.spec.dnsConfig?.nameservers ?? [])}) do not know ${host}`
        : policy === 'Default'
          ? `dnsPolicy Default asks the name server of the node, which does not know ${host}`
          : `with hostNetwork, dnsPolicy ClusterFirst asks the name server of the node, which does not know ${host}`;
    return [
      found('pod-dns-policy', {
        subject: podName(pod),
        parts: { who: whoOf(pod, facts), detail },
        because: [`dnsPolicy: ${policy}${pod.spec.hostNetwork ? ', hostNetwork: true' : ''}`, line],
      }),
    ];
  });
}

/** The Service a host name means, seen from a pod; null for none that was read. */
function serviceNamed(host: string, pod: Pod, facts: Facts): Service | null {
  const plain = host.replace(/:\d+$/, '');
  if (/^\d+(?:\.\d+){3}$/.test(plain)) return facts.all('Service').find(({ spec }) => spec.clusterIP === plain) ?? null;
  const [name = '', place] = plain.split('.');
  return facts.get('Service', place ?? pod.metadata.namespace, name);
}

function unknownHosts(troubles: readonly Trouble[], facts: Facts): readonly Case[] {
  return troubles.flatMap(({ pod, kind, host, line }) => {
    const parts = host.replace(/:\d+$/, '').split('.');
    const [name = '', place] = parts;
    const isService =
      parts.length === 1 ||
      parts[2] === 'svc' ||
      (parts.length === 2 && facts.get('Namespace', null, place ?? '') !== null);
    const namespace = place ?? pod.metadata.namespace;
    if (
      kind !== 'log-dns' ||
      !isService ||
      facts.coverage('Service', namespace) !== 'whole' ||
      facts.get('Service', namespace, name)
    )
      return [];
    const near = facts
      .within('Service', namespace)
      .filter(({ metadata }) => isAlike(metadata.name, name))
      .map(({ metadata }) => metadata.name);
    const elsewhere = facts
      .all('Service')
      .find(({ metadata }) => metadata.name === name && metadata.namespace !== namespace);
    const detail = elsewhere
      ? `; namespace ${elsewhere.metadata.namespace} has one`
      : near.length > 0
        ? `; there is ${listed(near)}`
        : '';
    return [
      found('host-unknown', {
        subject: podName(pod),
        parts: { who: whoOf(pod, facts), host: name, detail },
        because: [line],
      }),
    ];
  });
}

/** Calls that fail at a port which the Service does not have. */
function portCases(troubles: readonly Trouble[], facts: Facts): readonly Case[] {
  return troubles.flatMap(({ pod, kind, host, line }) => {
    const port = /:(\d+)$/.exec(host)?.[1];
    const service = kind === 'log-dns' || !port ? null : serviceNamed(host, pod, facts);
    const ports = service?.spec.ports ?? [];
    if (!service || isHeadless(service) || service.spec.type === 'ExternalName' || ports.length === 0) return [];
    if (ports.some((one) => String(one.port) === port)) return [];
    return [
      found('service-port-missing', {
        subject: podName(pod),
        parts: {
          who: whoOf(pod, facts),
          service: service.metadata.name,
          port: port ?? '',
          offered: listed(ports.map((one) => String(one.port))),
          detail: '',
        },
        because: [line, `Service ${service.metadata.name}: ports ${ports.map((one) => one.port).join(', ')}`],
      }),
    ];
  });
}

/** A Service that is only another name for a host outside, which cannot be resolved. */
function externalNames(troubles: readonly Trouble[], facts: Facts): readonly Case[] {
  return troubles.flatMap(({ pod, kind, host, line }) => {
    const service = kind === 'log-dns' ? serviceNamed(host, pod, facts) : null;
    const target = service?.spec.externalName;
    if (service?.spec.type !== 'ExternalName' || !target) return [];
    return [
      found('external-name-unknown', {
        subject: named('Service', service.metadata),
        affects: [podName(pod)],
        parts: { who: whoOf(pod, facts), service: service.metadata.name, host: target },
        because: [line, `type: ExternalName, externalName: ${target}`],
      }),
    ];
  });
}

function isAlike(a: string, b: string): boolean {
  return (
    a.startsWith(b) ||
    b.startsWith(a) ||
    a.replaceAll('-', '') === b.replaceAll('-', '') ||
    a.split('-').some((word) => word.length > 3 && b.includes(word))
  );
}

/** Calls that time out (a policy drops, it never refuses) to pods that a policy guards and does not open to the caller. */
function policyCases(troubles: readonly Trouble[], facts: Facts): readonly Case[] {
  return troubles.flatMap(({ pod, kind, host, line }) => {
    if (kind === 'log-refused') return [];
    const service = serviceNamed(host, pod, facts);
    const egress = kind === 'log-dns' || service ? blockedOut(pod, service, facts) : null;
    if (egress)
      return [
        policyCase(egress, pod, kind === 'log-dns' ? ' going out, name lookups too' : ` to ${host}`, line, facts),
      ];
    if (!service) return [];
    const backends = backendsOf(service, facts);
    const blocking = backends[0] ? blockedIn(backends[0], pod, facts) : null;
    return blocking ? [policyCase(blocking, pod, ` to Service ${service.metadata.name}`, line, facts)] : [];
  });
}

function policyCase(policy: NetworkPolicy, pod: Pod, where: string, line: string, facts: Facts): Case {
  const who = whoOf(pod, facts);
  const subject: ObjectName = named('NetworkPolicy', policy.metadata);
  return found('network-policy-denies', {
    subject,
    affects: [podName(pod)],
    parts: { policy: policy.metadata.name, who, detail: where },
    because: [`${say(subject)} selects the pods and allows no such peer`, line],
    confidence: 'confirmed',
  });
}

function policiesOf(pod: Pod, type: 'Ingress' | 'Egress', facts: Facts): readonly NetworkPolicy[] {
  return facts.within('NetworkPolicy', pod.metadata.namespace).filter(({ spec }) => {
    const types = spec.policyTypes ?? (spec.egress ? ['Ingress', 'Egress'] : ['Ingress']);
    return types.includes(type) && matches(spec.podSelector ?? {}, pod.metadata.labels);
  });
}

/** The policy that lets nothing of this caller in; null when a policy opens the way, or none guards the pod. */
function blockedIn(target: Pod, caller: Pod, facts: Facts): NetworkPolicy | null {
  const guards = policiesOf(target, 'Ingress', facts);
  const allows = guards.some(({ spec }) =>
    (spec.ingress ?? []).some(
      ({ from }) => !from || from.length === 0 || from.some((peer) => isPeer(peer, caller, target, facts)),
    ),
  );
  return guards.length > 0 && !allows ? (guards[0] ?? null) : null;
}

/** The policy that does not let this pod out to a Service, or (null) to the name server; null when one does, or none guards the pod. */
function blockedOut(pod: Pod, service: Service | null, facts: Facts): NetworkPolicy | null {
  const guards = policiesOf(pod, 'Egress', facts);
  const backends = service === null ? [] : backendsOf(service, facts);
  const targets = service === null ? [DNS_PORT] : targetsOf(service, backends);
  const opens = ({ to = [], ports = [] }: Egress) =>
    (ports.length === 0 || targets.length === 0 || ports.some((one) => isOpen(one, targets))) &&
    // Whom selectors mean is known of pods that were read; the name server is taken for meant.
    (to.length === 0 ||
      backends.length === 0 ||
      to.some((peer) => backends.some((one) => isPeer(peer, one, pod, facts))));
  const isOut = guards.some(({ spec }) => (spec.egress ?? []).some(opens));
  return guards.length > 0 && !isOut ? (guards[0] ?? null) : null;
}

type Egress = NonNullable<NetworkPolicy['spec']['egress']>[number];
const DNS_PORT = { number: 53, name: null } as const;

function backendsOf(service: Service, facts: Facts): readonly Pod[] {
  return facts
    .within('Pod', service.metadata.namespace)
    .filter((one) => matches({ matchLabels: service.spec.selector }, one.metadata.labels));
}

/** The ports of pods a Service leads to: policies speak of those, not of the Service's own. */
function targetsOf(service: Service, backends: readonly Pod[]) {
  const containers = backends[0]?.spec.containers ?? [];
  return (service.spec.ports ?? []).flatMap((port) => {
    const found = targetOf(port, containers);
    const plain = Number(port.targetPort ?? port.port);
    if (found) return [{ number: found.port, name: port.targetPort ?? null }];
    return Number.isInteger(plain) ? [{ number: plain, name: null }] : [];
  });
}

function isOpen(
  { port, endPort }: NonNullable<Egress['ports']>[number],
  targets: readonly { readonly number: number; readonly name: string | null }[],
): boolean {
  const from = Number(port);
  return targets.some(
    ({ number, name }) =>
      port === undefined ||
      port === name ||
      number === from ||
      (endPort !== undefined && number >= from && number <= endPort),
  );
}

type Peer = NonNullable<NonNullable<NonNullable<NetworkPolicy['spec']['ingress']>[number]['from']>[number]>;

/** Whether a peer of a policy means a pod; address blocks and selectors of namespaces that were not read count as if they did. */
function isPeer(peer: Peer, caller: Pod, target: Pod, facts: Facts): boolean {
  if (peer.ipBlock) return true;
  const sameNamespace = caller.metadata.namespace === target.metadata.namespace;
  if (!peer.namespaceSelector) return sameNamespace && matches(peer.podSelector ?? {}, caller.metadata.labels);
  const place = facts.get('Namespace', null, caller.metadata.namespace);
  const inNamespace = place === null ? true : matches(peer.namespaceSelector, place.metadata.labels);
  return inNamespace && matches(peer.podSelector ?? {}, caller.metadata.labels);
}

function namespaces(facts: Facts): readonly Case[] {
  return facts.all('Namespace').flatMap(({ metadata, status }) => {
    if (status.phase !== 'Terminating') return [];
    const holds = (status.conditions ?? []).filter(
      (one) => one.status === 'True' && /Remaining|Failure/.test(one.type),
    );
    const since = timeOf(metadata.deletionTimestamp);
    const refuses = facts.warnings.some(
      ({ message, involvedObject }) =>
        involvedObject.namespace === metadata.name && /because it is being terminated/.test(message ?? ''),
    );
    // A namespace takes a while to go; nothing is wrong with that unless something is held up or holds it.
    if (holds.length === 0 && !refuses && since !== null && facts.now - since < STUCK_MS) return [];
    const detail =
      holds.length > 0
        ? ` and waits (${short(holds.map(({ message, reason }) => message ?? reason ?? '').join('; '), 140)})`
        : '';
    return [
      found('namespace-terminating', {
        subject: named('Namespace', { name: metadata.name }),
        affects: 'cluster',
        parts: { namespace: metadata.name, detail },
        because: [
          `phase: Terminating since ${metadata.deletionTimestamp ?? 'unknown'}`,
          ...holds.map(({ type, message }) => `${type}: ${short(message ?? '', 200)}`),
        ],
        at: since,
      }),
    ];
  });
}
