import type { World } from './world.ts';

/** What Slack links by itself when it looks like a host name. */
const LINKED_ENDINGS = 'com|org|net|io|dev|app|sh|co|eu|de|uk|us|ai|cloud|run';
const PATTERN = new RegExp(
  [
    '(?<entity><(?:@|#|!)[^<>\\s]+>|<https?:[^<>\\s]+>)',
    '(?<code>```[\\s\\S]*?```|`[^`\\n]+`)',
    '(?<url>https?://[^\\s<>]+)',
    `(?<host>\\b(?:[a-z0-9-]+\\.)+(?:${LINKED_ENDINGS})\\b(?:/[^\\s<>]*)?)`,
    '@(?<at>[\\p{L}\\p{N}._-]+)',
    '#(?<hash>[\\p{L}\\p{N}_-]+)',
    '(?<special>[&<>])',
  ].join('|'),
  'giu',
);

/**
 * Typed text in the form an app receives: `&`, `<` and `>` escaped, addresses linked, `@name`, `@group` and `#channel`
 * turned into ids. Entities already written as `<@U...>` stay.
 */
export function encodeTyped(world: World, text: string): string {
  return text.replace(PATTERN, (match, ...rest) => {
    const groups = rest.at(-1) as Record<string, string | undefined>; // with named groups the last argument is them
    if (groups.entity) return match;
    if (groups.code) return escapeText(match);
    if (groups.url) return `<${escapeText(match)}>`;
    if (groups.host) return `<http://${escapeText(match)}|${escapeText(match)}>`;
    if (groups.at) return mention(world, groups.at) ?? match;
    if (groups.hash) return channelLink(world, groups.hash) ?? match;
    return escapeText(match);
  });
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function mention(world: World, name: string): string | undefined {
  const wanted = name.toLowerCase();
  if (['here', 'channel', 'everyone'].includes(wanted)) return `<!${wanted}>`;
  const user = [...world.state.users.values()].find((one) => one.name.toLowerCase() === wanted);
  if (user) return `<@${user.id}>`;
  const group = [...world.state.usergroups.values()].find((one) => one.handle === wanted);
  return group ? `<!subteam^${group.id}|@${group.handle}>` : undefined;
}

function channelLink(world: World, name: string): string | undefined {
  const channel = [...world.state.channels.values()].find(
    (one) => one.name === name.toLowerCase() && one.kind !== 'im',
  );
  return channel ? `<#${channel.id}|${channel.name}>` : undefined;
}
