import { APP_TOKEN, BOT_TOKEN } from '../slackSettings.ts';
import type { Json } from '../state.ts';
import type { World } from '../world.ts';
import { ApiError, rateLimited } from './apiError.ts';
import { type Args, readArgs } from './args.ts';
import { findChannel } from './channels.ts';
import { HANDLERS } from './handlers.ts';
import { acceptedScopes } from './scopes.ts';

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Json;
}

/** Methods that take the app-level token instead of the bot's. */
const APP_LEVEL = new Set(['apps.connections.open']);
const NO_TOKEN = new Set(['api.test']);

/**
 * Answers a Web API call as Slack does: HTTP 200 with `ok: false` for every refusal but a rate limit, which is 429 with
 * `Retry-After`. Unknown methods are `unknown_method`, not 404.
 */
export function dispatch(world: World, method: string, given: Json, token: string | undefined): ApiAnswer {
  const args = readArgs(given);
  const headers: Record<string, string> = {};
  let answer: ApiAnswer;
  try {
    const handler = HANDLERS[method];
    if (!handler) throw new ApiError('unknown_method', { req_method: method });
    checkToken(method, token);
    checkRate(world, method);
    const refused = world.faults.take('refused', method);
    if (refused) throw new ApiError(refused.fault.error ?? 'internal_error');
    Object.assign(headers, checkScopes(world, method, args));
    answer = { status: 200, headers, body: { ok: true, ...handler(args, world) } };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const body = { ok: false, error: error.code, ...error.extra };
    answer = { status: error.status, headers: { ...headers, ...error.headers }, body };
  }
  const { token: _secret, ...logged } = given;
  const failed = answer.body.ok === false ? { error: String(answer.body.error) } : {};
  world.calls.add({ method, args: logged, at: world.now(), ok: !failed.error, status: answer.status, ...failed });
  return answer;
}

function checkToken(method: string, token: string | undefined): void {
  if (NO_TOKEN.has(method)) return;
  if (!token) throw new ApiError('not_authed');
  if (token !== BOT_TOKEN && token !== APP_TOKEN) throw new ApiError('invalid_auth');
  const wanted = APP_LEVEL.has(method) ? APP_TOKEN : BOT_TOKEN;
  if (token !== wanted) throw new ApiError('not_allowed_token_type');
}

function checkRate(world: World, method: string): void {
  const fault = world.faults.take('rate_limited', method);
  if (fault) throw rateLimited(fault.secondsLeft);
  if (!world.settings.strict) return;
  const wait = world.rates.call(method);
  if (wait !== undefined) throw rateLimited(wait);
}

function checkScopes(world: World, method: string, args: Args): Record<string, string> {
  const granted = world.manifest.scopes;
  if (!granted || !world.settings.strict) return {};
  const channel = findChannel(world, args.text('channel') ?? args.text('channel_id') ?? '');
  const kind = channel?.kind ?? (args.flag('is_private') ? 'private' : undefined);
  const accepted = acceptedScopes(method, kind);
  const provided = [...granted].join(',');
  if (accepted.length > 0 && !accepted.some((scope) => granted.has(scope))) {
    throw new ApiError('missing_scope', { needed: accepted[0], provided });
  }
  return { 'x-oauth-scopes': provided, 'x-accepted-oauth-scopes': accepted.join(',') };
}
