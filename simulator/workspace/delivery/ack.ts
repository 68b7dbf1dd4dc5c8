import type { Json } from '../state.ts';

/** How the app took a command or a click: what it answered, or what Slack would tell the person instead. */
export type Ack =
  | { readonly outcome: 'acked'; readonly body: Json | string | null }
  | { readonly outcome: 'operation_timeout' }
  | { readonly outcome: 'dispatch_failed'; readonly because: string };
