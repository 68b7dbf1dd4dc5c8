import type { Duplex } from 'node:stream';
import type { Dispatcher } from 'undici';
import { dispatcherThrough } from '../../network/dispatcher.ts';
import type { ProxyFor } from '../../network/proxies.ts';

/** The way of one Socket Mode connection. */
export interface Tunnel {
  readonly dispatcher: Dispatcher;
  /** Ends its TCP connections, also that of a peer which answers nothing any more. */
  destroy(): void;
}

/**
 * Through a proxy the SDK cannot reach the TCP connection of its WebSocket, which undici takes out of its pool, and would
 * leave a stalled one open for ever.
 */
export function openTunnel(proxyFor: ProxyFor): Tunnel {
  const sockets = new Set<Duplex>();
  const dispatcher = dispatcherThrough(proxyFor, {
    // A WebSocket has a connection of its own.
    allowH2: false,
    tunnel: true,
    onSocket(socket) {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    },
  });
  return {
    dispatcher,
    destroy() {
      for (const socket of sockets) socket.destroy();
      dispatcher.destroy().catch(() => {});
    },
  };
}
