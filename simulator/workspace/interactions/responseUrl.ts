import { ApiError, rateLimited } from '../api/apiError.ts';
import { readArgs } from '../api/args.ts';
import { readContent } from '../api/chat.ts';
import { edit, post, postEphemeral, remove } from '../messages.ts';
import { BOT_USER } from '../seed.ts';
import type { Channel, Json, Message, ResponseUrl } from '../state.ts';
import type { World } from '../world.ts';

export interface UrlAnswer {
  readonly status: number;
  readonly text: string;
  readonly headers?: Record<string, string>;
}

/** What an app posts to a response URL: no token, five times, thirty minutes. `path` is `commands/T.../...`. */
export function respond(world: World, path: string, body: Json): UrlAnswer {
  const target = world.state.responseUrls.get(path);
  const channel = target && world.state.channels.get(target.channel);
  if (!target || !channel) return { status: 404, text: 'no_service' };
  if (target.expiresAt <= world.now()) return { status: 404, text: 'expired_url' };
  if (target.uses >= world.settings.responseUrlUses) return { status: 404, text: 'used_url' };
  try {
    target.uses += 1;
    act(world, target, channel, body);
    return { status: 200, text: 'ok' };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { status: error.status === 429 ? 429 : 400, text: error.code, headers: error.headers };
  }
}

function act(world: World, target: ResponseUrl, channel: Channel, body: Json): void {
  const source = target.source && findSource(channel, target.source.ts);
  if (body.delete_original === true || body.delete_original === 'true') {
    if (source) remove(world, channel, source);
    return;
  }
  const { draft } = readContent(readArgs(body), world);
  const replace = body.replace_original === true || body.replace_original === 'true';
  if (replace && source) {
    const { text, blocks, attachments } = draft;
    edit(world, channel, source, { text, ...(blocks ? { blocks } : {}), ...(attachments ? { attachments } : {}) });
    return;
  }
  if (channel.is_archived) throw new ApiError('is_archived');
  const wait = world.settings.strict ? world.rates.post(channel.id) : undefined;
  if (wait !== undefined) throw rateLimited(wait);
  const thread_ts = typeof body.thread_ts === 'string' ? body.thread_ts : target.source?.thread_ts;
  const message = { ...draft, user: BOT_USER, ...(thread_ts ? { thread_ts } : {}) };
  if (body.response_type === 'in_channel') post(world, channel, message);
  else postEphemeral(world, channel, target.user, message);
}

function findSource(channel: Channel, ts: string): Message | undefined {
  return channel.messages.get(ts) ?? channel.ephemerals.find((one) => one.ts === ts);
}
