import type { Ids } from '../ids.ts';
import type { Json } from '../state.ts';

/** Gives a block and an interactive element the ids Slack makes up when the app sent none. */
export function withIds(blocks: readonly Json[], ids: Pick<Ids, 'secret'>): Json[] {
  return blocks.map((block) => {
    const made: Json = { ...block, block_id: block.block_id ?? ids.secret(5) };
    if (isObject(block.accessory)) made.accessory = withActionId(block.accessory, ids);
    if (isObject(block.element)) made.element = withActionId(block.element, ids);
    if (Array.isArray(block.elements) && block.type === 'actions') {
      made.elements = block.elements.map((element) => (isObject(element) ? withActionId(element, ids) : element));
    }
    return made;
  });
}

/** A JSON object, neither null nor an array. */
export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function withActionId(element: Json, ids: Pick<Ids, 'secret'>): Json {
  if (element.type === 'image') return element;
  return { ...element, action_id: element.action_id ?? ids.secret(5) };
}
