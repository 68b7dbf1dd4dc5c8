import { request as ask, createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { makeAuthority } from '../../simulator/cluster/tls/authority.ts';

/** A forward proxy on loopback. Names nobody else knows lead to ports of this machine. */
export interface ForwardProxy {
  /** With user and password in it. */
  readonly url: string;
  /** `CONNECT slack.test:443`, `GET http://prometheus.test:9090/...`, in the order they came. */
  readonly seen: readonly string[];
  /** TCP connections that are open to it. */
  open(): number;
  /** From now on every request for a tunnel is answered with this status; null: none is. */
  refuseTunnels(status: number | null): void;
  close(): Promise<void>;
}

const USER = 'ana';
const PASSWORD = 'open-sesame-77';

/** @param ports by `name:port` as a client asks for it. What it does not know is 502. */
export async function startProxy(ports: Readonly<Record<string, number>>): Promise<ForwardProxy> {
  const seen: string[] = [];
  const sockets = new Set<Socket>();
  let refusal: number | null = null;
  const wanted = `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString('base64')}`;
  const statusFor = ({ headers }: IncomingMessage, port: number | undefined): number | null =>
    headers['proxy-authorization'] !== wanted ? 407 : port === undefined ? 502 : null;
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    const target = new URL(request.url ?? '', 'http://none.test');
    const port = ports[`${target.hostname}:${target.port || '80'}`];
    const status = statusFor(request, port);
    if (status !== null) return response.writeHead(status).end();
    const { 'proxy-authorization': _, ...headers } = request.headers;
    const onward = ask({
      port,
      host: '127.0.0.1',
      method: request.method,
      path: target.pathname + target.search,
      headers,
    });
    onward.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  });
  server.on('connect', (request, client, head) => {
    seen.push(`CONNECT ${request.url}`);
    const port = ports[request.url ?? ''];
    const status = refusal ?? statusFor(request, port);
    client.on('error', () => {});
    if (status !== null || port === undefined)
      return client.end(`HTTP/1.1 ${status} Refused\r\nContent-Length: 0\r\n\r\n`);
    const onward = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.write(head);
      client.pipe(onward).pipe(client);
    });
    onward.on('error', () => client.destroy());
    onward.on('close', () => client.destroy());
    client.on('close', () => onward.destroy());
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return {
    url: `http://${USER}:${PASSWORD}@127.0.0.1:${port}`,
    seen,
    open: () => sockets.size,
    refuseTunnels(status) {
      refusal = status;
    },
    async close() {
      const closed = new Promise<void>((done) => server.close(() => done()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** TLS in front of plain servers of this machine, chosen by the name the client asks for. */
export interface Terminator {
  readonly port: number;
  /** PEM of what a client has to trust. */
  readonly ca: string;
  close(): Promise<void>;
}

export async function startTerminator(ports: Readonly<Record<string, number>>): Promise<Terminator> {
  const { ca, certificate, key } = makeAuthority(...Object.keys(ports));
  const sockets = new Set<Socket>();
  const server = createTlsServer({ cert: certificate, key, ALPNProtocols: ['http/1.1'] }, (socket) => {
    const name = 'servername' in socket ? String(socket.servername) : '';
    const onward = connect(ports[name] ?? 0, '127.0.0.1');
    sockets.add(socket).add(onward);
    for (const [one, other] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  server.on('tlsClientError', () => {});
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    port: (server.address() as AddressInfo).port, // it listens on TCP
    ca,
    async close() {
      const closed = new Promise<void>((done) => server.close(() => done()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
