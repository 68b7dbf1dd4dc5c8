import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Kind } from '../kind.ts';
import type { ClusterWorld } from '../world.ts';
import {
  ACCESS_REVIEWS,
  type ApiOptions,
  authenticate,
  authorize,
  RULES_REVIEWS,
  reviewAccess,
  reviewRules,
} from './access.ts';
import { discoveryDocument, SERVER_VERSION } from './discovery.ts';
import {
  ApiFailure,
  badRequest,
  internalError,
  methodNotAllowed,
  notFound,
  unavailable,
  unsupportedMediaType,
} from './failure.ts';
import { listing } from './list.ts';
import { openApiDocument } from './openApi.ts';
import { sendPodLog } from './podLog.ts';
import { readAccessReview, readRulesReview } from './protobuf.ts';
import { parseResourcePath, type ResourceRequest, verbOf } from './request.ts';
import { sufferFaults } from './suffer.ts';
import { formOf, partial, presented, tableOf } from './table.ts';
import { watch } from './watch.ts';
import { create, patch, remove, removeAll, scaleOf, update } from './write.ts';

const MAX_BODY_BYTES = 3 * 1024 * 1024;
/** The API server compresses answers from this size on; for lists that is about this many objects. */
const GZIP_FROM_OBJECTS = 50;

const FLOW_SCHEMA = '2b1c6f0e-4a57-4a0f-9b25-3f1d3a1c9d01';
const PRIORITY_LEVEL = '7f3e9a44-0c1b-4f63-8a34-5b7c8de2a602';

/** Answers one request of the Kubernetes API. Never throws. */
export async function answer(options: ApiOptions, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  // As a server with priority and fairness does; clients that look for it do not hold their requests back.
  response.setHeader('x-kubernetes-pf-flowschema-uid', FLOW_SCHEMA);
  response.setHeader('x-kubernetes-pf-prioritylevel-uid', PRIORITY_LEVEL);
  try {
    await route(options, incoming, response);
  } catch (error) {
    if (response.headersSent || response.destroyed) {
      response.destroy();
      return;
    }
    const failure = error instanceof ApiFailure ? error : internalError(String(error));
    sendJson(response, failure.code, failure.toStatus(), failure.headers);
  }
}

async function route(options: ApiOptions, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const { world } = options;
  const url = new URL(incoming.url ?? '/', 'http://localhost');
  const accept = incoming.headers.accept ?? '*/*';
  if (/^\/(healthz|livez|readyz)(\/ping)?\/?$/.test(url.pathname)) return sendText(response, 200, 'ok');
  authenticate(options, incoming);
  const target = parseResourcePath(world.kinds, url.pathname);
  const subresource = target?.subresource ? `${target.kind.plural}/${target.subresource}` : target?.kind.plural;
  await sufferFaults(world, { resource: subresource ?? '', namespace: target?.namespace }, response);
  if (url.pathname === '/version') return sendJson(response, 200, SERVER_VERSION);
  const visible = (kind: Kind) => kind.group !== 'metrics.k8s.io' || !metricsServer(world).absent;
  const discovery = discoveryDocument(world.kinds, url.pathname.replace(/\/$/, ''), accept, visible);
  if (discovery) return sendJson(response, 200, discovery.body, { 'content-type': discovery.contentType });
  const openApi = openApiDocument(world.kinds, url.pathname);
  if (openApi) return sendJson(response, 200, openApi);
  if (incoming.method === 'POST' && url.pathname === ACCESS_REVIEWS)
    return sendJson(response, 201, reviewAccess(world, await readBody(incoming, readAccessReview)));
  if (incoming.method === 'POST' && url.pathname === RULES_REVIEWS)
    return sendJson(response, 201, reviewRules(world, await readBody(incoming, readRulesReview)));
  const verb = verbOf(incoming.method ?? '', target?.name !== undefined, url.searchParams);
  if (!target || !visible(target.kind)) return sendText(response, 404, '404 page not found\n');
  if (!verb) throw methodNotAllowed();
  const request: ResourceRequest = { ...target, verb, query: url.searchParams, accept };
  authorize(options, request);
  if (target.kind.group === 'metrics.k8s.io' && metricsServer(world).down) throw unavailable();
  await serve(options, request, incoming, response);
}

