import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { dispatch } from './api/dispatch.ts';
import { receiveUpload } from './api/fileMethods.ts';
import { readBody, readFields, readUpload } from './body.ts';
import { respond } from './interactions/responseUrl.ts';
import { BOT_TOKEN } from './slackSettings.ts';
import type { World } from './world.ts';

const MOST_API_BYTES = 8 * 1024 * 1024;
const MOST_UPLOAD_BYTES = 256 * 1024 * 1024;

/** Answers a request, or returns false for an address that is not its own. */
export type Route = (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<boolean>;

/** The HTTP server: the Web API and what belongs to it here, the other routes as given. */
export function createWorkspaceServer(world: World, routes: readonly Route[]): Server {
  const all: Route[] = [apiRoute(world), uploadRoute(world), responseUrlRoute(world), fileRoute(world), ...routes];
  const server = createServer((request, response) => {
    handle(all, request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else sendJson(response, 500, { ok: false, error: 'internal_error', detail: String(error) });
    });
  });
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    if (request.url?.startsWith('/link')) world.sockets.upgrade(request, socket, head);
    else socket.destroy();
  });
  return server;
}

/** Whether a page of another site sent this: browsers send a plain POST of any page without asking first. */
export function isForeign({ headers }: IncomingMessage): boolean {
  const { origin, host } = headers;
  return origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== host);
}

/** Sends JSON; `charset` as Slack adds it. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
  response.end(JSON.stringify(body));
}

/** Sends plain text. */
export function sendText(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers });
  response.end(text);
}

async function handle(routes: readonly Route[], request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  for (const route of routes) if (await route(request, response, url)) return;
  sendText(response, 404, `nothing is at ${url.pathname}`);
}

function apiRoute(world: World): Route {
  return async (request, response, url) => {
    if (!url.pathname.startsWith('/api/')) return false;
    const method = url.pathname.slice('/api/'.length);
    const body = await readBody(request, MOST_API_BYTES);
    const down = world.faults.take('down', method);
    if (down) return unavailable(response, down.fault.status);
    const slow = world.faults.take('slow', method);
    if (slow) await pause((slow.fault.seconds ?? 3) * 1000);
    const fields = await readFields(request, body, url.searchParams).catch(() => undefined);
    if (!fields) {
      sendJson(response, 200, { ok: false, error: 'invalid_json' });
      return true;
    }
    const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    const act = () => dispatch(world, method, fields, bearer ?? (fields.token as string | undefined));
    const late = world.faults.take('late', method);
    if (late) {
      request.socket.destroy();
      await pause((late.fault.seconds ?? 20) * 1000);
      act();
      return true;
    }
    const answer = act();
    if (world.faults.take('lost_answer', method)) {
      request.socket.destroy();
      return true;
    }
    sendJson(response, answer.status, answer.body, answer.headers);
    return true;
  };
}

function uploadRoute(world: World): Route {
  return async (request, response, url) => {
    const id = /^\/upload\/v1\/(\w+)$/.exec(url.pathname)?.[1];
    if (!id) return false;
    const bytes = await readUpload(request, await readBody(request, MOST_UPLOAD_BYTES));
    if (world.faults.take('down', 'upload')) return unavailable(response, undefined);
    const answer = receiveUpload(world, id, bytes);
    sendText(response, answer ? 200 : 404, answer ?? 'file_not_found');
    return true;
  };
}

function responseUrlRoute(world: World): Route {
  return async (request, response, url) => {
    const path = /^\/((?:commands|actions|app)\/.+)$/.exec(url.pathname)?.[1];
    if (!path || request.method !== 'POST') return false;
    const body = await readBody(request, MOST_API_BYTES);
    const down = world.faults.take('down', 'response_url');
    if (down) return unavailable(response, down.fault.status);
    const fields = await readFields(request, body, url.searchParams).catch(() => undefined);
    const answer = fields ? respond(world, path, fields) : { status: 400, text: 'invalid_payload' };
    sendText(response, answer.status, answer.text, answer.headers);
    return true;
  };
}

/** `url_private` of a file: with the bot's token as Slack demands it. */
function fileRoute(world: World): Route {
  return async (request, response, url) => {
    const id = /^\/files-pri\/(\w+)\//.exec(url.pathname)?.[1];
    if (!id) return false;
    if (request.headers.authorization !== `Bearer ${BOT_TOKEN}`) {
      response.writeHead(302, { location: '/?redir=signin' }).end();
      return true;
    }
    const file = world.state.files.get(id);
    if (!file) sendText(response, 404, 'file_not_found');
    else response.writeHead(200, { 'content-type': file.mimetype }).end(file.content);
    return true;
  };
}

function unavailable(response: ServerResponse, status: number | undefined): true {
  if (status === undefined) response.destroy();
  else sendText(response, status, 'Service Unavailable');
  return true;
}

function pause(ms: number): Promise<void> {
  // Nobody waits for an answer once the server is closed.
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
