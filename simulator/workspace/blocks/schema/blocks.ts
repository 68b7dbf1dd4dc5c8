import type {
  ActionsBlock,
  AlertBlock,
  CardBlock,
  CarouselBlock,
  ContainerBlock,
  ContextActionsBlock,
  ContextBlock,
  DataTableBlock,
  DividerBlock,
  FileBlock,
  HeaderBlock,
  InputBlock,
  MarkdownBlock,
  PlanBlock,
  SectionBlock,
  TableBlock,
  TaskCardBlock,
  VideoBlock,
} from '@slack/types';
import { z } from 'zod';
import * as element from './elementShapes.ts';
import { anyText, mrkdwn, plainText, rawNumber, rawText } from './objects.ts';
import { richText } from './richText.ts';
import { multiSelects, selects } from './selects.ts';
import { chars, flag, id, link, type Shape } from './shape.ts';

const actions = z.strictObject({
  type: z.literal('actions'),
  block_id: id,
  elements: z
    .array(
      z.discriminatedUnion('type', [
        element.button,
        element.checkboxes,
        element.datepicker,
        element.datetimepicker,
        element.overflow,
        element.radioButtons,
        element.timepicker,
        element.workflowButton,
        element.richTextInput,
        ...selects,
        ...multiSelects,
      ]),
    )
    .min(1)
    .max(25),
} satisfies Shape<ActionsBlock>);

const section = z
  .strictObject({
    type: z.literal('section'),
    block_id: id,
    text: anyText(3000).optional(),
    fields: z.array(anyText(2000)).min(1).max(10).optional(),
    accessory: z
      .discriminatedUnion('type', [
        element.button,
        element.checkboxes,
        element.datepicker,
        element.image,
        element.overflow,
        element.radioButtons,
        element.timepicker,
        element.workflowButton,
        ...selects,
        ...multiSelects,
      ])
      .optional(),
    expand: flag,
  } satisfies Shape<SectionBlock>)
  .refine((block) => block.text !== undefined || block.fields !== undefined, 'must provide text or fields');

const input = z.strictObject({
  type: z.literal('input'),
  block_id: id,
  label: plainText(2000),
  hint: plainText(2000).optional(),
  optional: flag,
  dispatch_action: flag,
  element: z.discriminatedUnion('type', [
    element.checkboxes,
    element.datepicker,
    element.datetimepicker,
    element.radioButtons,
    element.timepicker,
    element.richTextInput,
    ...element.inputs,
    ...selects,
    ...multiSelects,
  ]),
} satisfies Shape<InputBlock>);

const context = z.strictObject({
  type: z.literal('context'),
  block_id: id,
  elements: z
    .array(z.discriminatedUnion('type', [element.image, plainText(), mrkdwn()]))
    .min(1)
    .max(10),
} satisfies Shape<ContextBlock>);

const contextActions = z.strictObject({
  type: z.literal('context_actions'),
  block_id: id,
  elements: z
    .array(z.discriminatedUnion('type', [element.feedbackButtons, element.iconButton]))
    .min(1)
    .max(5),
} satisfies Shape<ContextActionsBlock>);

const header = z.strictObject({
  type: z.literal('header'),
  block_id: id,
  text: plainText(150),
} satisfies Shape<HeaderBlock>);

const divider = z.strictObject({ type: z.literal('divider'), block_id: id } satisfies Shape<DividerBlock>);

const markdown = z.strictObject({
  type: z.literal('markdown'),
  block_id: id,
  text: chars(12_000),
} satisfies Shape<MarkdownBlock>);

const file = z.strictObject({
  type: z.literal('file'),
  block_id: id,
  source: z.string(),
  external_id: z.string(),
} satisfies Shape<FileBlock>);

const cell = z.discriminatedUnion('type', [rawText, rawNumber, richText]);

