import type { Json, Values } from '../state.ts';
import { isObject } from './blockIds.ts';

/** An interactive element and the block it stands in. */
export interface Placed {
  readonly blockId: string;
  readonly element: Json;
}

/** What a person chose or typed: the option's value or the text; several for multi-selects and checkboxes. */
export type Chosen = string | readonly string[];

/** All interactive elements of some blocks, in reading order; attachments are passed as their blocks. */
export function placedElements(blocks: readonly Json[]): Placed[] {
  return blocks.flatMap((block) => {
    const blockId = String(block.block_id ?? '');
    const inside = Array.isArray(block.elements) ? block.elements : [];
    const children = Array.isArray(block.child_blocks) ? placedElements(block.child_blocks.filter(isObject)) : [];
    return [
      ...[block.accessory, block.element, ...inside]
        .filter(isObject)
        .filter((element) => typeof element.action_id === 'string')
        .map((element) => ({ blockId, element })),
      ...children,
    ];
  });
}

/** The values that inputs begin with, by block and action; every input has an entry, as in a `view_submission`. */
export function initialValues(blocks: readonly Json[]): Values {
  const values: Values = {};
  for (const { blockId, element } of placedElements(blocks)) {
    if (!isStateful(element) || !blockId) continue;
    values[blockId] = { ...values[blockId], [String(element.action_id)]: initialValue(element) };
  }
  return values;
}

/** Whether an element keeps a value: all but buttons, overflow menus and pictures. */
export function isStateful(element: Json): boolean {
  return !['button', 'overflow', 'image', 'workflow_button', 'icon_button', 'feedback_buttons'].includes(
    String(element.type),
  );
}

/** The state of an element after a person chose something, as Slack words it for its type. */
export function enteredValue(element: Json, chosen: Chosen, extra: readonly Json[] = []): Json {
  const type = String(element.type);
  const many = typeof chosen === 'string' ? [chosen] : chosen;
  const one = many[0] ?? '';
  const options = () => many.flatMap((value) => findOption(element, value, extra) ?? []);
  switch (type) {
    case 'static_select':
    case 'external_select':
    case 'radio_buttons':
    case 'overflow':
      return { type, selected_option: options()[0] ?? null };
    case 'multi_static_select':
    case 'multi_external_select':
    case 'checkboxes':
      return { type, selected_options: options() };
    case 'users_select':
      return { type, selected_user: one };
    case 'multi_users_select':
      return { type, selected_users: many };
    case 'conversations_select':
      return { type, selected_conversation: one };
    case 'multi_conversations_select':
      return { type, selected_conversations: many };
    case 'channels_select':
      return { type, selected_channel: one };
    case 'multi_channels_select':
      return { type, selected_channels: many };
    case 'datepicker':
      return { type, selected_date: one || null };
    case 'timepicker':
      return { type, selected_time: one || null };
    case 'datetimepicker':
      return { type, selected_date_time: one ? Number(one) : null };
    case 'rich_text_input':
      return { type, rich_text_value: richText(one) };
    case 'file_input':
      return { type, files: many };
    default:
      return { type, value: one === '' ? null : one };
  }
}

/** An option of a select by its value, in options, option groups or what an external source offered. */
export function findOption(element: Json, value: string, extra: readonly Json[] = []): Json | undefined {
  const groups = Array.isArray(element.option_groups) ? element.option_groups.filter(isObject) : [];
  const lists = [element.options, ...groups.map((group) => group.options), extra];
  for (const list of lists) {
    const found = (Array.isArray(list) ? list : []).filter(isObject).find((option) => option.value === value);
    if (found) return found;
  }
  return undefined;
}

function initialValue(element: Json): Json {
  const type = String(element.type);
  if (type === 'static_select' || type === 'external_select' || type === 'radio_buttons') {
    return { type, selected_option: element.initial_option ?? null };
  }
  if (type === 'multi_static_select' || type === 'multi_external_select' || type === 'checkboxes') {
    return { type, selected_options: element.initial_options ?? [] };
  }
  if (type === 'rich_text_input') return { type, rich_text_value: element.initial_value ?? null };
  const names: Record<string, readonly [initial: string, selected: string]> = {
    users_select: ['initial_user', 'selected_user'],
    multi_users_select: ['initial_users', 'selected_users'],
    conversations_select: ['initial_conversation', 'selected_conversation'],
    multi_conversations_select: ['initial_conversations', 'selected_conversations'],
    channels_select: ['initial_channel', 'selected_channel'],
    multi_channels_select: ['initial_channels', 'selected_channels'],
    datepicker: ['initial_date', 'selected_date'],
    timepicker: ['initial_time', 'selected_time'],
    datetimepicker: ['initial_date_time', 'selected_date_time'],
    file_input: ['', 'files'],
  };
  const [initial, selected] = names[type] ?? ['initial_value', 'value'];
  const empty = type.startsWith('multi_') || type === 'file_input' ? [] : null;
  return { type, [selected]: element[initial] ?? empty };
}

function richText(text: string): Json {
  const section = { type: 'rich_text_section', elements: [{ type: 'text', text }] };
  return { type: 'rich_text', elements: [section] };
}
