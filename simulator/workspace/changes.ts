import type { Json } from './state.ts';

/** Changes sent to the page as they happen. */
export type Change =
  | { readonly kind: 'message'; readonly channel: string; readonly message: Json }
  | { readonly kind: 'removed'; readonly channel: string; readonly ts: string }
  | { readonly kind: 'channels' }
  | { readonly kind: 'modals'; readonly user: string }
  | { readonly kind: 'home'; readonly user: string }
  | { readonly kind: 'reset' };

export interface Changes {
  publish(change: Change): void;
  /** Returns what ends the subscription. */
  subscribe(listener: (change: Change) => void): () => void;
}

/** A list of listeners; a listener that throws does not keep the others from hearing. */
export function createChanges(): Changes {
  const listeners = new Set<(change: Change) => void>();
  return {
    publish(change) {
      for (const listener of listeners) {
        try {
          listener(change);
        } catch {
          // A page that went away must not disturb the app's call that caused the change.
        }
      }
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
