import type { KnownBlock } from '@slack/types';
import { useMemo, useRef } from 'react';
import { api } from './api.ts';
import type { BlockHost } from './blocks/host.ts';
import type { Chosen, View } from './shapes.ts';

export type EnteredBlocks = Record<string, Record<string, Chosen>>;

/** A view as the host of its blocks. What is entered stays here until the view is submitted. */
export function useViewHost(view: View, user: string): { host: BlockHost; collected: () => EnteredBlocks } {
  const entered = useRef<EnteredBlocks>({});
  const host = useMemo<BlockHost>(() => {
    const base = { user, view: view.id };
    return {
      async press(blockId, actionId, value) {
        await api.click({ ...base, blockId, actionId, ...(value === undefined ? {} : { value }) });
      },
      enter(blockId, actionId, value) {
        entered.current[blockId] = { ...entered.current[blockId], [actionId]: value };
      },
      async suggest(blockId, actionId, typed) {
        return (await api.suggest({ ...base, blockId, actionId, value: typed })).options;
      },
      entered: (blockId, actionId) => view.state.values[blockId]?.[actionId],
      error: (blockId) => view.errors?.[blockId],
    };
  }, [view, user]);
  const collected = () => {
    const blocks = new Set(view.blocks.map((block: KnownBlock) => block.block_id));
    return Object.fromEntries(Object.entries(entered.current).filter(([id]) => blocks.has(id)));
  };
  return { host, collected };
}
