import { code } from '../code.ts';

/** Cluster DNS, policies between pods, and namespaces that do not go. */
export const NETWORK_CODES = {
  'cluster-dns-down': code<'detail' | 'who'>({
    level: 'critical',
    depth: 'shared',
    says: ({ detail, who }) => `Cluster DNS does not work: ${detail}, so ${who} cannot resolve names.`,
    brief: () => 'cluster DNS does not work',
    next: () => 'Look at CoreDNS: kubectl -n kube-system get pods -l k8s-app=kube-dns',
    confirms: 'no pod of cluster DNS is ready, or its Service has no endpoints',
    excludes: 'a pod of cluster DNS is ready and its Service has it as endpoint',
  }),
  'pod-dns-policy': code<'who' | 'detail'>({
    level: 'critical',
    depth: 'cause',
    says: ({ who, detail }) => `${who} cannot resolve names of the cluster: ${detail}.`,
    brief: ({ who }) => `DNS settings of ${who}`,
    next: ({ who }) => `Set dnsPolicy of ${who} to ClusterFirst (ClusterFirstWithHostNet with hostNetwork).`,
    confirms: 'its log says that a cluster name is unknown, and its dnsPolicy does not ask cluster DNS',
    excludes: 'its dnsPolicy is ClusterFirst',
  }),
  'host-unknown': code<'who' | 'host' | 'detail'>({
    level: 'critical',
    depth: 'cause',
    says: ({ who, host, detail }) =>
      `${who} looks for the host ${host}, and there is no Service of that name${detail}.`,
    brief: ({ host }) => `no Service ${host}`,
    next: ({ who, host }) => `Correct the host name ${host} in ${who}, or create that Service.`,
    confirms:
      'its log says that the host is unknown, it is spelt as a Service, and the whole list of Services lacks it',
    excludes: 'the Service exists',
  }),
  'external-name-unknown': code<'who' | 'service' | 'host'>({
    level: 'critical',
    depth: 'cause',
    says: ({ who, service, host }) =>
      `Service ${service} is only a name for ${host}, which ${who} cannot resolve (no such host).`,
    brief: ({ service, host }) => `Service ${service} points to the unknown host ${host}`,
    next: ({ service, host }) => `Correct spec.externalName of Service ${service}, or the DNS record of ${host}.`,
    confirms: 'the Service is of type ExternalName, and a log says that its name is not resolved',
    excludes: 'the Service has a selector or endpoints',
  }),
  'service-local-only': code<'who' | 'service' | 'namespace' | 'node' | 'offered'>({
    level: 'critical',
    depth: 'cause',
    says: ({ who, service, node, offered }) =>
      `Service ${service} leads only to pods of the caller's own node (internalTrafficPolicy Local), and node ${node} of ${who} has none; they are on ${offered}.`,
    brief: ({ service, node }) => `Service ${service} has no endpoint on ${node}`,
    next: ({ service, namespace }) =>
      `Let it lead to every node: kubectl patch service ${service} -n ${namespace} -p '{"spec":{"internalTrafficPolicy":"Cluster"}}'`,
    confirms:
      'calls fail, the Service has internalTrafficPolicy Local, and no ready endpoint is on the node of the caller',
    excludes: 'a ready endpoint is on its node, or the policy is Cluster',
  }),
  'namespace-terminating': code<'namespace' | 'detail'>({
    level: 'critical',
    depth: 'shared',
    says: ({ namespace, detail }) =>
      `Namespace ${namespace} is being deleted${detail}, so nothing new can be created in it.`,
    brief: ({ namespace }) => `namespace ${namespace} is being deleted`,
    next: ({ detail }) =>
      detail ? 'Remove what holds it, or let its controller do so.' : 'Wait for it to end, or find what holds it.',
    confirms: 'its phase is Terminating',
    excludes: 'its phase is Active',
  }),
} as const;
