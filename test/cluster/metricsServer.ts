import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ApiClient } from './apiClient.ts';
import { now } from './podStatus.ts';

/** Millicores and mebibytes. */
export interface Used {
  readonly cpuMilli: number;
  readonly memoryMi: number;
}

/** What the nodes' kubelets measured last. */
export interface Usage {
  node(name: string, used: Used): void;
  pod(namespace: string, name: string, containers: Readonly<Record<string, Used>>): void;
  forget(namespace: string, name: string): void;
  items(kind: 'nodes' | 'pods', namespace: string | null): readonly MetricsObject[];
}

export interface MetricsObject {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly creationTimestamp: string };
  readonly timestamp: string;
  readonly window: string;
}

export function createUsage(): Usage {
  const nodes = new Map<string, Used>();
  const pods = new Map<string, { namespace: string; name: string; containers: Readonly<Record<string, Used>> }>();
  const head = (kind: string, metadata: { name: string; namespace?: string }): MetricsObject => ({
    kind,
    apiVersion: VERSION,
    metadata: { ...metadata, creationTimestamp: now() },
    timestamp: now(),
    window: '15s',
  });
  return {
    node: (name, used) => void nodes.set(name, used),
    pod: (namespace, name, containers) => void pods.set(`${namespace}/${name}`, { namespace, name, containers }),
    forget: (namespace, name) => void pods.delete(`${namespace}/${name}`),
    items(kind, namespace) {
      if (kind === 'nodes')
        return [...nodes].map(([name, used]) => ({ ...head('NodeMetrics', { name }), usage: amounts(used) }));
      return [...pods.values()]
        .filter((one) => namespace === null || one.namespace === namespace)
        .map(({ namespace: of, name, containers }) => ({
          ...head('PodMetrics', { name, namespace: of }),
          containers: Object.entries(containers).map(([container, used]) => ({
            name: container,
            usage: amounts(used),
          })),
        }));
    },
  };
}

const VERSION = 'metrics.k8s.io/v1beta1';
const ROOT = `/apis/${VERSION}`;

/** Units as metrics-server writes them: nanocores and kibibytes. */
function amounts({ cpuMilli, memoryMi }: Used) {
  return { cpu: `${cpuMilli * 1_000_000}n`, memory: `${memoryMi * 1024}Ki` };
}

/** Answers what the API server passes on for `metrics.k8s.io`; false when it is about something else. */
export function answerMetrics(usage: Usage, url: URL, request: IncomingMessage, response: ServerResponse): boolean {
  if (!url.pathname.startsWith('/apis')) return false;
  const say = (status: number, body: unknown) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    return true;
  };
  request.resume();
  if (url.pathname === ROOT) return say(200, RESOURCES);
  const match = /^\/apis\/metrics\.k8s\.io\/v1beta1\/(?:namespaces\/([^/]+)\/)?(nodes|pods)(?:\/([^/]+))?$/.exec(
    url.pathname,
  );
  if (!match) return say(404, failure(404, 'NotFound', 'the server could not find the requested resource'));
  const [, namespace = null, kind, name] = match;
  // The pattern names the two.
  const found = usage.items(kind as 'nodes' | 'pods', namespace);
  if (name !== undefined) {
    const one = found.find(({ metadata }) => metadata.name === name);
    const full = `${kind}.metrics.k8s.io "${namespace ? `${namespace}/` : ''}${name}" not found`;
    return one ? say(200, one) : say(404, failure(404, 'NotFound', full));
  }
  const list = kind === 'nodes' ? 'NodeMetricsList' : 'PodMetricsList';
  return say(200, { kind: list, apiVersion: VERSION, metadata: {}, items: found });
}

const verbs = ['get', 'list'];
const RESOURCES = {
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion: VERSION,
  resources: [
    { name: 'nodes', singularName: '', namespaced: false, kind: 'NodeMetrics', verbs },
    { name: 'pods', singularName: '', namespaced: true, kind: 'PodMetrics', verbs },
  ],
};

function failure(code: number, reason: string, message: string) {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code };
}

/** Registers `metrics.k8s.io` as served on a port of loopback, and waits until the API server has found it there. */
export async function registerMetrics(admin: ApiClient, port: number): Promise<void> {
  // An ExternalName Service: there is no kube-proxy that would bring the API server to a ClusterIP.
  await admin.json('POST', '/api/v1/namespaces/kube-system/services', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'metrics-server', namespace: 'kube-system' },
    spec: { type: 'ExternalName', externalName: 'localhost' },
  });
  await admin.json('POST', '/apis/apiregistration.k8s.io/v1/apiservices', {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name: 'v1beta1.metrics.k8s.io' },
    spec: {
      group: 'metrics.k8s.io',
      version: 'v1beta1',
      service: { name: 'metrics-server', namespace: 'kube-system', port },
      insecureSkipTLSVerify: true,
      groupPriorityMinimum: 100,
      versionPriority: 100,
    },
  });
  const end = Date.now() + 30_000;
  while ((await admin.call('GET', `${ROOT}/nodes`)).status !== 200) {
    if (Date.now() > end) throw new Error('metrics.k8s.io is not served: not within 30 s');
    await new Promise((wake) => setTimeout(wake, 200));
  }
}
