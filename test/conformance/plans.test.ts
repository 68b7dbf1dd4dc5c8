import { DatabaseSync } from 'node:sqlite';
import { expect, test } from '@jest/globals';
import { Client } from 'pg';
import { identityOf } from '../../src/alerts/identity.ts';
import { DEFAULT_POLICY } from '../../src/incidents/policy.ts';
import { handleAlertGroup } from '../../src/jobs/handleAlertGroup.ts';
import { createChanges } from '../../src/jobs/incidentChanges.ts';
import { runTimer } from '../../src/jobs/runTimer.ts';
import { watchStorms } from '../../src/jobs/watchStorms.ts';
import type { Store } from '../../src/store/store.ts';
import { decidingOn } from './deciding.ts';
import { type EngineUnderTest, onEveryEngine, silent } from './engines.ts';
import { anAlert, asked } from './samples.ts';

const START = Date.parse('2026-11-24T03:00:00Z');
const ANA = { type: 'slack', id: 'U1', name: 'Ana' } as const;

/** Tables that grow with the years; none of them may be read from end to end. */
const LARGE =
  /\b(incidents|incident_alerts|timeline|findings|evidence|posts|slack_messages|deliveries|openings|once|mentions|jobs)\b/;
/** Indexes that hold only what is unfinished: reading one whole is reading what has to be done. */
const SMALL_INDEX =
  /deliveries_unsettled|deliveries_sliced|jobs_(claim|depth|dead|key|coalesce)|posts_waiting|card_groups_storm|incidents_unresolved|slack_messages_channels/;

interface Statement {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

/** Everything the responder does all the time, once. */
async function exercise(store: Store): Promise<void> {
  const ports = {
    store: store.incidents,
    policy: DEFAULT_POLICY,
    defaultCluster: 'default',
    clock: () => START,
    log: silent,
  };
  for (const [index, severity] of ['warning', 'critical'].entries()) {
    const labels = { alertname: 'Cause', severity, namespace: `n${index}`, deployment: 'api', node: 'node-a' };
    const alerts = [{ status: 'firing', labels, annotations: {}, startsAt: new Date(START).toISOString() }];
    const body = JSON.stringify({
      version: '4',
      groupKey: 'g',
      status: 'firing',
      receiver: 'r',
      externalURL: 'http://a',
      alerts,
    });
    const accepted = { body, sender: 'am', senderCluster: null, groupKey: 'g', alertCount: 1, receivedAt: START };
    const { id } = await store.deliveries.accept(accepted);
    await handleAlertGroup(id, decidingOn(store, { clock: () => START }));
  }
  await decideInSlices(store);
  await work(store);
  await runTimer(1, 'resolve_when_quiet', ports);
  const changes = createChanges(ports);
  await changes.apply(1, { kind: 'acknowledge' }, asked(ANA, START));
  await changes.apply(1, { kind: 'mergeInto', target: 2 }, asked(ANA, START));
  await watchStorms({ store: store.incidents, groups: store.groups, clock: () => START + 60_000, log: silent });
  await read(store);
  await deliverTo(store);
  await store.trim({ evidenceOlderThanMs: 1, maxEvidenceBytes: 1, now: START + 1_000 });
  await store.trimDeliveries({ olderThanMs: 1, maxBytes: 1, now: START + 1_000 });
}

async function decideInSlices(store: Store): Promise<void> {
  const alerts = Array.from({ length: 600 }, (_, index) => ({ labels: { alertname: 'Many', n: String(index) } }));
  const slice = (some: readonly object[]) => JSON.stringify({ indexes: some.map((_, at) => at), alerts: some });
  const { id } = await store.deliveries.accept({
    body: JSON.stringify({ version: '4', groupKey: 'large', alerts: [] }),
    slices: [slice(alerts.slice(0, 500)), slice(alerts.slice(500))],
    sender: 'am',
    senderCluster: null,
    groupKey: 'large',
    alertCount: alerts.length,
    receivedAt: START,
  });
  await handleAlertGroup(id, decidingOn(store, { clock: () => START }));
}

async function work(store: Store): Promise<void> {
  const now = START + 1_000;
  const lanes = { person: 5, incident: 5, edit: 5, evidence: 5 };
  const jobs = await store.jobs.claim({
    lanes,
    leaseMs: 1_000,
    now,
    kinds: ['deliverCard', 'handleAlertGroup', 'firstLook'],
  });
  expect(jobs.length).toBeGreaterThan(2);
  const [first, second, third, ...rest] = jobs;
  if (!first || !second || !third) throw new Error('too few jobs');
  await store.deliveries.behind(first.id, 50);
  await store.deliveries.withdraw([99_999]);
  await store.incidents.transact((tx) => tx.undecided(1));
  await store.jobs.renew([first], now + 1_000);
  await store.jobs.retry(first, now, 'again');
  await store.jobs.dead(second, 'for good', now);
  await store.jobs.complete([third, ...rest]);
  await store.jobs.bringForward(['deliverCard'], now);
  await store.jobs.nextDueAt(now);
  await store.jobs.depth(now);
  await store.jobs.deadCount();
  await store.jobs.deadLetters(100);
  await store.jobs.deadLetter(second.id);
  await store.jobs.revive(second.id, now);
  await store.jobs.enqueueOnce('key', [], now);
}

async function read(store: Store): Promise<void> {
  await store.incidents.find(1);
  await store.incidents.at('C1', '1.2');
  await store.incidents.open(50);
  await store.incidents.list({ limit: 100 });
  await store.incidents.list({ status: ['open', 'acknowledged', 'mitigated'], limit: 51 });
  await store.incidents.list({ status: ['open'], channel: 'C1', limit: 5 });
  await store.incidents.list({ touchedBy: 'U1', touchedSince: START, status: ['open'], limit: 5 });
  await store.incidents.list({ group: 1, limit: 5 });
  await store.incidents.timeline(1);
  await store.unresolved(0, 100);
  await store.incidents.alertsOf(1, identityOf(anAlert('a')), 10);
  await store.incidents.made('change:press');
  await store.groups.find(1);
  await store.groups.of(1);
  await store.undelivered.before(START);
  await store.undelivered.isShown({ incident: 1 });
  await store.undelivered.isShown({ incident: 1, post: 1 });
  await store.undelivered.graveOf(1);
  await store.accounting();
  await store.probe();
}

async function deliverTo(store: Store): Promise<void> {
  await store.messages.begin('card:1', 'C1', START);
  await store.messages.unsent('card:1');
  await store.messages.sent('card:1', 'C1', '1.2', null);
  await store.messages.get('card:1');
  await store.messages.channelsSince(START);
  await store.mentions.claim({
    view: 'v',
    incidentNumber: 1,
    channel: 'C1',
    at: START,
    perIncidentMs: 1,
    perChannelMs: 1,
  });
  const id = await store.incidents.transact((tx) =>
    tx.post(1, { kind: 'news', text: 'x', broadcast: false, mention: false }, START),
  );
  await store.posts.find(id);
  await store.posts.markSending(id, START);
  await store.posts.markUnsent(id);
  await store.posts.markSent(id, 'C1', '1.3');
  await store.posts.pendingFor(1);
  const evidence = { source: 's', mime: 'text/plain', content: 'x', capturedAt: START, truncated: false } as const;
  await store.evidence.keep(1, 'pods', [], [evidence], START);
  await store.evidence.top(1);
  await store.evidence.list(1);
}

/** Steps of SQLite's plans that read a large table, or an index of it, from end to end. */
function scansOfSqlite(path: string, statements: readonly Statement[]): readonly string[] {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    return statements.flatMap(({ sql, parameters }) => {
      const plan = database.prepare(`explain query plan ${sql}`).all(...parameters.map(bound));
      const steps = plan.map((row) => String(row.detail));
      const sorted = steps.some((step) => step.includes('TEMP B-TREE FOR ORDER BY'));
      const bad = steps.filter((step) => {
        if (!/^SCAN /.test(step) || SMALL_INDEX.test(step)) return false;
        // Now and then the size of all evidence, and of all deliveries that are kept, is summed, from the index alone.
        if (sql.includes('sum(size)') && /COVERING INDEX (evidence_age|deliveries_settled)/.test(step)) return false;
        // From the newest on, as far as the limit: no more is read than is shown.
        if (!sorted && /order by "number" desc limit \?$/.test(sql) && !sql.includes(' where ')) return false;
        return LARGE.test(step) || aliasOfLarge(step, sql);
      });
      return bad.map((step) => `${step}: ${sql}`);
    });
  } finally {
    database.close();
  }
}

