import type { ResponderError } from '../errors.ts';

export interface Group<Item, Result> {
  /** Resolves once the item is committed. */
  submit(item: Item): Promise<Result>;
  /** Resolves when no commit is under way. */
  idle(): Promise<void>;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Group commit: what is submitted in one turn of the event loop, or while the last commit is under way, shares one
 * transaction. `commit` gets the items in order and returns a result for each. When a group fails by a defect of one
 * of its items, each is tried alone, so that one bad item does not refuse its neighbours.
 */
export function createGroup<Item, Result>(
  commit: (items: readonly Item[]) => Promise<readonly Result[]>,
  coerce: (thrown: unknown) => ResponderError,
  limit = 500,
): Group<Item, Result> {
  let waiting: Waiting<Item, Result>[] = [];
  let running: Promise<void> | null = null;

  async function settle(group: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await commit(group.map(({ item }) => item));
      for (const [index, entry] of group.entries()) {
        const result = results[index];
        // The contract of `commit` is one result for each item; `undefined` is a valid one when Result is void.
        entry.resolve(result as Result);
      }
    } catch (error) {
      if (group.length > 1 && coerce(error).code === 'internal') {
        for (const entry of group) await settle([entry]);
        return;
      }
      for (const entry of group) entry.reject(error);
    }
  }

  async function run(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    while (waiting.length > 0) {
      const group = waiting.slice(0, limit);
      waiting = waiting.slice(limit);
      await settle(group);
    }
    running = null;
  }

  return {
    submit(item) {
      return new Promise<Result>((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        running ??= run();
      });
    },
    idle: () => running ?? Promise.resolve(),
  };
}
