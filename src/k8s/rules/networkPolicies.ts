import type { ObjectName } from '../../incidents/evidence.ts';
import type { Facts } from '../facts/facts.ts';
import { matches, named } from '../subjects/object.ts';
import type { Pod } from '../subjects/pod.ts';
import { type NetworkPolicy, type Service, targetOf } from '../subjects/service.ts';
import { type Case, found } from './case.ts';
import { serviceNamed, type Trouble } from './networkTrouble.ts';
import { podName, say, whoOf } from './words.ts';

/** Calls that time out (a policy drops, it never refuses) to pods that a policy guards and does not open to the caller. */
export function policyCases(troubles: readonly Trouble[], facts: Facts): readonly Case[] {
  return troubles.flatMap(({ pod, kind, host, line }) => {
    if (kind === 'log-refused') return [];
    const service = serviceNamed(host, pod, facts);
    const called = kind === 'log-dns' ? null : calledPort(host);
    const egress = kind === 'log-dns' || service ? blockedOut(pod, service, facts, called) : null;
    if (egress)
      return [
        policyCase(egress, pod, kind === 'log-dns' ? ' going out, name lookups too' : ` to ${host}`, line, facts),
      ];
    if (!service) return [];
    const backends = backendsOf(service, facts);
    const blocking = backends[0] ? blockedIn(backends[0], pod, targetsOf(service, backends, called), facts) : null;
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
    because: [`${say(subject)} selects the pods and allows no such peer or port`, line],
    confidence: 'confirmed',
  });
}

function policiesOf(pod: Pod, type: 'Ingress' | 'Egress', facts: Facts): readonly NetworkPolicy[] {
  return facts.within('NetworkPolicy', pod.metadata.namespace).filter(({ spec }) => {
    const types = spec.policyTypes ?? (spec.egress ? ['Ingress', 'Egress'] : ['Ingress']);
    return types.includes(type) && matches(spec.podSelector ?? {}, pod.metadata.labels);
  });
}

/** The policy that does not let this caller in at any of these ports; null when a policy opens the way, or none guards the pod. */
function blockedIn(target: Pod, caller: Pod, targets: readonly Target[], facts: Facts): NetworkPolicy | null {
  const guards = policiesOf(target, 'Ingress', facts);
  const allows = guards.some(({ spec }) =>
    (spec.ingress ?? []).some(
      ({ from = [], ports = [] }) =>
        (ports.length === 0 || targets.length === 0 || ports.some((one) => isOpen(one, targets))) &&
        (from.length === 0 || from.some((peer) => isPeer(peer, caller, target, facts))),
    ),
  );
  return guards.length > 0 && !allows ? (guards[0] ?? null) : null;
}

/** The policy that does not let this pod out to a Service, or (null) to the name server; null when one does, or none guards the pod. */
export function blockedOut(
  pod: Pod,
  service: Service | null,
  facts: Facts,
  called: number | null = null,
): NetworkPolicy | null {
  const guards = policiesOf(pod, 'Egress', facts);
  const backends = service === null ? [] : backendsOf(service, facts);
  const targets = service === null ? [DNS_PORT] : targetsOf(service, backends, called);
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

/** None of a Service without a selector: where that leads to is written down by somebody, and may be outside the cluster. */
function backendsOf(service: Service, facts: Facts): readonly Pod[] {
  if (Object.keys(service.spec.selector ?? {}).length === 0) return [];
  return facts
    .within('Pod', service.metadata.namespace)
    .filter((one) => matches({ matchLabels: service.spec.selector }, one.metadata.labels));
}

interface Target {
  readonly number: number;
  readonly name: string | null;
}

/** The port a host was called at; null where the line names none. */
function calledPort(host: string): number | null {
  const port = Number(/:(\d+)$/.exec(host)?.[1]);
  return Number.isInteger(port) ? port : null;
}

/** The ports of pods a Service leads to, of the called port where it is known: policies speak of those, not of the Service's own. */
function targetsOf(service: Service, backends: readonly Pod[], called: number | null): readonly Target[] {
  const containers = backends[0]?.spec.containers ?? [];
  const ports = service.spec.ports ?? [];
  const meant = ports.filter(({ port }) => port === called);
  return (meant.length > 0 ? meant : ports).flatMap((port) => {
    const found = targetOf(port, containers);
    const plain = Number(port.targetPort ?? port.port);
    if (found) return [{ number: found.port, name: found.name }];
    return Number.isInteger(plain) ? [{ number: plain, name: null }] : [];
  });
}

function isOpen({ port, endPort }: NonNullable<Egress['ports']>[number], targets: readonly Target[]): boolean {
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
