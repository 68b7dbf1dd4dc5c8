import { ApiError } from '../api/apiError.ts';
import { objects } from '../api/args.ts';
import type { Json } from '../state.ts';
import type { World } from '../world.ts';

export type Surface = 'message' | 'modal' | 'home';

/** Parses what the app sent as blocks and refuses what Slack would refuse. */
export function checkBlocks(
  world: World,
  value: unknown,
  surface: Surface,
  _pointer = '/blocks',
  _code = 'invalid_blocks',
): Json[] | undefined {
  if (value === undefined || value === null) return undefined;
  const blocks = objects(value, 'invalid_blocks_format');
  if (world.settings.strict && surface === 'message' && blocks.length > 50) throw new ApiError('invalid_blocks');
  return blocks;
}
