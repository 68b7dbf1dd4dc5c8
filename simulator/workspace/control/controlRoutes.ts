import { ApiError } from '../api/apiError.ts';
import { isObject } from '../blocks/blockIds.ts';
import { readBody } from '../body.ts';
import { isForeign, type Route, sendJson } from '../server.ts';
import type { Json } from '../state.ts';
import type { World } from '../world.ts';
import type { ControlParts } from './actions.ts';
import { CONTROL } from './actions.ts';

const MOST_BYTES = 64 * 1024 * 1024;

/**
 * `POST /control/<action>` with JSON: what people, and people testing, do in the workspace. Answers 200 with the result, or
 * 400 with `{error}`. Requests from pages of other sites are refused.
 */
export function controlRoute(world: World, parts: ControlParts): Route {
  return async (request, response, url) => {
    const name = /^\/control\/(\w+)$/.exec(url.pathname)?.[1];
    if (!name) return false;
    if (isForeign(request)) {
      sendJson(response, 403, { error: 'only the page of this workspace may do that' });
      return true;
    }
    const action = CONTROL[name];
    if (!action) {
      sendJson(response, 404, { error: `no control action ${name}; there are ${Object.keys(CONTROL).join(', ')}` });
      return true;
    }
    try {
      const given = parse(await readBody(request, MOST_BYTES), url.searchParams);
      sendJson(response, 200, (await action(world, given, parts)) ?? {});
    } catch (error) {
      const reason = error instanceof ApiError ? { error: error.code, ...error.extra } : { error: String(error) };
      sendJson(response, 400, reason);
    }
    return true;
  };
}

function parse(body: Buffer, query: URLSearchParams): Json {
  if (body.length === 0) return Object.fromEntries(query);
  const parsed: unknown = JSON.parse(body.toString('utf8'));
  if (!isObject(parsed)) throw new ApiError('a JSON object is wanted');
  return parsed;
}
