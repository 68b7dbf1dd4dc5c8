import type {
  ChannelsSelect,
  ConversationsSelect,
  ExternalSelect,
  MultiChannelsSelect,
  MultiConversationsSelect,
  MultiExternalSelect,
  MultiStaticSelect,
  MultiUsersSelect,
  StaticSelect,
  UsersSelect,
} from '@slack/types';
import { z } from 'zod';
import { confirm, conversationFilter, optionGroup, plainOption, plainText } from './objects.ts';
import { flag, id, type Shape } from './shape.ts';

const common = {
  action_id: id,
  confirm: confirm.optional(),
  focus_on_load: flag,
  placeholder: plainText(150).optional(),
};
const several = { ...common, max_selected_items: z.number().int().min(1).optional() };
const choices = {
  options: z.array(plainOption).min(1).max(100).optional(),
  option_groups: z.array(optionGroup).min(1).max(100).optional(),
};
const queryLength = z.number().int().nonnegative().optional();
const ids = z.array(z.string()).optional();

function oneSource(select: { options?: unknown; option_groups?: unknown }): boolean {
  return (select.options === undefined) !== (select.option_groups === undefined);
}

export const selects = [
  z
    .strictObject({
      type: z.literal('static_select'),
      initial_option: plainOption.optional(),
      ...choices,
      ...common,
    } satisfies Shape<StaticSelect>)
    .refine(oneSource, 'must provide either options or option_groups'),
  z.strictObject({
    type: z.literal('external_select'),
    initial_option: plainOption.optional(),
    min_query_length: queryLength,
    ...common,
  } satisfies Shape<ExternalSelect>),
  z.strictObject({
    type: z.literal('users_select'),
    initial_user: z.string().optional(),
    ...common,
  } satisfies Shape<UsersSelect>),
  z.strictObject({
    type: z.literal('conversations_select'),
    initial_conversation: z.string().optional(),
    default_to_current_conversation: flag,
    filter: conversationFilter.optional(),
    response_url_enabled: flag,
    ...common,
  } satisfies Shape<ConversationsSelect>),
  z.strictObject({
    type: z.literal('channels_select'),
    initial_channel: z.string().optional(),
    response_url_enabled: flag,
    ...common,
  } satisfies Shape<ChannelsSelect>),
] as const;

export const multiSelects = [
  z
    .strictObject({
      type: z.literal('multi_static_select'),
      initial_options: z.array(plainOption).optional(),
      ...choices,
      ...several,
    } satisfies Shape<MultiStaticSelect>)
    .refine(oneSource, 'must provide either options or option_groups'),
  z.strictObject({
    type: z.literal('multi_external_select'),
    initial_options: z.array(plainOption).optional(),
    min_query_length: queryLength,
    ...several,
  } satisfies Shape<MultiExternalSelect>),
  z.strictObject({
    type: z.literal('multi_users_select'),
    initial_users: ids,
    ...several,
  } satisfies Shape<MultiUsersSelect>),
  z.strictObject({
    type: z.literal('multi_conversations_select'),
    initial_conversations: ids,
    default_to_current_conversation: flag,
    filter: conversationFilter.optional(),
    ...several,
  } satisfies Shape<MultiConversationsSelect>),
  z.strictObject({
    type: z.literal('multi_channels_select'),
    initial_channels: ids,
    ...several,
  } satisfies Shape<MultiChannelsSelect>),
] as const;
