import type {
  ConfirmationDialog,
  DispatchActionConfig,
  MrkdwnElement,
  MrkdwnOption,
  PlainTextElement,
  PlainTextOption,
  RawNumberElement,
  RawTextElement,
  SlackFile,
} from '@slack/types';
import { z } from 'zod';
import { chars, flag, link, type Shape } from './shape.ts';

/** `plain_text` of at most so many characters. */
export function plainText(most = 3000) {
  return z.strictObject({
    type: z.literal('plain_text'),
    text: chars(most),
    emoji: flag,
  } satisfies Shape<PlainTextElement>);
}

/** `mrkdwn` of at most so many characters. */
export function mrkdwn(most = 3000) {
  return z.strictObject({
    type: z.literal('mrkdwn'),
    text: chars(most),
    verbatim: flag,
  } satisfies Shape<MrkdwnElement>);
}

/** `plain_text` or `mrkdwn`. */
export function anyText(most = 3000) {
  return z.discriminatedUnion('type', [plainText(most), mrkdwn(most)]);
}

const optionFields = {
  value: chars(75).optional(),
  url: link.optional(),
  description: plainText(75).optional(),
};

export const plainOption = z.strictObject({ text: plainText(75), ...optionFields } satisfies Shape<PlainTextOption>);

const mrkdwnOption = z.strictObject({ text: mrkdwn(75), ...optionFields } satisfies Shape<MrkdwnOption>);

/** Options of checkboxes and radio buttons may be mrkdwn. */
export const anyOption = z.union([plainOption, mrkdwnOption]);

export const optionGroup = z.strictObject({ label: plainText(75), options: z.array(plainOption).min(1).max(100) });

export const confirm = z.strictObject({
  title: plainText(100).optional(),
  text: anyText(300),
  confirm: plainText(30).optional(),
  deny: plainText(30).optional(),
  style: z.enum(['primary', 'danger']).optional(),
} satisfies Shape<ConfirmationDialog>);

export const dispatchConfig = z.strictObject({
  trigger_actions_on: z.array(z.enum(['on_enter_pressed', 'on_character_entered'])).optional(),
} satisfies Shape<DispatchActionConfig>);

export const conversationFilter = z.strictObject({
  include: z
    .array(z.enum(['im', 'mpim', 'private', 'public']))
    .min(1)
    .optional(),
  exclude_external_shared_channels: flag,
  exclude_bot_users: flag,
});

export const slackFile: z.ZodType<SlackFile> = z.union([
  z.strictObject({ id: z.string().min(1) }),
  z.strictObject({ url: link }),
]);

export const rawText = z.strictObject({
  type: z.literal('raw_text'),
  text: z.string(),
} satisfies Shape<RawTextElement>);

export const rawNumber = z.strictObject({
  type: z.literal('raw_number'),
  value: z.number(),
  text: z.string(),
} satisfies Shape<RawNumberElement>);
