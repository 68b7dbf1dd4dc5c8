import { Fragment, type ReactNode } from 'react';
import { each } from '../each.ts';
import { channelOf, current, go, userOf } from '../store.ts';
import { formatDate } from './dates.ts';
import { Emoji, pictured, withEmoji } from './Emoji.tsx';

/** Slack's mrkdwn as elements. `plain` shows the characters as they are, but for emoji. */
export function Mrkdwn({ text, plain = false }: { text: string; plain?: boolean }) {
  if (plain) return <>{withEmoji(unescapeText(text))}</>;
  const parts = text.split(/(```[\s\S]*?```)/);
  return (
    <>
      {each(parts, (part) =>
        part.startsWith('```') && part.length >= 6 ? <Code text={part.slice(3, -3)} /> : lines(part),
      )}
    </>
  );
}

/** A preformatted block that scrolls sideways on its own, not with the page. */
export function Code({ text }: { text: string }) {
  const trimmed = text.replace(/^\n/, '').replace(/\n$/, '');
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
    <pre className="code" tabIndex={0}>
      {unescapeText(trimmed.replace(/<([^|>]+)(?:\|([^>]*))?>/g, (_, address, label) => label ?? address))}
    </pre>
  );
}

function lines(text: string): ReactNode[] {
  const blocks = text.split(/((?:^(?:&gt;|>)[^\n]*\n?)+)/m);
  return each(blocks, (block, index) => {
    if (!/^(?:&gt;|>)/.test(block)) return <>{inline(trimAround(block, index, blocks))}</>;
    const inner = block.replace(/\n$/, '').replace(/^(?:&gt;|>) ?/gm, '');
    return <blockquote>{inline(inner)}</blockquote>;
  });
}

/** A quote is a block of its own: the line break before and after it would be a second one. */
function trimAround(block: string, index: number, blocks: readonly string[]): string {
  return index < blocks.length - 1 ? block.replace(/\n$/, '') : block;
}

const INLINE = new RegExp(
  [
    '(?<code>`[^`\\n]+`)',
    '(?<entity><[^<>]+>)',
    '(?<bold>(?<![\\p{L}\\p{N}*])\\*(?! )[^*\\n]+(?<! )\\*(?![\\p{L}\\p{N}*]))',
    '(?<italic>(?<![\\p{L}\\p{N}_])_(?! )[^_\\n]+(?<! )_(?![\\p{L}\\p{N}_]))',
    '(?<strike>(?<![\\p{L}\\p{N}~])~(?! )[^~\\n]+(?<! )~(?![\\p{L}\\p{N}~]))',
    "(?<emoji>:[a-z0-9_+'-]+(?:::skin-tone-[2-6])?:)",
  ].join('|'),
  'gu',
);

function inline(text: string): ReactNode[] {
  const nodes: ReactNode[] = [];
  let at = 0;
  for (const match of text.matchAll(INLINE)) {
    if (match.index > at) nodes.push(words(text.slice(at, match.index), at));
    at = match.index + match[0].length;
    nodes.push(<Fragment key={match.index}>{token(match)}</Fragment>);
  }
  if (at < text.length) nodes.push(words(text.slice(at), at));
  return nodes;
}

function words(text: string, at: number): ReactNode {
  return <Fragment key={at}>{pictured(unescapeText(text))}</Fragment>;
}

function token(match: RegExpExecArray): ReactNode {
  const [whole] = match;
  const inner = whole.slice(1, -1);
  const groups = match.groups ?? {};
  if (groups.code) return <code>{unescapeText(inner)}</code>;
  if (groups.bold) return <strong>{inline(inner)}</strong>;
  if (groups.italic) return <em>{inline(inner)}</em>;
  if (groups.strike) return <s>{inline(inner)}</s>;
  if (groups.emoji) return <Emoji name={inner} />;
  return <Entity text={inner} />;
}

/** `<@U1>`, `<#C1|name>`, `<!subteam^S1>`, `<!date^...>`, `<!here>` or a link. */
function Entity({ text }: { text: string }) {
  const [target = '', label] = text.split('|');
  if (target.startsWith('@')) return <UserMention id={target.slice(1)} />;
  if (target.startsWith('#')) return <ChannelMention id={target.slice(1)} label={label} />;
  if (target.startsWith('!subteam^')) return <GroupMention id={target.slice('!subteam^'.length)} />;
  if (target.startsWith('!date^')) return <DateMention text={target} fallback={label ?? ''} />;
  if (target.startsWith('!')) return <span className="mention mention-me">@{target.slice(1)}</span>;
  return <Link url={unescapeText(target)} label={label ? unescapeText(label) : undefined} />;
}

export function UserMention({ id }: { id: string }) {
  const mine = current().me === id;
  return <span className={mine ? 'mention mention-me' : 'mention'}>@{userOf(id)?.real_name ?? id}</span>;
}

export function GroupMention({ id }: { id: string }) {
  const group = current().workspace?.usergroups.find((one) => one.id === id);
  const mine = group?.users.includes(current().me);
  return <span className={mine ? 'mention mention-me' : 'mention'}>@{group?.handle ?? id}</span>;
}

export function ChannelMention({ id, label }: { id: string; label?: string | undefined }) {
  const channel = channelOf(id);
  if (!channel) return <span className="mention">#{label ?? id}</span>;
  return (
    <button type="button" className="mention" onClick={() => go({ channel: id, thread: null, panel: null })}>
      #{channel.name}
    </button>
  );
}

/** A link; one to a message of this workspace is followed inside the page. */
export function Link({ url, label }: { url: string; label?: string | undefined }) {
  const safe = /^(https?|mailto|tel|slack):/i.test(url);
  if (!safe) return <>{label ?? url}</>;
  const inside = url.startsWith(`${location.origin}/archives/`);
  return (
    <a href={url} {...(inside ? {} : { target: '_blank', rel: 'noreferrer' })}>
      {label ?? url.replace(/^mailto:/, '')}
    </a>
  );
}

function DateMention({ text, fallback }: { text: string; fallback: string }) {
  const [, seconds = '', format = '', link] = text.split('^');
  const shown = formatDate(Number(seconds), format) ?? fallback;
  const time = <time dateTime={new Date(Number(seconds) * 1000 || 0).toISOString()}>{shown}</time>;
  return link ? <a href={link}>{time}</a> : time;
}

/** Undoes the three escapes Slack has. */
export function unescapeText(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
