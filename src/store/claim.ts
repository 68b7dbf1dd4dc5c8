import { type RawBuilder, sql } from 'kysely';
import { LANE_NAMES, LANES } from '../queue/job.ts';
import type { Engine } from './engine.ts';
import type { Grammar } from './grammar.ts';
import type { ClaimRequest, Job } from './jobShape.ts';
import { jobPayload, parseStored } from './stored.ts';

interface ClaimedRow {
  readonly id: number;
  readonly kind: string;
  readonly payload: string;
  readonly lane: number;
  readonly ordering_key: string | null;
  readonly attempt: number;
  readonly expiries: number;
  readonly created_at: number;
  readonly run_at: number;
  readonly lease_until: number;
}

/**
 * Takes leases on the jobs that may run now, by lane, then time, then age, in one statement: replicas that claim at
 * once skip each other's rows. Of an ordering key at most one job is claimed, and none while another runs or an older
 * one backs off.
 */
export async function claimJobs(
  engine: Engine,
  request: ClaimRequest & { readonly holder: string },
): Promise<readonly Job[]> {
  const lanes = LANE_NAMES.map((lane) => ({ lane: LANES[lane], limit: request.lanes[lane] ?? 0 })).filter(
    ({ limit }) => limit > 0,
  );
  if (lanes.length === 0) return [];
  const { grammar } = engine;
  const heads = lanes.map(({ lane, limit }) => headsOf(grammar, lane, limit, request));
  const rows = await engine.write(async (tx) => {
    const claimed = await sql<ClaimedRow>`with heads as materialized (${sql.join(heads, sql` union all `)})
      update jobs
      set lease_until = ${request.now + request.leaseMs}, attempt = attempt + 1,
        expiries = case when lease_until is null then expiries
          when expired_at > ${request.now - IN_A_ROW_MS} and holder <> expired_by then expiries + 1
          else 1 end,
        expired_by = case when lease_until is null then expired_by else holder end,
        expired_at = case when lease_until is null then expired_at else ${request.now} end,
        holder = ${request.holder}
      where id in (select id from heads)
      returning id, kind, payload, lane, ordering_key, attempt, expiries, created_at, run_at, lease_until`.execute(
      tx.db,
    );
    return claimed.rows;
  });
  return rows.toSorted((a, b) => a.lane - b.lane || a.run_at - b.run_at || a.id - b.id).map(asJob);
}

/**
 * Longest time in milliseconds between two expired leases that count as in a row: above the longest pause of a crash
 * loop.
 */
const IN_A_ROW_MS = 10 * 60_000;

/**
 * A lease that has expired. A job whose leases expired several times in a row becomes claimable later each time, so
 * that others are done first.
 */
function over(now: number): RawBuilder<unknown> {
  return sql`j.lease_until + (case j.expiries when 0 then 0 when 1 then 5000 when 2 then 10000 else 20000 end) <= ${now}`;
}

/** The first claimable jobs of a lane, read from the beginning of the index `jobs_claim`. */
function headsOf(grammar: Grammar, lane: number, limit: number, request: ClaimRequest): RawBuilder<unknown> {
  const kinds = request.kinds ? sql`and ${grammar.amongTexts('j.kind', request.kinds)}` : sql``;
  return sql`select id from (select j.id from jobs j
    where j.lane = ${lane} and j.waiting = 0 and j.dead_at is null and j.run_at <= ${request.now}
      and (j.lease_until is null or ${over(request.now)}) ${kinds}
      and (j.ordering_key is null or not exists (select 1 from jobs o
        where o.ordering_key = j.ordering_key and o.waiting = 0 and o.dead_at is null and o.id <> j.id
          and (o.lease_until > ${request.now} or (o.id < j.id and o.due_at <= ${request.now}))))
    order by j.run_at, j.id limit ${limit} ${grammar.skipLocked}) as lane_${sql.raw(String(lane))}`;
}

function asJob(row: ClaimedRow): Job {
  return {
    id: row.id,
    kind: row.kind,
    payload: parseStored(jobPayload, row.payload, `job ${row.id}`),
    lane: LANE_NAMES[row.lane] ?? 'evidence',
    orderingKey: row.ordering_key,
    attempt: row.attempt,
    expiries: row.expiries,
    createdAt: row.created_at,
    runAt: row.run_at,
    leaseUntil: row.lease_until,
  };
}
