import type { KnownBlock } from '@slack/types';
import type { z } from 'zod';
import type { block } from './blocks.ts';

/** Does not compile unless the first type is accepted where the second is wanted. */
type Fits<Given extends Wanted, Wanted> = Given;

/** Whatever `@slack/types` calls a block, the schema accepts: a block or field new in the typings is an error here. */
export type EveryKnownBlock = Fits<KnownBlock, z.input<typeof block>>;

/** And it knows no block type that the typings do not. */
export type EveryType = Fits<z.output<typeof block>['type'], KnownBlock['type']>;
