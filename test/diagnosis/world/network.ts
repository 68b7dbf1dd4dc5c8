import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import type { Ingress, NetworkPolicy } from 'kubernetes-types/networking/v1.js';
import type { Span } from './clock.ts';
import type { Whole, WholePod, WholeService } from './kinds.ts';
import { suffix } from './names.ts';
import { isReady } from './settle.ts';
import { LONG_AGO, type Named, ownedBy, type World } from './world.ts';

export interface ServicePlan {
  readonly namespace?: string;
  readonly selector?: Record<string, string> | null;
  readonly ports?: NonNullable<WholeService['spec']['ports']>;
  /** Fields of the spec: type, clusterIP, externalName ... */
  readonly spec?: Partial<WholeService['spec']>;
  readonly age?: Span;
}

/** A Service and the slice of endpoints that follows from its selector and the pods as they are when the world settles. */
export function service(world: World, name: string, plan: ServicePlan = {}): WholeService {
  const ip = `10.96.${40 + (world.all('Service').length % 100)}.${17 + world.all('Service').length}`;
  const selector = plan.selector === null ? undefined : (plan.selector ?? { app: name });
  const external = plan.spec?.type === 'ExternalName';
  const built: WholeService = world.add({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: world.metadata('Service', name, {
      age: plan.age ?? LONG_AGO,
      ...(plan.namespace === undefined ? {} : { namespace: plan.namespace }),
      labels: { app: name },
    }),
    spec: {
      type: 'ClusterIP',
      ...(external ? {} : { clusterIP: ip, clusterIPs: [ip], ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' }),
      ...(selector === undefined ? {} : { selector }),
      ...(external
        ? {}
        : {
            ports: (plan.ports ?? [{ name: 'http', port: 80, targetPort: 8080 }]).map((port) => ({
              protocol: 'TCP',
              ...port,
            })),
          }),
      sessionAffinity: 'None',
      internalTrafficPolicy: 'Cluster',
      ...plan.spec,
    },
    status: { loadBalancer: {} },
  });
  if (!external && selector !== undefined) world.settling(() => world.add(sliceOf(world, built)));
  return built;
}

type WholeSlice = Named & Pick<EndpointSlice, 'addressType' | 'endpoints' | 'ports'>;

/** The endpoint slice controller's answer; pods that offer no port of a named target have none there. */
function sliceOf(world: World, of: WholeService): WholeSlice {
  const { name, namespace } = of.metadata;
  const pods = world
    .all<WholePod>('Pod')
    .filter((pod) => pod.metadata.namespace === namespace && pod.status.podIP !== undefined && selects(of, pod))
    .filter(({ status }) => status.phase !== 'Succeeded' && status.phase !== 'Failed');
  const [first] = pods;
  const ports = first === undefined ? null : portsOn(of, first);
  const endpoints = pods.map((pod) => {
    const gone = pod.metadata.deletionTimestamp !== undefined;
    const publish = of.spec.publishNotReadyAddresses === true;
    return {
      addresses: [pod.status.podIP ?? ''],
      conditions: { ready: publish || (isReady(pod) && !gone), serving: publish || isReady(pod), terminating: gone },
      nodeName: pod.spec.nodeName ?? '',
      targetRef: { kind: 'Pod', name: pod.metadata.name, namespace: namespace ?? '', uid: pod.metadata.uid },
    };
  });
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: world.metadata('EndpointSlice', `${name}-${suffix(`slice/${name}`, 5)}`, {
      ...(namespace === undefined ? {} : { namespace }),
      creationTimestamp: of.metadata.creationTimestamp,
      generateName: `${name}-`,
      labels: {
        ...of.metadata.labels,
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
        'kubernetes.io/service-name': name,
      },
      ownerReferences: [ownedBy(of)],
    }),
    addressType: 'IPv4',
    // A slice without endpoints is written with null for both (endpointslice/reconciler.go, placeholder slice).
    endpoints: (first === undefined ? null : endpoints) as EndpointSlice['endpoints'],
    ports: ports as NonNullable<EndpointSlice['ports']>,
  };
}

function selects(of: WholeService, pod: WholePod): boolean {
  return Object.entries(of.spec.selector ?? {}).every(([key, value]) => pod.metadata.labels?.[key] === value);
}

function portsOn(of: WholeService, pod: WholePod) {
  const offered = pod.spec.containers.flatMap(({ ports }) => ports ?? []);
  return (of.spec.ports ?? []).flatMap(({ name, port, targetPort, protocol }) => {
    const wanted = targetPort ?? port;
    const number =
      typeof wanted === 'number'
        ? wanted
        : offered.find((one) => one.name === wanted && (one.protocol ?? 'TCP') === (protocol ?? 'TCP'))?.containerPort;
    return number === undefined ? [] : [{ name: name ?? '', port: number, protocol: protocol ?? 'TCP' }];
  });
}

/** An Ingress of one host whose paths lead to services. */
export function ingress(
  world: World,
  name: string,
  told: {
    className?: string;
    host: string;
    backend: { service: string; port: number | string };
    address?: string | null;
  },
): Whole<Ingress> {
  const { service: backend, port } = told.backend;
  return world.add<Whole<Ingress>>({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: world.metadata('Ingress', name, { generation: 1 }),
    spec: {
      ...(told.className === undefined ? {} : { ingressClassName: told.className }),
      rules: [
        {
          host: told.host,
          http: {
            paths: [
              {
                path: '/',
                pathType: 'Prefix',
                backend: {
                  service: { name: backend, port: typeof port === 'number' ? { number: port } : { name: port } },
                },
              },
            ],
          },
        },
      ],
    },
    status: {
      loadBalancer: told.address === null ? {} : { ingress: [{ ip: told.address ?? '203.0.113.10' }] },
    },
  });
}

export function ingressClass(world: World, name: string, controller: string): void {
  world.add({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: world.metadata('IngressClass', name, { clusterWide: true, generation: 1 }),
    spec: { controller },
  });
}

export function networkPolicy(
  world: World,
  name: string,
  spec: NonNullable<NetworkPolicy['spec']>,
  told: { age?: Span } = {},
): void {
  world.add({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: world.metadata('NetworkPolicy', name, {
      generation: 1,
      ...(told.age === undefined ? {} : { age: told.age }),
    }),
    spec,
  });
}
