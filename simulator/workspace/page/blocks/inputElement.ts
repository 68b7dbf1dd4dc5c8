import type { ActionsBlockElement, InputBlockElement, SectionBlockAccessory } from '@slack/types';

/** What a person can press, choose or type in. */
export type AnyElement = ActionsBlockElement | InputBlockElement | Exclude<SectionBlockAccessory, { type: 'image' }>;

/** How an element stands in an input block: the id its label points to, and whether it tells the app at once. */
export interface InInput {
  readonly id: string;
  readonly dispatches: boolean;
}