/** `SCAN j` is a scan of what `from jobs j` names. */
function aliasOfLarge(step: string, sql: string): boolean {
  const alias = /^SCAN (\w+)/.exec(step)?.[1];
  return alias !== undefined && new RegExp(`\\b${LARGE.source}\\s+(as\\s+)?"?${alias}"?\\b`, 'i').test(sql);
}

function bound(value: unknown): string | number | null {
  if (typeof value === 'number' || typeof value === 'string') return value;
  return typeof value === 'boolean' ? Number(value) : null;
}

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly Plans?: readonly PlanNode[];
}

/** Sequential scans that PostgreSQL does although it was told to avoid them: no index serves. */
async function scansOfPostgres(url: string, statements: readonly Statement[]): Promise<readonly string[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('set enable_seqscan = off');
    const bad: string[] = [];
    for (const { sql, parameters } of statements) {
      const answer = await client.query(`explain (format json) ${sql}`, [...parameters]);
      const nodes = (node: PlanNode): readonly PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodes)];
      for (const node of nodes(answer.rows[0]['QUERY PLAN'][0].Plan))
        if (node['Node Type'] === 'Seq Scan' && LARGE.test(node['Relation Name'] ?? ''))
          bad.push(`${node['Relation Name']}: ${sql}`);
    }
    return bad;
  } finally {
    await client.end();
  }
}

async function statementsOf(engine: EngineUnderTest): Promise<readonly Statement[]> {
  const seen = new Map<string, Statement>();
  const onStatement = (sql: string, parameters: readonly unknown[]) => {
    if (/^\s*(select|insert|update|delete|with)\b/i.test(sql)) seen.set(sql, { sql, parameters });
  };
  const store = await engine.open({ onStatement, clock: () => START });
  // A migration reads every row once, and never again.
  for (const sql of seen.keys())
    if (
      /^update (?:incident_alerts set (?:firing|tenant) = |incidents set state = jsonb?_set)|from incident_alerts_before/.test(
        sql,
      )
    )
      seen.delete(sql);
  await exercise(store);
  return [...seen.values()];
}

onEveryEngine('every statement on the way of an alert, a person or a round', (engine) => {
  test('finds its rows by an index, so that a store of many years stays fast', async () => {
    const statements = await statementsOf(engine);
    expect(statements.length).toBeGreaterThan(80);
    const scans =
      engine.name === 'sqlite'
        ? scansOfSqlite(engine.url().replace('sqlite:', ''), statements)
        : await scansOfPostgres(engine.url(), statements);
    expect(scans).toEqual([]);
  });
});
