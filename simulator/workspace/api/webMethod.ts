import type { Json } from '../state.ts';
import type { World } from '../world.ts';
import type { Args } from './args.ts';

/** A Web API method: arguments in, fields of the answer out; throws `ApiError`. */
export type Handler = (args: Args, world: World) => Json;
