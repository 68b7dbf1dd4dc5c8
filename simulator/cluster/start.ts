import { randomBytes } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { stringify } from 'yaml';
import { answer } from './api/handler.ts';
import { step } from './controllers/controllers.ts';
import { INSTALLED_RESOURCES } from './kinds/catalogue.ts';
import { makeAuthority } from './tls/authority.ts';
import { ClusterWorld } from './world.ts';

export interface ClusterOptions {
  /** 0 (the default) picks a free one. */
  readonly port?: number;
  readonly host?: string;
  /** HTTPS with a certificate of an own authority, which the kubeconfig carries. */
  readonly tls?: boolean;
  /** Name of cluster and context in the kubeconfig. */
  readonly name?: string;
  /** Epoch milliseconds. With a clock of one's own the cluster moves only when `step` is called. */
  readonly clock?: () => number;
  /** `builder` (default) has no LambdaFunction resources. */
  readonly profile?: 'builder' | 'operator';
}

/** A simulated Kubernetes API server. */
export interface Cluster {
  readonly url: string;
  readonly port: number;
  readonly name: string;
  /** Bearer token of its user. */
  readonly token: string;
  readonly world: ClusterWorld;
  /** A kubeconfig as YAML. */
  kubeconfig(): string;
  /** One round of the controllers; with the real clock there is one every second. */
  step(): void;
  close(): Promise<void>;
}

const USER = 'system:serviceaccount:lambda-responder:lambda-responder';

/** Starts an empty cluster that serves the Kubernetes API; `installPlatform` fills it. */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const { host = '127.0.0.1', name = 'simulated', profile = 'builder' } = options;
  const install = INSTALLED_RESOURCES.filter(({ group }) => group !== 'lambda.knative.io' || profile === 'operator');
  const world = new ClusterWorld({ install, ...(options.clock ? { clock: options.clock } : {}) });
  const authority = options.tls ? makeAuthority(host) : undefined;
  const token = `simulated-${randomBytes(16).toString('hex')}`;
  const api = { world, token, user: USER, anonymous: !authority };
  const listener: RequestListener = (incoming, response) => void answer(api, incoming, response);
  const server = authority
    ? createTlsServer({ key: authority.key, cert: authority.certificate }, listener)
    : createServer(listener);
  // Watches and followed logs stay open for long; nothing else may.
  server.requestTimeout = 30_000;
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, host, resolve);
  });
  const rounds = options.clock ? undefined : setInterval(() => step(world), 1000);
  rounds?.unref();
  // A server that listens on TCP has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  const url = `${authority ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
  return {
    url,
    port,
    name,
    token,
    world,
    kubeconfig: () => kubeconfig({ url, name, token, ...(authority ? { ca: authority.ca } : {}) }),
    step: () => step(world),
    async close() {
      clearInterval(rounds);
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function kubeconfig({ url, name, token, ca }: { url: string; name: string; token: string; ca?: string }): string {
  const trust = ca
    ? { 'certificate-authority-data': Buffer.from(ca).toString('base64') }
    : // client-node refuses plain HTTP without it.
      { 'insecure-skip-tls-verify': true };
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server: url, ...trust } }],
    users: [{ name: 'responder', user: { token } }],
    contexts: [{ name, context: { cluster: name, user: 'responder', namespace: 'default' } }],
    'current-context': name,
  });
}
