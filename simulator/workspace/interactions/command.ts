import { ApiError } from '../api/apiError.ts';
import { readArgs } from '../api/args.ts';
import { readContent } from '../api/chat.ts';
import type { Ack } from '../delivery/ack.ts';
import { post, postEphemeral } from '../messages.ts';
import { APP_ID, BOT_USER, SLACKBOT, TEAM_DOMAIN, TEAM_ID } from '../seed.ts';
import type { Channel, Json } from '../state.ts';
import { encodeTyped } from '../typed.ts';
import type { World } from '../world.ts';
import { channelName, newResponseUrl, newTrigger } from './origin.ts';

/** A slash command as a person typed it, e.g. `/lambda diag jobs`. Resolves once the app acknowledged or Slack gave up. */
export async function runCommand(
  world: World,
  typed: { readonly user: string; readonly channel: Channel; readonly text: string; readonly thread?: string },
): Promise<Ack> {
  const { user, channel } = typed;
  const [command = '', ...rest] = typed.text.trim().split(/\s/);
  const known = world.manifest.commands.find((one) => one.command === command);
  const tell = (text: string) =>
    postEphemeral(world, channel, user, { user: SLACKBOT, text, ...(typed.thread ? { thread_ts: typed.thread } : {}) });
  if (!known) {
    tell(`\`${command}\` is not a valid command.`);
    return { outcome: 'dispatch_failed', because: `${command} is not a command of the app` };
  }
  if (typed.thread) {
    // Slack has never run slash commands in threads; the person is told in these words.
    tell(`${command} is not supported in threads. Sorry!`);
    return { outcome: 'dispatch_failed', because: 'commands are not supported in threads' };
  }
  const text = rest.join(' ').trim();
  const payload: Json = {
    token: 'simulated-verification-token',
    team_id: TEAM_ID,
    team_domain: TEAM_DOMAIN,
    channel_id: channel.id,
    channel_name: channelName(channel),
    user_id: user,
    user_name: world.state.users.get(user)?.name ?? user,
    command,
    text: known.should_escape ? encodeTyped(world, text) : text,
    api_app_id: APP_ID,
    is_enterprise_install: 'false',
    response_url: newResponseUrl(world, 'commands', user, channel.id),
    trigger_id: newTrigger(world, user),
  };
  const ack = await world.outbound.interactive('slash_commands', payload);
  if (ack.outcome !== 'acked') tell(`${command} failed with the error "${ack.outcome}"`);
  else showAnswer(world, channel, user, ack.body);
  return ack;
}

function showAnswer(world: World, channel: Channel, user: string, body: Json | string | null): void {
  if (body === null) return;
  if (typeof body === 'string') {
    postEphemeral(world, channel, user, { user: BOT_USER, text: body });
    return;
  }
  try {
    const { draft } = readContent(readArgs(body), world);
    if (body.response_type === 'in_channel') post(world, channel, { ...draft, user: BOT_USER });
    else postEphemeral(world, channel, user, { ...draft, user: BOT_USER });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    postEphemeral(world, channel, user, { user: SLACKBOT, text: `The app's answer could not be shown: ${error.code}` });
  }
}
