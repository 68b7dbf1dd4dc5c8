import type {
  RichTextBlock,
  RichTextBroadcastMention,
  RichTextChannelMention,
  RichTextColor,
  RichTextDate,
  RichTextEmoji,
  RichTextLink,
  RichTextList,
  RichTextPreformatted,
  RichTextQuote,
  RichTextSection,
  RichTextTeamMention,
  RichTextText,
  RichTextUsergroupMention,
  RichTextUserMention,
} from '@slack/types';
import { z } from 'zod';
import { flag, id, type Shape } from './shape.ts';

const style = z.strictObject({ bold: flag, code: flag, italic: flag, strike: flag, underline: flag }).optional();
const border = z.union([z.literal(0), z.literal(1)]).optional();

const text = z.strictObject({
  type: z.literal('text'),
  text: z.string().min(1),
  style,
} satisfies Shape<RichTextText>);

const link = z.strictObject({
  type: z.literal('link'),
  url: z.string().min(1).max(3000),
  text: z.string().optional(),
  unsafe: flag,
  style,
} satisfies Shape<RichTextLink>);

const leaf = z.discriminatedUnion('type', [
  text,
  link,
  z.strictObject({
    type: z.literal('broadcast'),
    range: z.enum(['here', 'channel', 'everyone']),
    style,
  } satisfies Shape<RichTextBroadcastMention>),
  z.strictObject({ type: z.literal('color'), value: z.string(), style } satisfies Shape<RichTextColor>),
  z.strictObject({ type: z.literal('channel'), channel_id: z.string(), style } satisfies Shape<RichTextChannelMention>),
  z.strictObject({
    type: z.literal('date'),
    timestamp: z.number(),
    format: z.string(),
    url: z.string().optional(),
    fallback: z.string().optional(),
    style,
  } satisfies Shape<RichTextDate>),
  z.strictObject({
    type: z.literal('emoji'),
    name: z.string().min(1),
    unicode: z.string().optional(),
    url: z.string().optional(),
    style,
  } satisfies Shape<RichTextEmoji>),
  z.strictObject({ type: z.literal('team'), team_id: z.string(), style } satisfies Shape<RichTextTeamMention>),
  z.strictObject({ type: z.literal('user'), user_id: z.string(), style } satisfies Shape<RichTextUserMention>),
  z.strictObject({
    type: z.literal('usergroup'),
    usergroup_id: z.string(),
    style,
  } satisfies Shape<RichTextUsergroupMention>),
]);

const section = z.strictObject({
  type: z.literal('rich_text_section'),
  elements: z.array(leaf),
} satisfies Shape<RichTextSection>);

export const richText = z.strictObject({
  type: z.literal('rich_text'),
  block_id: id,
  elements: z.array(
    z.discriminatedUnion('type', [
      section,
      z.strictObject({
        type: z.literal('rich_text_list'),
        elements: z.array(section),
        style: z.enum(['bullet', 'ordered']),
        indent: z.number().int().min(0).max(8).optional(),
        border,
        // Documented, but not in the typings: the number an ordered list goes on from.
        offset: z.number().int().nonnegative().optional(),
      } satisfies Shape<RichTextList & { offset?: number }>),
      z.strictObject({
        type: z.literal('rich_text_quote'),
        elements: z.array(leaf),
        border,
      } satisfies Shape<RichTextQuote>),
      z.strictObject({
        type: z.literal('rich_text_preformatted'),
        elements: z.array(z.discriminatedUnion('type', [text, link])),
        border,
      } satisfies Shape<RichTextPreformatted>),
    ]),
  ),
} satisfies Shape<RichTextBlock>);
