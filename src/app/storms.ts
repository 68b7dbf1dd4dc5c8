import type { Store } from '../store/store.ts';

/** Whether there is a storm anywhere: then Slack's budget is for incidents. */
export function stormOn(store: Store): () => Promise<boolean> {
  return async () => (await store.groups.storms()).length > 0;
}
