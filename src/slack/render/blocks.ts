import type { ActionsBlock, Button, ContextBlock, HeaderBlock, KnownBlock, Overflow, SectionBlock } from '@slack/types';
import { cut } from '../../wording/cuts.ts';
import { plain } from './mrkdwn.ts';

/** What a message is rendered to. `text` is what a lock screen shows and what is read aloud. */
export interface Rendered {
  readonly text: string;
  readonly blocks: KnownBlock[];
}

/** Limits of https://docs.slack.dev/reference/block-kit; a message that breaks one is refused as a whole. */
export const LIMITS = {
  blocks: 50,
  text: 3_000,
  header: 150,
  contextElements: 10,
  actions: 25,
  buttonText: 75,
  buttonValue: 2_000,
  url: 3_000,
  overflowOptions: 5,
  optionText: 75,
  optionValue: 75,
  /** Undocumented: about 13,200 characters over all blocks is refused as `msg_blocks_too_long`; we stay well below. */
  message: 11_000,
} as const;

/** Text with mrkdwn, verbatim: Slack must not turn `#name`, `@name` or bare addresses of a label value into links. */
function mrkdwn(text: string): { type: 'mrkdwn'; text: string; verbatim: true } {
  return { type: 'mrkdwn', text: text === '' ? '-' : text, verbatim: true };
}

export function header(text: string): HeaderBlock {
  return { type: 'header', text: { type: 'plain_text', text: plain(text, LIMITS.header), emoji: false } };
}

/**
 * Lines of ready mrkdwn as one section. Lines that no longer fit are left out whole: a cut inside an entity, a link or
 * a code fence would break what follows.
 */
export function section(lines: readonly string[]): SectionBlock {
  return { type: 'section', text: mrkdwn(joinWithin(lines, LIMITS.text)) };
}

function joinWithin(lines: readonly string[], max: number): string {
  let text = '';
  for (const line of lines) {
    const longer = text === '' ? line : `${text}\n${line}`;
    if (longer.length > max) break;
    text = longer;
  }
  return text;
}

/** Small grey text; elements beyond Slack's ten are left out. */
export function context(elements: readonly string[]): ContextBlock {
  const fitting = elements.filter((element) => element !== '' && element.length <= LIMITS.text);
  return { type: 'context', elements: fitting.slice(0, LIMITS.contextElements).map(mrkdwn) };
}

export function button(
  id: string,
  label: string,
  value: string,
  more: { readonly style?: 'primary' | 'danger' } = {},
): Button {
  return {
    type: 'button',
    action_id: cut(id, 255),
    text: { type: 'plain_text', text: plain(label, LIMITS.buttonText), emoji: true },
    value,
    ...more,
  };
}

export function overflow(id: string, options: readonly { label: string; value: string }[]): Overflow {
  return {
    type: 'overflow',
    action_id: id,
    options: options.slice(0, LIMITS.overflowOptions).map((option) => ({
      text: { type: 'plain_text', text: plain(option.label, LIMITS.optionText), emoji: true },
      value: option.value,
    })),
  };
}

export function actions(blockId: string, elements: (Button | Overflow)[]): ActionsBlock {
  return { type: 'actions', block_id: cut(blockId, 255), elements: elements.slice(0, LIMITS.actions) };
}

/** How many characters of text a message shows, over all blocks. */
export function sizeOf(blocks: readonly KnownBlock[]): number {
  return blocks.reduce((sum, block) => sum + textSize(block), 0);
}

function textSize(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + textSize(item), 0);
  let size = 0;
  for (const [key, part] of Object.entries(value))
    size += typeof part === 'string' && key === 'text' ? part.length : textSize(part);
  return size;
}
