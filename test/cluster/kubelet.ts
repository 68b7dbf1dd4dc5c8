import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { LogBook } from '../../simulator/cluster/logBook.ts';
import { makeAuthority } from '../../simulator/cluster/tls/authority.ts';
import { type ApiClient, type KubeObject, MERGE } from './apiClient.ts';
import { answerPlayed } from './kubeletDoor.ts';
import { answerLogs } from './kubeletLogs.ts';
import { answerMetrics, createUsage } from './metricsServer.ts';
import { now, podStatus, readyNode, runningStatus } from './podStatus.ts';

/** A pod with this label is left alone: a test writes its status itself, as a kubelet would. */
export const BY_HAND = 'test.lambda-responder/by-hand';

/** Plays the kubelet of a few nodes: their status and Leases, the pods bound to them, logs and metrics.k8s.io. */
export interface Kubelet {
  readonly nodes: readonly string[];
  /** The port of the nodes' kubelets, of the metrics server, and of the door for tests (`kubeletDoor.ts`). */
  readonly port: number;
  close(): Promise<void>;
}

const NODE_LEASES = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';
const LEASE_EVERY_MS = 10_000;

/**
 * Registers the nodes and starts to run the pods that the scheduler binds to them: each runs and is ready at once,
 * unless it is labelled `BY_HAND`. A pod that is deleted is gone at once.
 * @param admin a client that may write nodes, Leases and pod statuses
 */
export async function startKubelet(admin: ApiClient, nodes: readonly string[]): Promise<Kubelet> {
  const logs = new LogBook();
  const usage = createUsage();
  const certificate = makeAuthority('127.0.0.1');
  const silent = new Set<string>();
  const server = createServer({ key: certificate.key, cert: certificate.certificate }, (request, response) => {
    const url = new URL(request.url ?? '/', 'https://kubelet');
    if (answerPlayed({ logs, usage, silent }, url, request, response)) return;
    if (answerMetrics(usage, url, request, response)) return;
    answerLogs(logs, admin, url, response).catch((error) => response.writeHead(500).end(String(error)));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo; // It listens on TCP.
  const over = new AbortController();
  for (const name of nodes) await register(admin, name, port);
  const beats = setInterval(() => {
    for (const name of nodes) if (!silent.has(name)) void beat(admin, name).catch(() => {});
  }, LEASE_EVERY_MS);
  const watching = nodes.map((name) => runPods(admin, name, () => silent.has(name), over.signal));
  return {
    nodes,
    port,
    async close() {
      clearInterval(beats);
      over.abort();
      await Promise.all(watching);
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

async function register(admin: ApiClient, name: string, port: number): Promise<void> {
  const labels = { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64' };
  await admin.json('POST', '/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name, labels } });
  await admin.json('PATCH', `/api/v1/nodes/${name}/status`, { status: readyNode(name, port) }, MERGE);
  await admin.json('POST', NODE_LEASES, {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name, namespace: 'kube-node-lease' },
    spec: { holderIdentity: name, leaseDurationSeconds: 40, renewTime: microTime() },
  });
  // The node controller takes it off once the node is ready; a test need not wait for that.
  await admin.json('PATCH', `/api/v1/nodes/${name}`, { spec: { taints: null } }, MERGE);
}

async function beat(admin: ApiClient, name: string): Promise<void> {
  await admin.json('PATCH', `${NODE_LEASES}/${name}`, { spec: { renewTime: microTime() } }, MERGE);
}

function microTime(): string {
  return new Date().toISOString().replace('Z', '000Z');
}

/** Watches the node's pods until the signal; a watch that the server ends is begun again. */
async function runPods(admin: ApiClient, node: string, silent: () => boolean, signal: AbortSignal): Promise<void> {
  const path = `/api/v1/pods?watch=1&fieldSelector=spec.nodeName%3D${node}`;
  while (!signal.aborted) {
    const seen = ({ type, object }: { type: string; object: KubeObject }) => {
      if ((type === 'ADDED' || type === 'MODIFIED') && !silent()) void follow(admin, object).catch(() => {});
    };
    await admin.watch(path, seen, signal).catch(() => {});
    if (!signal.aborted) await new Promise((wake) => setTimeout(wake, 200));
  }
}

/** What a kubelet does about a pod it sees: ends it when it is deleted, runs it when it is new. */
async function follow(admin: ApiClient, pod: KubeObject): Promise<void> {
  const path = `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}`;
  if (pod.metadata.deletionTimestamp) {
    await kill(admin, path, pod);
  } else if (pod.metadata.labels?.[BY_HAND] === undefined && pod.status?.startTime === undefined) {
    await admin.call(
      'PATCH',
      `${path}/status`,
      { metadata: { uid: pod.metadata.uid }, status: runningStatus(pod) },
      MERGE,
    );
  }
}

/** Its containers end first: what controllers count is the phase, and a Job's pod stays until they have counted it. */
async function kill(admin: ApiClient, path: string, pod: KubeObject): Promise<void> {
  const { uid } = pod.metadata;
  if (pod.spec.nodeName && pod.status?.phase !== 'Failed' && pod.status?.phase !== 'Succeeded') {
    const ended = podStatus(pod, {
      phase: 'Failed',
      containers: Object.fromEntries(pod.spec.containers.map(({ name }: { name: string }) => [name, killed()])),
    });
    await admin.call('PATCH', `${path}/status`, { metadata: { uid }, status: ended }, MERGE);
  }
  await admin.call('DELETE', path, {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    gracePeriodSeconds: 0,
    preconditions: { uid },
  });
}

const killed = () => ({
  ready: false,
  state: { terminated: { exitCode: 143, reason: 'Error', startedAt: now(), finishedAt: now() } },
});
