import { createContext, useContext } from 'react';
import type { Option } from '../api.ts';
import type { Chosen, Entered } from '../shapes.ts';

/** What blocks stand in: a message, a modal or a Home tab. It takes presses and keeps what is entered. */
export interface BlockHost {
  /** A button was pressed or something chosen; resolves when the app took it. */
  press(blockId: string, actionId: string, value?: Chosen): Promise<void>;
  /** Something was entered into an input that tells the app only on submission. */
  enter(blockId: string, actionId: string, value: Chosen): void;
  suggest(blockId: string, actionId: string, typed: string): Promise<readonly Option[]>;
  entered(blockId: string, actionId: string): Entered | undefined;
  error(blockId: string): string | undefined;
}

const Host = createContext<BlockHost | null>(null);

export const BlockHostProvider = Host.Provider;

export function useHost(): BlockHost {
  const host = useContext(Host);
  if (!host) throw new Error('blocks are shown inside a message or a view');
  return host;
}