const table = z.strictObject({
  type: z.literal('table'),
  block_id: id,
  rows: z.array(z.array(cell).min(1).max(20)).min(1).max(100),
  column_settings: z
    .array(z.strictObject({ align: z.enum(['left', 'center', 'right']).optional(), is_wrapped: flag }))
    .max(20)
    .optional(),
} satisfies Shape<TableBlock>);

const dataTable = z
  .strictObject({
    type: z.literal('data_table'),
    block_id: id,
    rows: z.array(z.array(cell).min(1).max(20)).min(2).max(101),
    caption: chars(2000),
    page_size: z.number().int().min(1).max(100).optional(),
    row_header_column_index: z.number().int().nonnegative().optional(),
  } satisfies Shape<DataTableBlock>)
  .refine((block) => new Set(block.rows.map((row) => row.length)).size === 1, 'all rows must have the same width');

const video = z.strictObject({
  type: z.literal('video'),
  block_id: id,
  video_url: link,
  thumbnail_url: link,
  alt_text: chars(2000),
  title: plainText(199),
  title_url: link.optional(),
  author_name: chars(49).optional(),
  provider_name: z.string().optional(),
  provider_icon_url: link.optional(),
  description: plainText(200).optional(),
} satisfies Shape<VideoBlock>);

const alert = z.strictObject({
  type: z.literal('alert'),
  block_id: id,
  text: anyText(200),
  level: z.enum(['default', 'info', 'warning', 'error', 'success']).optional(),
} satisfies Shape<AlertBlock>);

const card = z.strictObject({
  type: z.literal('card'),
  block_id: id,
  hero_image: element.image.optional(),
  icon: element.image.optional(),
  title: mrkdwn(150).optional(),
  subtitle: mrkdwn(150).optional(),
  body: mrkdwn(200).optional(),
  // Documented, but not in the typings.
  subtext: mrkdwn(200).optional(),
  actions: z.array(element.button).max(3).optional(),
} satisfies Shape<CardBlock & { subtext?: CardBlock['body'] }>);

const carousel = z.strictObject({
  type: z.literal('carousel'),
  block_id: id,
  elements: z.array(card).min(1).max(10),
} satisfies Shape<CarouselBlock>);

const taskCard = z.strictObject({
  type: z.literal('task_card'),
  block_id: id,
  task_id: z.string(),
  title: z.string(),
  details: richText.optional(),
  output: richText.optional(),
  sources: z.array(z.strictObject({ type: z.literal('url'), url: link, text: z.string() })).optional(),
  status: z.enum(['pending', 'in_progress', 'complete', 'error']),
} satisfies Shape<TaskCardBlock>);

const plan = z.strictObject({
  type: z.literal('plan'),
  block_id: id,
  title: z.string(),
  tasks: z.array(z.union([taskCard, z.record(z.string(), z.unknown())])).optional(),
} satisfies Shape<PlanBlock>);

const container = z.strictObject({
  type: z.literal('container'),
  block_id: id,
  title: plainText(150).optional(),
  rich_text_title: richText.optional(),
  subtitle: anyText(150).optional(),
  child_blocks: z
    .array(
      z.discriminatedUnion('type', [
        actions,
        context,
        divider,
        file,
        header,
        element.imageBlock,
        input,
        richText,
        section,
        table,
        video,
      ]),
    )
    .max(10),
  width: z.enum(['narrow', 'standard', 'wide', 'full']).optional(),
  icon: element.image.optional(),
  is_collapsible: flag,
  default_collapsed: flag,
  has_header_divider: flag,
} satisfies Shape<ContainerBlock>);

/** Every block of `@slack/types`, with the limits Slack documents. */
export const block = z.discriminatedUnion('type', [
  actions,
  alert,
  card,
  carousel,
  container,
  context,
  contextActions,
  dataTable,
  divider,
  file,
  header,
  element.imageBlock,
  input,
  markdown,
  richText,
  section,
  table,
  taskCard,
  plan,
  video,
]);
