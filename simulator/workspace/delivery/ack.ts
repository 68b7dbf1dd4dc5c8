import type { Json } from '../state.ts';

/** The app's response to a command or click: its answer, or Slack's message to the person. */
export type Ack =
  | { readonly outcome: 'acked'; readonly body: Json | string | null }
  | { readonly outcome: 'operation_timeout' }
  | { readonly outcome: 'dispatch_failed'; readonly because: string };
