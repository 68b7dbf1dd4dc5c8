import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Faults } from '../faults.ts';
import { APP_ID } from '../seed.ts';
import type { Settings } from '../slackSettings.ts';
import type { Json } from '../state.ts';
import type { Ack } from './ack.ts';
import { createPending } from './pending.ts';

/** Slack allows ten per app; the eleventh is told `too_many_websockets`. */
const MAX_CONNECTIONS = 10;
const PING_MS = 10_000;
/** Events wait for a connection; what does not fit any more is lost, as an unreachable app loses events. */
const MAX_WAITING = 5_000;

export type DisconnectReason = 'warning' | 'refresh_requested' | 'link_disabled';

interface OutgoingEvent {
  readonly payload: Json;
  readonly attempt: number;
  readonly reason: string;
  readonly giveUp: () => void;
}

/** The Socket Mode side of the workspace: connections, envelopes spread among them, redelivery of what was not acknowledged. */
export class Sockets {
  readonly #settings: Settings;
  readonly #faults: Faults;
  readonly #server = new WebSocketServer({ noServer: true });
  readonly #tickets = new Set<string>();
  readonly #open: WebSocket[] = [];
  readonly #waiting: OutgoingEvent[] = [];
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #pending = createPending();
  #next = 0;

  constructor(settings: Settings, faults: Faults) {
    this.#settings = settings;
    this.#faults = faults;
  }

  /** A single-use ticket for `apps.connections.open`. */
  ticket(): string {
    const ticket = randomUUID();
    this.#tickets.add(ticket);
    return ticket;
  }

  /** Takes over an HTTP upgrade; 401 without a fresh ticket. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const ticket = new URL(request.url ?? '/', 'http://localhost').searchParams.get('ticket') ?? '';
    if (!this.#tickets.delete(ticket) || this.#faults.refusesSockets()) {
      socket.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n');
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (accepted) => this.#accept(accepted));
  }

  /** Sends an `events_api` envelope until it is acknowledged or the retries are over. */
  event(payload: Json, giveUp: () => void): void {
    this.#sendEvent({ payload, attempt: 0, reason: '', giveUp });
  }

  /** Sends a command or an interaction once. */
  interactive(kind: 'slash_commands' | 'interactive', payload: Json): Promise<Ack> {
    const socket = this.#pick();
    if (!socket) return Promise.resolve({ outcome: 'dispatch_failed', because: 'no live socket' });
    const envelope_id = randomUUID();
    return new Promise((resolve) => {
      this.#pending.add(envelope_id, socket, this.#settings.ackTimeoutMs, resolve, { waitWhenLost: true });
      send(socket, { envelope_id, type: kind, accepts_response_payload: true, payload });
    });
  }

  count(): number {
    return this.#open.length;
  }

  /** Asks every client to reconnect, and cuts it after the grace period. */
  refresh(reason: DisconnectReason, graceMs: number): void {
    for (const socket of [...this.#open]) {
      send(socket, disconnect(reason));
      this.#later(graceMs, () => socket.close());
    }
  }

  /** Cuts every connection without a closing handshake. */
  drop(): void {
    for (const socket of [...this.#open]) socket.terminate();
  }

  /** Drops the events that wait to be sent. */
  reset(): void {
    this.#waiting.length = 0;
  }

  /** Closes every connection, and cuts those that do not answer within a second. */
  async close(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#pending.close();
    await Promise.all([...this.#open].map(goodbye));
    this.#server.close();
  }

  #accept(socket: WebSocket): void {
    if (this.#open.length >= MAX_CONNECTIONS) {
      send(socket, disconnect('too_many_websockets'));
      socket.close();
      return;
    }
    this.#open.push(socket);
    const pinger = setInterval(() => socket.ping('Ping from applink-simulated'), PING_MS);
    pinger.unref();
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      clearInterval(pinger);
      this.#open.splice(this.#open.indexOf(socket), 1);
      this.#pending.lost(socket);
    });
    socket.on('message', (data, binary) => {
      if (!binary) this.#pending.acknowledge(String(data));
    });
    send(socket, hello(this.#open.length));
    if (this.#faults.take('refresh_at_hello')) send(socket, disconnect('warning'));
    for (const event of this.#waiting.splice(0)) this.#sendEvent(event);
  }

  /** Connections take turns; Slack promises no pattern, only that one of them gets it. */
  #pick(): WebSocket | undefined {
    const ready = this.#open.filter((socket) => socket.readyState === socket.OPEN);
    this.#next += 1;
    return ready[this.#next % Math.max(1, ready.length)];
  }

  #sendEvent(event: OutgoingEvent): void {
    const socket = this.#pick();
    if (!socket) {
      if (this.#waiting.length >= MAX_WAITING) event.giveUp();
      else this.#waiting.push(event);
      return;
    }
    const envelope_id = randomUUID();
    this.#pending.add(envelope_id, socket, this.#settings.ackTimeoutMs, (ack) => {
      if (ack.outcome !== 'acked') this.#again(event);
    });
    const { payload, attempt, reason } = event;
    const retry = { retry_attempt: attempt, retry_reason: reason };
    send(socket, { envelope_id, type: 'events_api', accepts_response_payload: false, payload, ...retry });
  }

  #again(event: OutgoingEvent): void {
    const pause = this.#settings.redeliverMs[event.attempt];
    if (pause === undefined) event.giveUp();
    else this.#later(pause, () => this.#sendEvent({ ...event, attempt: event.attempt + 1, reason: 'timeout' }));
  }

  #later(ms: number, run: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, ms);
    timer.unref();
    this.#timers.add(timer);
  }
}

function goodbye(socket: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => socket.terminate(), 1_000);
    socket.once('close', () => {
      clearTimeout(cut);
      resolve();
    });
    socket.close(1001);
  });
}

function send(socket: WebSocket, frame: Json): void {
  socket.send(JSON.stringify(frame), () => {
    // A socket that went away while we wrote is noticed by its close event.
  });
}

function hello(connections: number): Json {
  return {
    type: 'hello',
    num_connections: connections,
    debug_info: { host: 'applink-simulated', build_number: 1, approximate_connection_time: 18_060 },
    connection_info: { app_id: APP_ID },
  };
}

function disconnect(reason: string): Json {
  return { type: 'disconnect', reason, debug_info: { host: 'applink-simulated' } };
}
