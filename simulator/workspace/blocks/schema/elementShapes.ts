import type {
  Button,
  Checkboxes,
  Datepicker,
  DateTimepicker,
  EmailInput,
  FeedbackButtons,
  FileInput,
  IconButton,
  ImageBlock,
  ImageElement,
  NumberInput,
  Overflow,
  PlainTextInput,
  RadioButtons,
  RichTextInput,
  Timepicker,
  URLInput,
  WorkflowButton,
} from '@slack/types';
import { z } from 'zod';
import { anyOption, confirm, dispatchConfig, plainOption, plainText, slackFile } from './objects.ts';
import { richText } from './richText.ts';
import { chars, flag, id, link, publicLink, type Shape } from './shape.ts';

const style = z.enum(['primary', 'danger']).optional();
const label = chars(75).optional();
const placeholder = plainText(150).optional();
const asked = { action_id: id, confirm: confirm.optional() };
const entered = { action_id: id, dispatch_action_config: dispatchConfig.optional(), focus_on_load: flag, placeholder };

export const button = z.strictObject({
  type: z.literal('button'),
  text: plainText(75),
  value: chars(2000).optional(),
  url: link.optional(),
  style,
  accessibility_label: label,
  ...asked,
} satisfies Shape<Button>);

export const checkboxes = z.strictObject({
  type: z.literal('checkboxes'),
  options: z.array(anyOption).min(1).max(10),
  initial_options: z.array(anyOption).optional(),
  focus_on_load: flag,
  ...asked,
} satisfies Shape<Checkboxes>);

export const radioButtons = z.strictObject({
  type: z.literal('radio_buttons'),
  options: z.array(anyOption).min(1).max(10),
  initial_option: anyOption.optional(),
  focus_on_load: flag,
  ...asked,
} satisfies Shape<RadioButtons>);

export const overflow = z.strictObject({
  type: z.literal('overflow'),
  options: z.array(plainOption).min(1).max(5),
  ...asked,
} satisfies Shape<Overflow>);

export const datepicker = z.strictObject({
  type: z.literal('datepicker'),
  initial_date: z
    .string()
    .regex(/^\d{4}-\d\d-\d\d$/)
    .optional(),
  focus_on_load: flag,
  placeholder,
  ...asked,
} satisfies Shape<Datepicker>);

export const timepicker = z.strictObject({
  type: z.literal('timepicker'),
  initial_time: z
    .string()
    .regex(/^\d\d:\d\d$/)
    .optional(),
  timezone: z.string().optional(),
  focus_on_load: flag,
  placeholder,
  ...asked,
} satisfies Shape<Timepicker>);

export const datetimepicker = z.strictObject({
  type: z.literal('datetimepicker'),
  initial_date_time: z.number().int().min(1_000_000_000).max(9_999_999_999).optional(),
  focus_on_load: flag,
  ...asked,
} satisfies Shape<DateTimepicker>);

export const workflowButton = z.strictObject({
  type: z.literal('workflow_button'),
  text: plainText(75),
  workflow: z.strictObject({
    trigger: z.strictObject({
      url: link,
      customizable_input_parameters: z.array(z.strictObject({ name: z.string(), value: z.string() })).optional(),
    }),
  }),
  style,
  accessibility_label: label,
  ...asked,
} satisfies Shape<WorkflowButton>);

const feedback = z.strictObject({ text: plainText(75), accessibility_label: label, value: chars(2000) });

export const feedbackButtons = z.strictObject({
  type: z.literal('feedback_buttons'),
  action_id: id,
  positive_button: feedback,
  negative_button: feedback,
} satisfies Shape<FeedbackButtons>);

export const iconButton = z.strictObject({
  type: z.literal('icon_button'),
  icon: z.string(),
  text: plainText(75),
  accessibility_label: label,
  value: chars(2000).optional(),
  visible_to_user_ids: z.array(z.string()).optional(),
  ...asked,
} satisfies Shape<IconButton>);

const picture = {
  type: z.literal('image'),
  alt_text: chars(2000),
  image_url: publicLink.optional(),
  slack_file: slackFile.optional(),
};

function onePicture(given: { image_url?: unknown; slack_file?: unknown }): boolean {
  return (given.image_url === undefined) !== (given.slack_file === undefined);
}

const ONE_PICTURE = 'must provide either image_url or slack_file';
const flatImage = z.strictObject(picture).refine(onePicture, ONE_PICTURE);
const flatBlock = z
  .strictObject({ ...picture, block_id: id, title: plainText(2000).optional() })
  .refine(onePicture, ONE_PICTURE);

/** A picture names either an address or a file of Slack's, never both: what the refinement makes sure of, told to the compiler. */
export const image = flatImage as typeof flatImage & { _zod: { output: ImageElement } };
export const imageBlock = flatBlock as typeof flatBlock & { _zod: { output: ImageBlock } };

export const inputs = [
  z.strictObject({
    type: z.literal('plain_text_input'),
    initial_value: z.string().max(3000).optional(),
    multiline: flag,
    min_length: z.number().int().min(0).max(3000).optional(),
    max_length: z.number().int().min(1).max(3000).optional(),
    ...entered,
  } satisfies Shape<PlainTextInput>),
  z.strictObject({
    type: z.literal('email_text_input'),
    initial_value: z.string().optional(),
    ...entered,
  } satisfies Shape<EmailInput>),
  z.strictObject({
    type: z.literal('url_text_input'),
    initial_value: z.string().optional(),
    ...entered,
  } satisfies Shape<URLInput>),
  z.strictObject({
    type: z.literal('number_input'),
    is_decimal_allowed: z.boolean(),
    initial_value: z.string().optional(),
    min_value: z.string().optional(),
    max_value: z.string().optional(),
    ...entered,
  } satisfies Shape<NumberInput>),
  z.strictObject({
    type: z.literal('file_input'),
    action_id: id,
    filetypes: z.array(z.string()).optional(),
    max_files: z.number().int().min(1).max(10).optional(),
  } satisfies Shape<FileInput>),
] as const;

export const richTextInput = z.strictObject({
  type: z.literal('rich_text_input'),
  initial_value: richText.optional(),
  min_lines: z.number().int().min(1).max(100).optional(),
  max_lines: z.number().int().min(1).max(100).optional(),
  ...entered,
} satisfies Shape<RichTextInput>);
