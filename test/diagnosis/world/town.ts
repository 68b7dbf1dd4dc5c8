import type { WholeNamespace, WholeNode } from './kinds.ts';
import { service } from './network.ts';
import { lease, node } from './nodes.ts';
import { http } from './template.ts';
import { daemonSet, deployment } from './workloads.ts';
import { World, type WorldOptions } from './world.ts';

/** A World with the cluster that every story takes place in. */
export interface Town {
  readonly world: World;
  readonly nodes: WholeNode[];
}

/**
 * Three nodes, what runs in kube-system, and two healthy applications in the story's namespace, so that an answer has
 * bystanders to leave alone: `web` (2 pods, its Service on port 80) and `ledger` (1 pod, its Service on port 80).
 */
export function town(options: WorldOptions & { quiet?: boolean } = {}): Town {
  const world = new World(options);
  for (const name of new Set(['default', 'kube-system', 'kube-node-lease', world.namespace])) namespace(world, name);
  const nodes = ['node-a', 'node-b', 'node-c'].map((name) => node(world, name));
  controlPlane(world);
  if (options.quiet !== true) bystanders(world);
  return { world, nodes };
}

export function namespace(world: World, name: string): WholeNamespace {
  const built: WholeNamespace = world.add({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: world.metadata('Namespace', name, {
      clusterWide: true,
      age: '90d',
      labels: { 'kubernetes.io/metadata.name': name },
    }),
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  });
  if (name !== 'kube-node-lease') serviceAccount(world, 'default', name);
  return built;
}

export function serviceAccount(world: World, name: string, namespace = world.namespace): void {
  world.add({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: world.metadata('ServiceAccount', name, { namespace, age: '90d' }),
  });
}

/** A cluster whose control plane runs elsewhere: its leases are seen, its processes are not. */
function controlPlane(world: World): void {
  for (const name of ['kube-scheduler', 'kube-controller-manager']) {
    world.add(lease(world, 'kube-system', name, { holder: `control-plane-1_${name}`, renewed: '1s', seconds: 15 }));
  }
  deployment(world, 'coredns', {
    namespace: 'kube-system',
    selector: { 'k8s-app': 'kube-dns' },
    image: 'registry.k8s.io/coredns/coredns:v1.12.1',
    args: ['-conf', '/etc/coredns/Corefile'],
    ports: ['dns:53/UDP', 'dns-tcp:53', 'metrics:9153'],
    liveness: http('/health', 8080, { initialDelaySeconds: 60, timeoutSeconds: 5, failureThreshold: 5 }),
    readiness: http('/ready', 8181),
    nodes: ['node-a', 'node-b'],
    age: '90d',
    podAge: '20d',
    resources: { requests: { cpu: '100m', memory: '70Mi' }, limits: { memory: '170Mi' } },
  });
  service(world, 'kube-dns', {
    namespace: 'kube-system',
    selector: { 'k8s-app': 'kube-dns' },
    spec: { clusterIP: '10.96.0.10', clusterIPs: ['10.96.0.10'] },
    ports: [
      { name: 'dns', port: 53, targetPort: 'dns', protocol: 'UDP' },
      { name: 'dns-tcp', port: 53, targetPort: 'dns-tcp', protocol: 'TCP' },
    ],
    age: '90d',
  });
  daemonSet(world, 'kube-proxy', {
    namespace: 'kube-system',
    selector: { 'k8s-app': 'kube-proxy' },
    image: 'registry.k8s.io/kube-proxy:v1.34.4',
    command: ['/usr/local/bin/kube-proxy', '--config=/var/lib/kube-proxy/config.conf'],
    spec: { hostNetwork: true, tolerations: [{ operator: 'Exists' }], priorityClassName: 'system-node-critical' },
    resources: {},
    age: '90d',
    podAge: '20d',
  });
}

function bystanders(world: World): void {
  deployment(world, 'web', {
    ports: ['http:8080'],
    readiness: http('/healthz', 'http'),
    liveness: http('/healthz', 'http'),
  });
  service(world, 'web', { ports: [{ name: 'http', port: 80, targetPort: 'http' }] });
  deployment(world, 'ledger', { replicas: 1, ports: [8080], readiness: http('/ready', 8080) });
  service(world, 'ledger');
}
