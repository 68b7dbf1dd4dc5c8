import type { Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import { ResponderError } from '../errors.ts';
import { migrations } from './migrations/index.ts';
import type { Database } from './schema.ts';

/**
 * Brings the tables to this release. Safe when many processes start at once (PostgreSQL: an advisory lock), and all or
 * nothing: the migrations of one start share a transaction on both engines.
 *
 * @throws ResponderError config_invalid when the database was written by a newer release.
 */
export async function migrate(db: Kysely<Database>, engine: 'sqlite' | 'postgres'): Promise<void> {
  const known = migrations(engine);
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...known }) } });
  const { error } = await migrator.migrateToLatest();
  if (error === undefined) return;
  const newer = /previously executed migration (\S+) is missing/.exec(error instanceof Error ? error.message : '');
  if (newer)
    throw new ResponderError(
      'config_invalid',
      `the store was written by a newer release (it has migration ${newer[1] ?? ''}, this one does not)`,
      { cause: error, hint: 'Start the newer release, or go back to a backup from before it.' },
    );
  throw error;
}
