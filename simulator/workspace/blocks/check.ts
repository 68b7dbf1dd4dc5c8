import { ApiError, explained } from '../api/apiError.ts';
import { objects } from '../api/args.ts';
import type { Json } from '../state.ts';
import type { World } from '../world.ts';
import { isObject } from './blockIds.ts';
import { complaints, pointer } from './complaints.ts';
import { block } from './schema/blocks.ts';

export type Surface = 'message' | 'modal' | 'home';

const BLOCKS = { message: 50, modal: 100, home: 100 } as const;
/** Of all markdown blocks of a payload together, and of all tables of a message. */
const MARKDOWN_CHARS = 12_000;
const TABLE_CHARS = 10_000;
/** Header blocks were measured to cost about so many characters more than their text. */
const HEADER_COST = 100;

const ELSEWHERE: Readonly<Record<Surface, ReadonlySet<string>>> = {
  message: new Set(['alert', 'file']),
  modal: new Set(['file', 'markdown', 'table', 'data_table', 'task_card', 'plan', 'card', 'carousel']),
  home: new Set(['alert', 'file', 'markdown', 'table', 'data_table', 'task_card', 'plan', 'card', 'carousel']),
};

/**
 * Parses what the app sent as blocks and refuses what Slack would refuse: `invalid_blocks_format` for what is no list of
 * objects, `code` with explanations for broken rules, `msg_blocks_too_long` for too much text in all.
 */
export function checkBlocks(
  world: World,
  value: unknown,
  surface: Surface,
  at = '/blocks',
  code = 'invalid_blocks',
): Json[] | undefined {
  if (value === undefined || value === null) return undefined;
  const blocks = objects(value, surface === 'message' ? 'invalid_blocks_format' : code);
  if (!world.settings.strict) return blocks;
  const errors = [
    ...(blocks.length > BLOCKS[surface] ? [`no more than ${BLOCKS[surface]} items allowed${pointer(at)}`] : []),
    ...blocks.flatMap((one, index) => blockErrors(one, surface, `${at}/${index}`)),
    ...duplicates(blocks, at),
    ...sums(blocks, at),
  ];
  if (errors.length > 0) throw explained(code, errors);
  if (surface === 'message' && cost(blocks) > world.settings.blocksTotal) throw new ApiError('msg_blocks_too_long');
  return blocks;
}

function blockErrors(one: Json, surface: Surface, at: string): string[] {
  if (ELSEWHERE[surface].has(String(one.type)))
    return [`unsupported type: ${String(one.type)}${pointer(at, ['type'])}`];
  const parsed = block.safeParse(one);
  return parsed.success ? [] : complaints(parsed.error.issues, one, at);
}

/** Block ids are unique in a message, action ids in an actions block. */
function duplicates(blocks: readonly Json[], at: string): string[] {
  const seen = new Set<unknown>();
  return blocks.flatMap((one, index) => {
    const errors: string[] = [];
    if (typeof one.block_id === 'string') {
      if (seen.has(one.block_id)) {
        errors.push(`block_id "${one.block_id}" already exists${pointer(at, [index, 'block_id'])}`);
      }
      seen.add(one.block_id);
    }
    const actions = new Set<unknown>();
    for (const [place, element] of (Array.isArray(one.elements) ? one.elements : []).entries()) {
      const action = isObject(element) ? element.action_id : undefined;
      if (action === undefined) continue;
      const path = [index, 'elements', place, 'action_id'];
      if (actions.has(action)) errors.push(`action_id "${String(action)}" already exists${pointer(at, path)}`);
      actions.add(action);
    }
    return errors;
  });
}

function sums(blocks: readonly Json[], at: string): string[] {
  const of = (type: string) => blocks.filter((one) => one.type === type).reduce((sum, one) => sum + textLength(one), 0);
  return [
    ...(of('markdown') > MARKDOWN_CHARS ? [`must be less than ${MARKDOWN_CHARS + 1} characters${pointer(at)}`] : []),
    ...(of('table') > TABLE_CHARS ? [`must be less than ${TABLE_CHARS + 1} characters${pointer(at)}`] : []),
  ];
}

function cost(blocks: readonly Json[]): number {
  return blocks.reduce((sum, one) => sum + textLength(one) + (one.type === 'header' ? HEADER_COST : 0), 0);
}

/** All text a block shows, in characters. */
function textLength(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, one) => sum + textLength(one), 0);
  if (!isObject(value)) return 0;
  return Object.entries(value).reduce((sum, [key, inner]) => {
    if (typeof inner === 'string') return sum + (key === 'text' ? inner.length : 0);
    return sum + textLength(inner);
  }, 0);
}
