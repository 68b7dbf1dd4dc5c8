import { code } from '../code.ts';

type Routed = 'service' | 'detail';

/** Why requests to a Service do not arrive. */
export const SERVICE_CODES = {
  'service-selector-mismatch': code<Routed | 'selector'>({
    level: 'critical',
    depth: 'cause',
    says: ({ service, selector, detail }) =>
      `The selector of Service ${service} (${selector}) matches no pod, so it has no endpoints${detail}.`,
    brief: ({ service }) => `selector of Service ${service} matches no pod`,
    next: ({ service }) => `Correct the selector of Service ${service} so that it has the labels of its pods.`,
    confirms:
      'all pods of the namespace were read and none has the labels, nor does the template of a workload scaled to zero',
    excludes: 'a pod has the labels',
  }),
  'service-target-port': code<Routed | 'port' | 'offered'>({
    level: 'critical',
    depth: 'cause',
    says: ({ service, port, offered, detail }) =>
      `Service ${service} sends to targetPort ${port}, and its pods offer ${offered}${detail}.`,
    brief: ({ service, port }) => `targetPort ${port} of Service ${service} is offered by no pod`,
    next: ({ service, offered }) => `Set the targetPort of Service ${service} to ${offered}.`,
    confirms: 'no container of the selected pods has the port (or the name), and they do declare ports',
    excludes:
      'a container has it; a numeric port that no container declares may be open all the same and is only likely wrong',
  }),
  'service-protocol': code<Routed | 'port' | 'asked' | 'offered'>({
    level: 'critical',
    depth: 'cause',
    says: ({ service, port, asked, offered, detail }) =>
      `Service ${service} sends port ${port} by protocol ${asked}, and its pods offer it by ${offered}${detail}.`,
    brief: ({ service, asked, offered }) => `protocol ${asked} of Service ${service} instead of ${offered}`,
    next: ({ service, offered }) => `Set the protocol of Service ${service} to ${offered}.`,
    confirms: 'the selected pods have the port with another protocol only',
    excludes: 'a container has the port with the protocol of the Service',
  }),
  'service-no-ready-endpoints': code<Routed>({
    level: 'critical',
    depth: 'symptom',
    says: ({ service, detail }) => `Service ${service} has no ready endpoints${detail}.`,
    brief: ({ service }) => `Service ${service} has no ready endpoints`,
    next: ({ service }) => `Look at its pods: /lambda diag pods (Service ${service})`,
    confirms: 'its selector matches pods and none of them is ready',
    excludes: 'at least one of its pods is ready',
  }),
  'load-balancer-failed': code<Routed>({
    level: 'critical',
    depth: 'cause',
    says: ({ service, detail }) =>
      `Service ${service} has no address outside: its load balancer cannot be made (${detail}).`,
    brief: ({ service }) => `no load balancer for Service ${service}`,
    next: ({ service }) => `Its provider says why: kubectl describe service ${service}`,
    confirms: 'a Service of type LoadBalancer has no address, and its controller says that it cannot make one',
    excludes: 'status.loadBalancer has an address',
  }),
  'service-scaled-to-zero': code<Routed | 'who'>({
    level: 'critical',
    depth: 'cause',
    says: ({ service, who }) => `Service ${service} has no endpoints because ${who} is scaled to 0 replicas.`,
    brief: ({ who }) => `${who} scaled to 0`,
    next: ({ who }) => `Scale ${who} up again when that was not meant.`,
    confirms:
      'the workload whose pods it selects wants 0 replicas, and something that runs calls the Service and fails',
    excludes: 'a pod is there, or nobody calls the Service',
  }),
  'service-port-missing': code<Routed | 'who' | 'port' | 'offered'>({
    level: 'critical',
    depth: 'cause',
    says: ({ service, who, port, offered }) =>
      `${who} calls port ${port} of Service ${service}, which has only ${offered}.`,
    brief: ({ service, port }) => `Service ${service} has no port ${port}`,
    next: ({ service, who, port }) => `Correct the port in ${who}, or add port ${port} to Service ${service}.`,
    confirms:
      'a log shows calls that fail at a port of the Service, by its name or its address, which it does not have',
    excludes: 'the Service has the port',
  }),
  'ingress-backend-missing': code<'ingress' | 'service' | 'where'>({
    level: 'critical',
    depth: 'cause',
    says: ({ ingress, service, where }) =>
      `Ingress ${ingress} sends ${where} to Service ${service}, which does not exist.`,
    brief: ({ ingress, service }) => `backend ${service} of Ingress ${ingress} missing`,
    next: ({ ingress, service }) => `Correct the backend of Ingress ${ingress}, or create Service ${service}.`,
    confirms: 'the Service is not in the whole list of its namespace',
    excludes: 'the Service exists',
  }),
  'ingress-backend-port': code<'ingress' | 'service' | 'port' | 'offered'>({
    level: 'critical',
    depth: 'cause',
    says: ({ ingress, service, port, offered }) =>
      `Ingress ${ingress} sends to port ${port} of Service ${service}, which has only ${offered}.`,
    brief: ({ ingress, port }) => `Ingress ${ingress} names port ${port}`,
    next: ({ ingress, offered }) => `Set the backend port of Ingress ${ingress} to ${offered}.`,
    confirms: 'the Service has no such port by number or name',
    excludes: 'it has',
  }),
  'ingress-class-missing': code<'ingress' | 'class'>({
    level: 'critical',
    depth: 'cause',
    says: ({ ingress, class: name }) =>
      `Ingress ${ingress} is served by no controller: its class ${name} does not exist.`,
    brief: ({ ingress, class: name }) => `ingress class ${name} of ${ingress} missing`,
    next: ({ ingress }) => `Set ingressClassName of Ingress ${ingress} to a class that exists.`,
    confirms: 'the class is not in the whole list of IngressClasses',
    excludes: 'the class exists',
  }),
  'network-policy-denies': code<'policy' | 'who' | 'detail'>({
    level: 'critical',
    depth: 'cause',
    says: ({ policy, who, detail }) => `NetworkPolicy ${policy} keeps traffic from ${who}${detail}.`,
    brief: ({ policy }) => `NetworkPolicy ${policy} denies`,
    next: ({ policy }) => `Allow the traffic in NetworkPolicy ${policy}, or remove the policy.`,
    confirms: 'the policy selects the pods, no policy allows the peer, and a log shows calls that time out',
    excludes: 'a policy allows the peer, or calls arrive',
  }),
} as const;
