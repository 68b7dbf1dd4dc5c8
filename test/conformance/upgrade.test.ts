import { DatabaseSync } from 'node:sqlite';
import { expect, test } from '@jest/globals';
import { Client } from 'pg';
import { openStore } from '../../src/store/open.ts';
import { type EngineUnderTest, onEveryEngine, silent } from './engines.ts';
import { aDraft, NOW } from './samples.ts';

async function run(engine: EngineUnderTest, url: string, statements: readonly string[]): Promise<void> {
  if (engine.name === 'sqlite') {
    const database = new DatabaseSync(url.replace('sqlite:', ''));
    for (const statement of statements) database.exec(statement);
    database.close();
    return;
  }
  const client = new Client({ connectionString: url });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}

onEveryEngine('a store of the release before', (engine) => {
  test('knows which severities a person gave, although only their reasons said so', async () => {
    await engine.open();
    // One of our own, which is closed in between; a file of SQLite has one writer.
    const url = engine.name === 'sqlite' ? engine.url().replace('.db', '-before.db') : engine.url();
    const store = await openStore(url, { log: silent });
    await store.incidents.transact((tx) =>
      tx.save([aDraft({ severityReason: 'set by Ana' }, [], 'new:0'), aDraft({}, [], 'new:1')], NOW),
    );
    await store.close();
    const forget =
      engine.name === 'sqlite'
        ? "update incidents set state = json_remove(state, '$.severitySource')"
        : "update incidents set state = (state::jsonb - 'severitySource')::text";
    await run(engine, url, [forget, "delete from kysely_migration where name = '0017_severity_source'"]);
    const upgraded = await openStore(url, { log: silent });
    const sources = await Promise.all([1, 2].map(async (number) => (await upgraded.incidents.find(number))?.incident));
    expect(sources.map((incident) => incident?.severitySource)).toEqual(['person', 'alert']);
    await upgraded.close();
  });
});
