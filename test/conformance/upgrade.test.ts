import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { Kysely, PostgresDialect, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import { createPostmortems } from '../../src/app/postmortems.ts';
import { incidentPage } from '../../src/http/pages/incidents.ts';
import { headline } from '../../src/incidents/sentence.ts';
import { readPayload } from '../../src/jobs/jobKinds.ts';
import { createRedactor } from '../../src/redaction/redactor.ts';
import { storedReply } from '../../src/slack/delivery/thread.ts';
import { renderReply } from '../../src/slack/render/reply.ts';
import { migrations } from '../../src/store/migrations/index.ts';
import { openStore } from '../../src/store/open.ts';
import { openPool } from '../../src/store/postgres.ts';
import { NodeSqliteDialect, openSqliteFile } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import { type EngineUnderTest, onEveryEngine, silent } from './engines.ts';

/**
 * Every row that release 0.1.0 left after an evening of its simulated cluster: a build that was killed for memory, raised to
 * sev1 and mitigated by a person, a tenant's alert merged into it, and an incident that was resolved.
 */
const ROWS: readonly { readonly table: string; readonly row: Readonly<Record<string, unknown>> }[] = readFileSync(
  new URL('stores/0.1.0.jsonl', import.meta.url),
  'utf8',
)
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line));
/** The last migration of that release; a released one is never edited, so these make its tables. */
const ITS_LAST = '0010_handed_over';
const LATER = Date.UTC(2027, 0, 1);

/** Makes the tables of 0.1.0 at a place where nothing is, and fills them. */
async function leave(engine: EngineUnderTest, url: string): Promise<void> {
  const file = engine.name === 'sqlite' ? openSqliteFile(url.replace('sqlite:', '')) : null;
  const dialect = file
    ? new NodeSqliteDialect(file.database)
    : new PostgresDialect({ pool: openPool(url, silent, { max: 2, limited: false }) });
  const db = new Kysely<Record<string, Record<string, unknown>>>({ dialect });
  if (!file) {
    await sql`drop schema public cascade`.execute(db);
    await sql`create schema public`.execute(db);
  }
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...migrations(engine.name) }) } });
  const { error } = await migrator.migrateTo(ITS_LAST);
  if (error) throw error;
  // A new store has rows of its own already: the counters.
  for (const table of new Set(ROWS.map(({ table }) => table))) await db.deleteFrom(table).execute();
  for (const { table, row } of ROWS)
    await sql`insert into ${sql.table(table)} (${sql.join(Object.keys(row).map((name) => sql.ref(name)))})
      ${file ? sql`` : sql`overriding system value`} values (${sql.join(Object.values(row))})`.execute(db);
  await db.destroy();
  if (!file) return;
  if (file.database.isOpen) file.database.close();
  file.release();
}

onEveryEngine('a store of release 0.1.0', (engine) => {
  async function upgraded(): Promise<Store> {
    await engine.open();
    const url = engine.name === 'sqlite' ? engine.url().replace('.db', '-before.db') : engine.url();
    await leave(engine, url);
    return openStore(url, { log: silent, clock: () => LATER });
  }

  test('is read to its last row: incidents, timelines, findings, evidence, messages and jobs', async () => {
    const store = await upgraded();
    const incidents = await store.incidents.list({ limit: 10 });
    expect(incidents.map(({ number, status }) => [number, status])).toEqual([
      [3, 'resolved'],
      [2, 'resolved'],
      [1, 'mitigated'],
    ]);
    const of = (table: string, number: number) =>
      ROWS.filter((one) => one.table === table && one.row.incident_number === number).length;
    for (const { number } of incidents) {
      expect((await store.incidents.find(number))?.alerts).toHaveLength(of('incident_alerts', number));
      expect(await store.incidents.timeline(number)).toHaveLength(of('timeline', number));
      expect(await store.evidence.posted(number)).toHaveLength(of('findings', number));
      expect(await store.evidence.list(number)).toHaveLength(of('evidence', number));
    }
    const posts = ROWS.filter(({ table }) => table === 'posts').map(({ row }) => Number(row.id));
    for (const id of posts) {
      const body = (await store.posts.find(id))?.body;
      if (body?.kind !== 'reply') continue;
      const told = renderReply(storedReply(body.reply), {
        asker: null,
        command: body.command,
        files: true,
        budget: 3_000,
      });
      expect(told.text).not.toContain('another version');
    }
    const lanes = { person: 10, incident: 10, edit: 10, evidence: 10, reading: 10 };
    const jobs = await store.jobs.claim({ lanes, leaseMs: 60_000, now: LATER });
    const payloads = jobs.map((job) => ({ kind: job.kind, ...readPayload(job.kind as 'timer', job) }));
    const theirs = ROWS.filter(({ table }) => table === 'jobs').map(({ row }) => row);
    expect(payloads).toHaveLength(theirs.length);
    for (const { kind, payload } of theirs)
      expect(payloads).toContainEqual(expect.objectContaining({ kind, ...JSON.parse(String(payload)) }));
    await store.close();
  });

  test('tells each incident by a sentence, on its page and in its post-mortem, with the cause that was found then', async () => {
    const store = await upgraded();
    const runbooks = { forIncident: () => null } as never; // only its title is asked for
    const postmortems = createPostmortems({ store, runbooks, redaction: createRedactor(), clock: () => LATER });
    for (const number of [1, 2, 3]) {
      const known = await store.incidents.find(number);
      if (!known) throw new Error(`#${number} is there`);
      expect(headline(known.incident)).toContain(`#${number}`);
      const plain = { timeZone: 'UTC', hasChart: false, slackUrl: null };
      expect(incidentPage(known, await store.incidents.timeline(number), plain)).toContain(`#${number}`);
      expect((await postmortems.of(number)).markdown).toContain(`incident ${number}`);
    }
    // What the diagnosis found is in the document, and not only what it read.
    const [, found = ''] = (await postmortems.of(1)).markdown.split('## Diagnostics');
    expect(found.split('## ')[0]).toMatch(/- \*\*critical, confirmed:\*\* .*(?:memory|OOM)/);
    expect(await store.evidence.top(1)).toMatchObject({ code: 'build-oom-killed', confidence: 'confirmed' });
    expect((await store.evidence.posted(3)).map(({ confidence }) => confidence)).toContain('excluded');
    await store.close();
  });

  test('knows which severities a person gave, although only their reasons said so', async () => {
    const store = await upgraded();
    const sources = await Promise.all([1, 2, 3].map(async (number) => (await store.incidents.find(number))?.incident));
    expect(sources.map((incident) => [incident?.severity, incident?.severitySource])).toEqual([
      ['sev1', 'person'],
      ['sev3', 'alert'],
      ['sev2', 'alert'],
    ]);
    await store.close();
  });

  test('knows an alert of a tenant again, so that a repeat of it is no second one', async () => {
    const store = await upgraded();
    const known = await store.incidents.find(1);
    const theirs = known?.alerts.find(({ labels }) => labels.tenant === 'blue');
    if (!known || !theirs) throw new Error('it was merged into #1');
    const repeat = { ...theirs, lastSeenAt: LATER };
    await store.incidents.transact((tx) =>
      tx.save([{ key: 1, incident: known.incident, alerts: [repeat], entries: [] }], LATER),
    );
    const again = (await store.incidents.find(1))?.alerts ?? [];
    expect(again).toHaveLength(known.alerts.length);
    expect(again.find(({ labels }) => labels.tenant === 'blue')?.lastSeenAt).toBe(LATER);
    expect(await store.incidents.alertsOf(1, null, 100)).toHaveLength(known.alerts.length);
    await store.close();
  });
});
