import type { Migration } from 'kysely/migration';
import { initial } from './0001_initial.ts';

/** Every migration by name, in order. One that was released is never edited: a change is a new one. */
export function migrations(engine: 'sqlite' | 'postgres'): Readonly<Record<string, Migration>> {
  return {
    '0001_initial': initial(engine),
  };
}
