import { Children, type ReactNode } from 'react';

/** Shows items whose place is their identity: the parts of one text or block, which come and go together. */
export function each<Item>(items: readonly Item[], show: (item: Item, index: number) => ReactNode): ReactNode[] {
  return Children.toArray(items.map(show));
}
