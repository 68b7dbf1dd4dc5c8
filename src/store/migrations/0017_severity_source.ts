import { type Kysely, sql } from 'kysely';

/** Who gave an incident its severity; until now only the words of the reason said so. */
export function severitySource(engine: 'sqlite' | 'postgres') {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      const source = (reason: ReturnType<typeof sql>) =>
        sql`case when ${reason} like 'set by %' then 'person' else 'alert' end`;
      if (engine === 'sqlite')
        await sql`update incidents set state = json_set(state, '$.severitySource',
          ${source(sql`json_extract(state, '$.severityReason')`)})`.execute(db);
      else
        await sql`update incidents set state = jsonb_set(state::jsonb, '{severitySource}',
          to_jsonb(${source(sql`state::json->>'severityReason'`)}))::text`.execute(db);
    },
  };
}
