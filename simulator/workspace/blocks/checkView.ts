import { ApiError, explained } from '../api/apiError.ts';
import type { Json } from '../state.ts';
import type { World } from '../world.ts';
import { isObject } from './blockIds.ts';
import { checkBlocks } from './check.ts';

const TITLE = 24;
const PRIVATE_METADATA = 3_000;
const VIEW_BYTES = 250_000;

/** Parses a view and refuses what Slack would refuse, in its words. */
export function checkView(world: World, value: unknown, type: 'modal' | 'home'): Json {
  if (!isObject(value)) throw explained('invalid_arguments', ['missing required field: view']);
  if (value.type !== type) throw explained('invalid_arguments', [`must be "${type}" [json-pointer:/view/type]`]);
  if (!Array.isArray(value.blocks)) {
    throw explained('invalid_arguments', ['missing required field: blocks [json-pointer:/view]']);
  }
  const blocks = checkBlocks(world, value.blocks, type, '/view/blocks', 'invalid_arguments') ?? [];
  const errors = type === 'modal' ? modalErrors(value, blocks) : [];
  const metadata = value.private_metadata;
  if (typeof metadata === 'string' && metadata.length > PRIVATE_METADATA) {
    errors.push(`must be less than ${PRIVATE_METADATA + 1} characters [json-pointer:/view/private_metadata]`);
  }
  for (const name of ['callback_id', 'external_id'] as const) {
    const id = value[name];
    if (typeof id === 'string' && id.length > 255)
      errors.push(`must be less than 256 characters [json-pointer:/view/${name}]`);
  }
  if (errors.length > 0 && world.settings.strict) throw explained('invalid_arguments', errors);
  if (Buffer.byteLength(JSON.stringify(value)) > VIEW_BYTES) throw new ApiError('view_too_large');
  return value;
}

function modalErrors(view: Json, blocks: readonly Json[]): string[] {
  const errors: string[] = [];
  if (view.title === undefined) errors.push('missing required field: title [json-pointer:/view]');
  for (const name of ['title', 'submit', 'close'] as const) {
    const text = view[name];
    if (text === undefined || text === null) continue;
    const pointer = `[json-pointer:/view/${name}]`;
    if (!isObject(text) || text.type !== 'plain_text' || typeof text.text !== 'string') {
      errors.push(`must be a plain_text object ${pointer}`);
    } else if (text.text.length > TITLE) {
      errors.push(`must be less than ${TITLE + 1} characters [json-pointer:/view/${name}/text]`);
    }
  }
  if (view.submit === undefined && blocks.some((block) => block.type === 'input')) {
    errors.push('missing required field: submit [json-pointer:/view]');
  }
  return errors;
}
