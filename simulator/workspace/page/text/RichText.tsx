import type { RichTextBlock, RichTextElement } from '@slack/types';
import type { ReactNode } from 'react';
import { each } from '../each.ts';
import { formatDate } from './dates.ts';
import { Emoji, pictured } from './Emoji.tsx';
import { ChannelMention, GroupMention, Link, UserMention } from './mrkdwn.tsx';

type Container = RichTextBlock['elements'][number];

/** A rich_text block. */
export function RichText({ block }: { block: RichTextBlock }) {
  return (
    <>
      {each(block.elements, (element) => (
        <Part element={element} />
      ))}
    </>
  );
}

function Part({ element }: { element: Container }) {
  switch (element.type) {
    case 'rich_text_section':
      return <p className="rich">{leaves(element.elements)}</p>;
    case 'rich_text_quote':
      return <blockquote>{leaves(element.elements)}</blockquote>;
    case 'rich_text_preformatted':
      return (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
        <pre className="code" tabIndex={0}>
          {leaves(element.elements)}
        </pre>
      );
    case 'rich_text_list': {
      const List = element.style === 'ordered' ? 'ol' : 'ul';
      return (
        <List className="rich-list" style={{ marginInlineStart: `${(element.indent ?? 0) * 1.5}em` }}>
          {each(element.elements, (item) => (
            <li>{leaves(item.elements)}</li>
          ))}
        </List>
      );
    }
  }
}

function leaves(elements: readonly RichTextElement[]): ReactNode[] {
  return each(elements, (element) => <Leaf element={element} />);
}

function Leaf({ element }: { element: RichTextElement }) {
  const { style } = element;
  let node = content(element);
  if (style?.code) node = <code>{node}</code>;
  if (style?.strike) node = <s>{node}</s>;
  if (style?.underline) node = <u>{node}</u>;
  if (style?.italic) node = <em>{node}</em>;
  if (style?.bold) node = <strong>{node}</strong>;
  return <>{node}</>;
}

function content(element: RichTextElement): ReactNode {
  switch (element.type) {
    case 'text':
      return pictured(element.text);
    case 'emoji':
      return <Emoji name={element.name} />;
    case 'link':
      return <Link url={element.url} label={element.text} />;
    case 'user':
      return <UserMention id={element.user_id} />;
    case 'usergroup':
      return <GroupMention id={element.usergroup_id} />;
    case 'channel':
      return <ChannelMention id={element.channel_id} />;
    case 'broadcast':
      return <span className="mention mention-me">@{element.range}</span>;
    case 'date':
      return formatDate(element.timestamp, element.format) ?? element.fallback ?? '';
    case 'color':
      return (
        <>
          <span className="swatch" style={{ background: element.value }} /> {element.value}
        </>
      );
    case 'team':
      return element.team_id;
  }
}
