import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { stringify } from 'yaml';
import { makeAuthority } from '../../simulator/cluster/tls/authority.ts';
import { type ClusterAccess, type ClusterOptions, openCluster } from '../../src/k8s/client/cluster.ts';
import { createLogger } from '../../src/logger.ts';
import { createRedactor } from '../../src/redaction/redactor.ts';

export interface Asked {
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
}

export interface ApiServer {
  readonly url: string;
  readonly asked: Asked[];
  /** TCP connections it accepted. */
  connections(): number;
  kubeconfig(user?: Readonly<Record<string, unknown>>, cluster?: Readonly<Record<string, unknown>>): string;
  close(): Promise<void>;
}

/** A real server on a free port that answers as the test says and remembers what it was asked. */
export async function startApiServer(
  answer: (asked: Asked, response: ServerResponse) => void,
  options: { readonly tls?: boolean } = {},
): Promise<ApiServer> {
  const authority = options.tls ? makeAuthority('127.0.0.1') : null;
  const asked: Asked[] = [];
  let connections = 0;
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    const one = { url: request.url ?? '', headers: request.headers };
    asked.push(one);
    answer(one, response);
  };
  const server = authority
    ? createTlsServer({ key: authority.key, cert: authority.certificate }, listener)
    : createServer(listener);
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // it listens on TCP
  const url = `${authority ? 'https' : 'http'}://127.0.0.1:${port}`;
  return {
    url,
    asked,
    connections: () => connections,
    kubeconfig: (user = { token: 'sesame-1234' }, cluster = {}) =>
      stringify({
        apiVersion: 'v1',
        kind: 'Config',
        'current-context': 'here',
        contexts: [{ name: 'here', context: { cluster: 'here', user: 'me' } }],
        clusters: [
          {
            name: 'here',
            cluster: {
              server: url,
              ...(authority ? { 'certificate-authority-data': Buffer.from(authority.ca).toString('base64') } : {}),
              ...cluster,
            },
          },
        ],
        users: [{ name: 'me', user }],
      }),
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

export function json(
  response: ServerResponse,
  body: unknown,
  status = 200,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

/** What the API server answers instead of an object. */
export function failure(response: ServerResponse, code: number, message: string, headers: Record<string, string> = {}) {
  json(response, { kind: 'Status', status: 'Failure', code, message }, code, headers);
}

export const silent = createLogger({ level: 'silent' });

export function open(kubeconfig: string, options: Partial<ClusterOptions> = {}): ClusterAccess {
  return openCluster({
    kubeconfig,
    context: null,
    name: 'test',
    simulated: false,
    log: silent,
    redactor: createRedactor(),
    clock: Date.now,
    ...options,
  });
}
