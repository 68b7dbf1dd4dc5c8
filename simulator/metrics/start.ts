import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerApi } from './api.ts';
import { exposition } from './exposition.ts';
import { PromqlError } from './promql/ast.ts';
import type { LoadedRules, RuleGroup } from './rules.ts';
import { loadRules } from './rules.ts';
import type { Clock, MetricStore } from './store.ts';
import { createMetricStore } from './store.ts';

export interface MetricsOptions {
  /** 0 (the default) picks a free port. */
  readonly port?: number;
  readonly host?: string;
  readonly clock?: Clock;
  /** Rules it knows, for `rules`, `alerts` and recorded series. */
  readonly rules?: readonly RuleGroup[];
  /** An existing store, so that several servers can show the same numbers. */
  readonly store?: MetricStore;
}

export interface Metrics {
  readonly url: string;
  readonly port: number;
  readonly store: MetricStore;
  close(): Promise<void>;
}

const MAX_BODY = 1024 * 1024;

/**
 * Starts a stand-in for Prometheus: its HTTP API for the series of the store, and `GET /metrics` with the same numbers
 * for a real Prometheus to scrape (`honor_labels: true`). PromQL it cannot evaluate is answered with `bad_data`.
 */
export async function startMetrics(options: MetricsOptions = {}): Promise<Metrics> {
  const clock = options.clock ?? { now: () => Date.now() };
  const store = options.store ?? createMetricStore(clock);
  const rules = loadRules(options.rules ?? []);
  const server = createServer((request, response) => {
    answer(request, response, { store, clock, rules }).catch((thrown: unknown) => {
      if (!response.headersSent) sendError(response, thrown);
    });
  });
  const host = options.host ?? '127.0.0.1';
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, host, () => resolve());
  });
  // A listening TCP server always has an address object.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${port}`,
    port,
    store,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  parts: { store: MetricStore; clock: Clock; rules: LoadedRules },
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  if (url.pathname === '/metrics') {
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
    return void response.end(exposition(parts.store, parts.clock.now()));
  }
  if (url.pathname === '/-/healthy' || url.pathname === '/-/ready') {
    return void response.writeHead(200, { 'content-type': 'text/plain' }).end('Prometheus (simulated) is Ready.\n');
  }
  const params = url.searchParams;
  if (request.method === 'POST') for (const [name, value] of await formOf(request)) params.append(name, value);
  if (url.pathname === '/graph') return graphPage(response, params, parts);
  const path = /^\/api\/v1\/(.+?)\/?$/.exec(url.pathname)?.[1];
  const data = path === undefined ? null : answerApi(path, params, parts);
  if (data === null) {
    return send(response, 404, { status: 'error', errorType: 'not_found', error: `no such endpoint: ${url.pathname}` });
  }
  send(response, 200, { status: 'success', data });
}

/** Where the links in alerts lead: the expression and what it yields now. */
function graphPage(
  response: ServerResponse,
  params: URLSearchParams,
  parts: { store: MetricStore; clock: Clock; rules: LoadedRules },
): void {
  const query = params.get('g0.expr') ?? '';
  const data = query === '' ? '' : JSON.stringify(answerApi('query', new URLSearchParams({ query }), parts), null, 2);
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end(`SIMULATED\n\n${query}\n\n${data}\n`);
}

async function formOf(request: IncomingMessage): Promise<URLSearchParams> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length; // A request without an encoding yields buffers.
    if (size > MAX_BODY) throw new PromqlError('request body too large');
    chunks.push(chunk as Buffer);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}

function sendError(response: ServerResponse, thrown: unknown): void {
  const error = thrown instanceof Error ? thrown.message : String(thrown);
  const errorType = thrown instanceof PromqlError ? thrown.kind : 'internal';
  const status = { bad_data: 400, execution: 422, internal: 500 }[errorType];
  send(response, status, { status: 'error', errorType, error });
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
