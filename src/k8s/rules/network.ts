import { listed } from '../../wording/counts.ts';
import { short } from '../../wording/cuts.ts';
import type { Facts } from '../facts/facts.ts';
import { named, timeOf } from '../subjects/object.ts';
import { isReady, STUCK_MS } from '../subjects/pod.ts';
import { isHeadless, readyAddresses, serviceOfSlice } from '../subjects/service.ts';
import { type Case, found } from './case.ts';
import { policyCases } from './networkPolicies.ts';
import { serviceNamed, type Trouble, troublesOf } from './networkTrouble.ts';
import { podName, whoOf } from './words.ts';

/** Names that cannot be resolved, calls dropped by a policy, and namespaces stuck in deletion. */
export function networkCases(facts: Facts): readonly Case[] {
  const troubles = facts.all('Pod').flatMap((pod) => troublesOf(pod, facts));
  return [
    ...dnsCases(troubles, facts),
    ...unknownHosts(troubles, facts),
    ...portCases(troubles, facts),
    ...externalNames(troubles, facts),
    ...policyCases(troubles, facts),
    ...localCases(troubles, facts),
    ...namespaces(facts),
  ];
}

/** CoreDNS without a ready pod or endpoint: no name resolves. */
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

function unknownHosts(troubles: readonly Trouble[], facts: Facts): readonly Case[] {
  return troubles.flatMap(({ pod, kind, host, line }) => {
    const parts = host.replace(/:\d+$/, '').split('.');
    const [name = '', place] = parts;
    const isService =
      parts.length === 1 ||
      parts[2] === 'svc' ||
      (parts.length === 2 && (place === pod.metadata.namespace || facts.get('Namespace', null, place ?? '') !== null));
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
        parts: {
          who: whoOf(pod, facts),
          host: namespace === pod.metadata.namespace ? name : `${name}.${namespace}`,
          detail,
        },
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

/** Calls to a Service that leads only to pods of the caller's own node, which has none. */
function localCases(troubles: readonly Trouble[], facts: Facts): readonly Case[] {
  return troubles.flatMap(({ pod, kind, host, line }) => {
    const service = kind === 'log-dns' ? null : serviceNamed(host, pod, facts);
    const node = pod.spec.nodeName;
    if (service?.spec.internalTrafficPolicy !== 'Local' || !node) return [];
    const { namespace, name } = service.metadata;
    if (facts.coverage('EndpointSlice', namespace) !== 'whole') return [];
    const slices = facts.within('EndpointSlice', namespace).filter((one) => serviceOfSlice(one) === name);
    const nodes = slices
      .flatMap(({ endpoints }) => endpoints ?? [])
      .filter(({ conditions }) => conditions?.ready !== false)
      .flatMap(({ nodeName }) => nodeName ?? []);
    if (nodes.length === 0 || nodes.includes(node)) return [];
    return [
      found('service-local-only', {
        subject: named('Service', service.metadata),
        affects: [podName(pod)],
        parts: {
          who: whoOf(pod, facts),
          service: name,
          namespace: namespace ?? '',
          node,
          offered: listed([...new Set(nodes)]),
        },
        because: [line, `internalTrafficPolicy: Local; ready endpoints on ${listed([...new Set(nodes)])}`],
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
