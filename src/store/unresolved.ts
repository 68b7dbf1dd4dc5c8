import { sql } from 'kysely';
import type { IncidentWithAlerts } from '../incidents/incident.ts';
import type { Engine } from './engine.ts';
import { loadIncidents } from './loadIncidents.ts';

/** Alerts read at once; an incident has all of them here, unless it alone has very many. */
const AT_ONCE = 10_000;

/** Unresolved incidents with their alerts and numbers above `after`, by number: to be read page by page. */
export function readUnresolved(engine: Engine, after: number, limit: number): Promise<readonly IncidentWithAlerts[]> {
  return engine.read(async (db) => {
    // A piece of the index (status, number) for each status, so that a long history is not read.
    const piece = (status: string) =>
      sql`select number from (select number from incidents where status = ${status} and number > ${after}
        order by number limit ${limit}) as ${sql.ref(status)}`;
    const found = await sql<{ number: number }>`select number from (${sql.join(
      ['open', 'acknowledged', 'mitigated'].map(piece),
      sql` union all `,
    )}) as unresolved order by number limit ${limit}`.execute(db);
    return loadIncidents(
      db,
      engine.grammar,
      found.rows.map(({ number }) => number),
      false,
      null,
      AT_ONCE,
    );
  });
}
