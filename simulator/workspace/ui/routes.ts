import type { ServerResponse } from 'node:http';
import { publicChannel } from '../api/channels.ts';
import { publicUser } from '../api/people.ts';
import { readBody } from '../body.ts';
import type { Change } from '../changes.ts';
import { publicFile } from '../files.ts';
import { pageMessage } from '../publicMessage.ts';
import { APP_ID, BOT_USER, TEAM_NAME } from '../seed.ts';
import { isForeign, type Route, sendJson, sendText } from '../server.ts';
import type { Channel, Json } from '../state.ts';
import { publicView } from '../views.ts';
import type { World } from '../world.ts';

/** What a channel shows at once; older messages are in the history, not on the page. */
const SHOWN = 1_500;
const KEEP_ALIVE_MS = 15_000;

/** What the page reads: `/ui/workspace`, `/ui/channel/:id`, `/ui/personal/:user`, `/ui/files/:id` and the stream `/ui/stream`. */
export function uiRoute(world: World, scenarioControl: string | undefined): Route {
  return async (request, response, url) => {
    const [, ui, what, id] = url.pathname.split('/');
    if (ui !== 'ui') return false;
    if (what === 'stream') stream(world, response);
    else if (what === 'workspace') sendJson(response, 200, workspace(world, scenarioControl !== undefined));
    else if (what === 'channel') sendChannel(world, response, id ?? '');
    else if (what === 'personal') sendJson(response, 200, personal(world, id ?? ''));
    else if (what === 'files') sendFile(world, response, id ?? '', url.searchParams.has('download'));
    else if (what === 'scenarios') await proxy(scenarioControl, request, response, url.pathname);
    else return false;
    return true;
  };
}

function workspace(world: World, scenarios: boolean): Json {
  return {
    name: TEAM_NAME,
    app: { id: APP_ID, user: BOT_USER },
    users: [...world.state.users.values()].map((user) => ({
      ...publicUser(world, user),
      is_stranger: user.is_stranger,
    })),
    usergroups: [...world.state.usergroups.values()],
    channels: [...world.state.channels.values()].map((channel) => ({
      ...publicChannel(channel),
      id: channel.id,
      name: channel.name,
      members: [...channel.members],
      bookmarks: channel.bookmarks,
    })),
    commands: world.manifest.commands,
    shortcuts: world.manifest.shortcuts,
    homeEnabled: world.manifest.homeEnabled,
    scenarios,
    now: world.now(),
  };
}

function sendChannel(world: World, response: ServerResponse, id: string): void {
  const channel: Channel | undefined = world.state.channels.get(id);
  if (!channel) {
    sendJson(response, 404, { error: 'channel_not_found' });
    return;
  }
  const messages = [...channel.messages.values()].slice(-SHOWN).concat(channel.ephemerals);
  sendJson(response, 200, { messages: messages.map((message) => pageMessage(world, channel, message)) });
}

/** What only one person sees: open modals and the Home tab. */
function personal(world: World, user: string): Json {
  const home = world.state.homes.get(user);
  return {
    modals: (world.state.modals.get(user) ?? []).map((view) => ({ ...publicView(view), errors: view.errors })),
    home: home ? publicView(home) : null,
  };
}

function sendFile(world: World, response: ServerResponse, id: string, download: boolean): void {
  const file = world.state.files.get(id);
  const shown = file && publicFile(world, id);
  if (!file || !shown) {
    sendText(response, 404, 'file_not_found');
    return;
  }
  const disposition = download ? 'attachment' : 'inline';
  // Only pictures and plain text are shown as they are: an uploaded page or script must not run in the page's name.
  const type = /^image\/(png|jpeg|gif)$/.test(file.mimetype) ? file.mimetype : 'text/plain; charset=utf-8';
  response.writeHead(200, {
    'content-type': file.mimetype === 'image/svg+xml' ? 'image/svg+xml' : type,
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    'x-content-type-options': 'nosniff',
    'content-disposition': `${disposition}; filename*=UTF-8''${encodeURIComponent(file.name)}`,
  });
  response.end(file.content);
}

function stream(world: World, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  response.write('retry: 1000\n\n');
  const stop = world.changes.subscribe((change: Change) => {
    response.write(`data: ${JSON.stringify(change)}\n\n`);
  });
  const alive = setInterval(() => response.write(': here\n\n'), KEEP_ALIVE_MS);
  alive.unref();
  response.on('close', () => {
    clearInterval(alive);
    stop();
  });
}

/** Hands `/ui/scenarios...` on to the scenarios' own control API, whose paths may also be written out in full. */
async function proxy(
  base: string | undefined,
  request: Parameters<Route>[0],
  response: ServerResponse,
  path: string,
): Promise<void> {
  if (isForeign(request)) return sendJson(response, 403, { error: 'only the page of this workspace may do that' });
  if (!base) return sendJson(response, 404, { error: 'this workspace runs without scenarios' });
  const rest = path.slice('/ui/scenarios'.length);
  const target = /^\/(runs|speed|scenarios|faults)(\/|$)/.test(rest) ? rest : `/scenarios${rest}`;
  try {
    const body = await readBody(request, 64 * 1024);
    const answer = await fetch(new URL(target.slice(1), base.endsWith('/') ? base : `${base}/`), {
      method: request.method ?? 'GET',
      headers: { 'content-type': 'application/json' },
      ...(body.length > 0 ? { body: new Uint8Array(body) } : {}),
      signal: AbortSignal.timeout(10_000),
    });
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'application/json' });
    response.end(Buffer.from(await answer.arrayBuffer()));
  } catch (error) {
    sendJson(response, 502, { error: `the scenarios do not answer: ${String(error)}` });
  }
}
