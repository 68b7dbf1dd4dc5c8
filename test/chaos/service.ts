import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Replica } from './stage.ts';

/** What stands in front of the replicas as a Service or an ingress does: one address, its endpoints taking turns. */
export interface Service {
  readonly url: string;
  add(replica: Replica): void;
  /** Takes effect at once; how long a cluster takes to get here is up to the caller. */
  remove(replica: Replica): void;
  close(): Promise<void>;
}

/**
 * Passes each request on once, over connections that are kept alive for the next one. What cannot be passed on is
 * answered 502: neither kube-proxy nor an ingress sends a POST a second time.
 */
export async function startService(): Promise<Service> {
  const endpoints: Replica[] = [];
  const agent = new Agent({ keepAlive: true });
  let turn = 0;
  const pass = (incoming: IncomingMessage, outgoing: ServerResponse, body: Buffer) => {
    const replica = endpoints[turn++ % Math.max(1, endpoints.length)];
    const refuse = () => {
      if (outgoing.headersSent) outgoing.destroy();
      else outgoing.writeHead(502).end();
    };
    if (!replica) return refuse();
    const { connection: _ours, ...headers } = incoming.headers;
    const passed = request(
      new URL(incoming.url ?? '/', replica.url),
      { agent, method: incoming.method ?? 'GET', headers },
      (answer) => {
        const { connection: _theirs, 'keep-alive': _hint, ...answered } = answer.headers;
        outgoing.writeHead(answer.statusCode ?? 502, answered);
        answer.on('error', refuse).pipe(outgoing);
      },
    );
    passed.on('error', refuse).end(body);
  };
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => pass(incoming, outgoing, Buffer.concat(chunks)));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo; // a TCP server that listens has one
  return {
    url: `http://127.0.0.1:${port}`,
    add: (replica) => endpoints.push(replica),
    remove(replica) {
      endpoints.splice(endpoints.indexOf(replica), 1);
    },
    async close() {
      agent.destroy();
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
