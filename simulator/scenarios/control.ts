import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ClusterFaults } from './clusterFaults.ts';
import type { Director, StartOptions } from './director.ts';

export interface ScenarioControl {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

const MAX_BODY = 64 * 1024;

class Refused extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * Serves the director over HTTP: `GET /scenarios`, `GET /runs`, `POST /scenarios/:id/start`, `POST /runs/:id/heal`,
 * `POST /runs/:id/end`, `POST /speed` with `{"factor": 10}`; and the faults of the cluster itself: `GET /faults`,
 * `POST /faults` with `{"kind": "status", "code": 503, "resource": "pods", "times": 3}`, `DELETE /faults`. Answers JSON;
 * errors are `{"error": "..."}` with 400 or 404. Pages served from the same machine may call it; others may not.
 */
export async function startScenarioControl(
  director: Director,
  options: { port?: number; host?: string; faults?: ClusterFaults } = {},
): Promise<ScenarioControl> {
  const server = createServer((request, response) => {
    answer(director, options.faults ?? null, request, response).catch((thrown: unknown) => {
      const status = thrown instanceof Refused ? thrown.status : thrown instanceof RangeError ? 404 : 500;
      send(response, status, { error: thrown instanceof Error ? thrown.message : String(thrown) });
    });
  });
  const host = options.host ?? '127.0.0.1';
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, host, () => resolve());
  });
  // A listening TCP server always has an address object.
  const { port } = server.address() as AddressInfo;
  return { url: `http://${host}:${port}`, port, close: () => closeServer(server) };
}

async function answer(
  director: Director,
  faults: ClusterFaults | null,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  allowLocalPages(request, response);
  if (request.method === 'OPTIONS') return void response.writeHead(204).end();
  const [noun = '', id, verb] = pathname.split('/').filter(Boolean).map(decodeURIComponent);
  if (request.method === 'GET' && noun !== 'faults') {
    if (noun === 'scenarios' && !id) return send(response, 200, { scenarios: director.scenarios() });
    if (noun === 'runs' && !id) return send(response, 200, { runs: director.runs(), problems: director.problems() });
    throw new Refused(404, `no such page: ${pathname}`);
  }
  if (noun === 'faults' && !id && faults) return answerFaults(faults, request, response);
  if (request.method !== 'POST') throw new Refused(405, 'GET or POST');
  const body = await readJson(request);
  if (noun === 'scenarios' && id && verb === 'start') {
    return send(response, 201, { run: inRange(() => director.start(id, startOptions(body))) });
  }
  if (noun === 'runs' && id && verb === 'heal') return send(response, 200, { run: director.heal(id) });
  if (noun === 'runs' && id && verb === 'end') return send(response, 200, { run: director.end(id) });
  if (noun === 'speed' && !id) {
    const factor = numberOf(body, 'factor');
    if (factor === undefined) throw new Refused(400, 'factor: a number is needed');
    inRange(() => director.speed(factor));
    return send(response, 200, { factor });
  }
  throw new Refused(404, `no such action: POST ${pathname}`);
}

async function answerFaults(faults: ClusterFaults, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method === 'DELETE') faults.clear();
  if (request.method !== 'POST') return send(response, 200, { faults: faults.list() });
  const body = await readJson(request);
  send(response, 201, { fault: inRange(() => faults.add(body)) });
}

/** A number out of range is the caller's mistake (400), an unknown name is not found (404). */
function inRange<T>(act: () => T): T {
  try {
    return act();
  } catch (thrown) {
    if (thrown instanceof RangeError && !thrown.message.startsWith('no ')) throw new Refused(400, thrown.message);
    throw thrown;
  }
}

function startOptions(body: Readonly<Record<string, unknown>>): StartOptions {
  const speed = numberOf(body, 'speed');
  const startedAgo = numberOf(body, 'startedAgo');
  if (body.drill !== undefined && typeof body.drill !== 'boolean') throw new Refused(400, 'drill: true or false');
  return {
    ...(body.drill === undefined ? {} : { drill: body.drill }),
    ...(speed === undefined ? {} : { speed }),
    ...(startedAgo === undefined ? {} : { startedAgo }),
  };
}

function numberOf(body: Readonly<Record<string, unknown>>, name: string): number | undefined {
  const value = body[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new Refused(400, `${name}: a number is needed`);
  return value;
}

async function readJson(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length; // A request without an encoding yields buffers.
    if (size > MAX_BODY) throw new Refused(413, 'body too large');
    chunks.push(chunk as Buffer);
  }
  if (size === 0) return {};
  try {
    const parsed: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return { ...parsed };
  } catch {
    // Falls through to the same answer as any other wrong body.
  }
  throw new Refused(400, 'the body must be a JSON object');
}

function allowLocalPages(request: IncomingMessage, response: ServerResponse): void {
  const origin = request.headers.origin;
  if (!origin) return;
  // A browser sends a plain POST of any page without asking first; it must not start anything.
  if (!/^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(origin))
    throw new Refused(403, 'only pages of this machine may do that');
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('access-control-allow-methods', 'GET, POST, DELETE');
  response.setHeader('access-control-allow-headers', 'content-type');
  response.setHeader('vary', 'origin');
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
