import type { Duplex } from 'node:stream';
import { Agent, buildConnector, type Dispatcher, Pool, ProxyAgent } from 'undici';
import type { ProxyFor } from './proxies.ts';

export interface DispatcherOptions
  extends Pick<Agent.Options, 'connections' | 'keepAliveTimeout' | 'bodyTimeout' | 'headersTimeout' | 'allowH2'> {
  /** Authorities, certificate and name for the server, never for the proxy. */
  readonly tls?: buildConnector.BuildOptions;
  /** Plain HTTP too is tunnelled (CONNECT) and not forwarded: what a WebSocket needs. */
  readonly tunnel?: boolean;
  /** Called with each TCP connection, to a proxy or to the server itself. */
  readonly onSocket?: (socket: Duplex) => void;
}

/** Sends each request through the proxy of its address, or straight; one proxy or none for an origin, as long as it lives. */
export function dispatcherThrough(proxyFor: ProxyFor | null, options: DispatcherOptions = {}): Dispatcher {
  const { tls = {}, tunnel = false, onSocket, ...limits } = options;
  const { allowH2 = true } = limits;
  const straight = onSocket ? told(buildConnector({ ...tls, allowH2 }), onSocket) : tls;
  return new Agent({
    ...limits,
    factory(origin, settings) {
      const proxy = proxyFor?.(new URL(origin));
      if (!proxy) return new Pool(origin, { ...settings, connect: straight });
      return new ProxyAgent({
        ...limits,
        uri: proxy,
        requestTls: tls,
        ...(tunnel ? { proxyTunnel: true } : {}),
        // What the agent hands over is how to connect to the proxy; its type says only that it is an object.
        clientFactory: (url, { connect }: { connect?: buildConnector.connector }) =>
          new Pool(url, connect ? { connect: onSocket ? told(connect, onSocket) : connect } : {}),
      });
    },
  });
}

function told(connect: buildConnector.connector, onSocket: (socket: Duplex) => void): buildConnector.connector {
  return (options, callback) =>
    connect(options, (...[error, socket]) => {
      if (error) return callback(error, null);
      onSocket(socket);
      callback(null, socket);
    });
}