async function serve(
  options: ApiOptions,
  request: ResourceRequest,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { world } = options;
  if (!request.kind.verbs.includes(request.verb)) throw methodNotAllowed();
  switch (request.verb) {
    case 'watch':
      return watch(world, request, { incoming, response });
    case 'list':
      return sendList(world, request, incoming, response);
    case 'get':
      return request.subresource === 'log'
        ? sendPodLog(world, request, response)
        : sendObject(world, request, response);
    case 'delete': {
      const { code, body } = remove(world, request);
      return sendJson(response, code, body);
    }
    case 'deletecollection': {
      const { code, body } = removeAll(world, request);
      return sendJson(response, code, body);
    }
    default: {
      const written = await write(world, request, incoming);
      return sendJson(response, written.code, written.body);
    }
  }
}

async function write(world: ClusterWorld, request: ResourceRequest, incoming: IncomingMessage) {
  const body = await readBody(incoming);
  if (request.verb === 'create') return create(world, request, body);
  if (request.verb === 'update') return update(world, request, body);
  return patch(world, request, incoming.headers['content-type'] ?? '', body);
}

function sendObject(world: ClusterWorld, request: ResourceRequest, response: ServerResponse): void {
  const { kind, namespace, name = '', subresource } = request;
  const stored = world.store.get(kind.storage, namespace, name);
  if (!stored) throw notFound(kind, name);
  if (subresource && !kind.subresources.some((one) => one === subresource)) {
    sendText(response, 404, '404 page not found\n');
    return;
  }
  const now = world.clock();
  const object = presented(kind, stored, now);
  const form = formOf(request.accept);
  if (subresource === 'scale') sendJson(response, 200, scaleOf(stored));
  else if (form === 'table') sendJson(response, 200, tableOf(kind, [object], now, request.query.get('includeObject')));
  else sendJson(response, 200, form === 'metadata' ? partial(object) : object);
}

async function sendList(
  world: ClusterWorld,
  request: ResourceRequest,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { count, pieces } = listing(world, request);
  const gzip = count >= GZIP_FROM_OBJECTS && /\bgzip\b/.test(incoming.headers['accept-encoding'] ?? '');
  response.writeHead(200, {
    'content-type': 'application/json',
    'cache-control': 'no-cache, private',
    ...(gzip ? { 'content-encoding': 'gzip', vary: 'Accept-Encoding' } : {}),
  });
  const body = Readable.from(pieces, { highWaterMark: 2 });
  if (gzip) await pipeline(body, createGzip({ level: 1 }), response);
  else await pipeline(body, response);
}

function metricsServer(world: ClusterWorld): { down: boolean; absent: boolean } {
  const faults = world.faults.all().filter((fault) => fault.kind === 'no_metrics_server');
  return { down: faults.length > 0, absent: faults.some((fault) => fault.absent) };
}

/** A body as JSON, or as protobuf where it can be read as that. */
async function readBody(incoming: IncomingMessage, protobuf?: (body: Buffer) => unknown): Promise<unknown> {
  const type = incoming.headers['content-type'] ?? '';
  const isProtobuf = type.includes('protobuf');
  if (type.includes('cbor') || (isProtobuf && !protobuf)) throw unsupportedMediaType();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    // A request stream without an encoding yields buffers.
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size > MAX_BODY_BYTES)
      throw new ApiFailure(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${MAX_BODY_BYTES}`);
    chunks.push(bytes);
  }
  const bytes = Buffer.concat(chunks);
  if (isProtobuf && protobuf) return protobuf(bytes);
  const body = bytes.toString();
  try {
    return JSON.parse(body);
  } catch (error) {
    throw badRequest(`error decoding the body: ${error instanceof Error ? error.message : 'invalid JSON'}`);
  }
}

export function sendJson(
  response: ServerResponse,
  code: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const bytes = Buffer.from(`${JSON.stringify(body)}\n`);
  response.writeHead(code, {
    'content-type': 'application/json',
    'cache-control': 'no-cache, private',
    'content-length': bytes.length,
    ...headers,
  });
  response.end(bytes);
}

function sendText(response: ServerResponse, code: number, body: string): void {
  response.writeHead(code, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(body);
}
