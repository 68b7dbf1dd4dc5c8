import { sql } from 'kysely';
import type { Evidence, Finding } from '../incidents/evidence.ts';
import type { Engine } from './engine.ts';
import { chunks } from './rows.ts';
import { evidenceMime, parseStored, storedFinding } from './stored.ts';

export interface KeptEvidence extends Evidence {
  readonly id: number;
  readonly incidentNumber: number;
  readonly diagnostic: string;
  readonly recordedAt: number;
}

export interface KeptFinding {
  readonly diagnostic: string;
  readonly recordedAt: number;
  readonly finding: Finding;
}

/** Evidence and findings of diagnostics, kept with the incident. */
export interface EvidenceRepository {
  keep(
    incidentNumber: number,
    diagnostic: string,
    findings: readonly Finding[],
    evidence: readonly Evidence[],
    now: number,
  ): Promise<void>;
  /** Findings with the collection that brought them, oldest first; those of one collection share `recordedAt` with its evidence. */
  findings(incidentNumber: number): Promise<readonly KeptFinding[]>;
  /** Findings already posted for the incident, oldest first. */
  posted(incidentNumber: number): Promise<readonly Finding[]>;
  /** The worst and most certain of the latest look, for the card; null when there is nothing but good news. */
  top(incidentNumber: number): Promise<Finding | null>;
  /** Oldest first, without what retention removed. */
  list(incidentNumber: number): Promise<readonly KeptEvidence[]>;
  /** The latest picture, base64; null without one. */
  picture(incidentNumber: number): Promise<string | null>;
}

const LEVELS = ['critical', 'warning', 'notice', 'ok'] as const;
const CONFIDENCES = ['confirmed', 'likely', 'unknown', 'excluded'] as const;

export function createEvidence(engine: Engine): EvidenceRepository {
  const posted = (incidentNumber: number) =>
    engine.read(async (db) => {
      const found = await sql<{ id: number; body: string }>`select id, body from findings
        where incident_number = ${incidentNumber} order by id`.execute(db);
      return found.rows.map((row) => parseStored(storedFinding, row.body, `finding ${row.id}`));
    });
  return {
    keep: (incidentNumber, diagnostic, findings, evidence, now) =>
      engine.write(async (tx) => {
        const of = { incident_number: incidentNumber, diagnostic, recorded_at: now };
        for (const piece of chunks(findings.map((finding) => ({ ...of, body: JSON.stringify(finding) }))))
          await tx.db.insertInto('findings').values(piece).execute();
        for (const item of evidence)
          await tx.db
            .insertInto('evidence')
            .values({ ...of, ...rowOf(item) })
            .execute();
      }),
    findings: (incidentNumber) =>
      engine.read(async (db) => {
        const found = await sql<{ id: number; diagnostic: string; recorded_at: number; body: string }>`
          select id, diagnostic, recorded_at, body from findings where incident_number = ${incidentNumber} order by id`.execute(
          db,
        );
        return found.rows.map(({ id, diagnostic, recorded_at, body }) => ({
          diagnostic,
          recordedAt: recorded_at,
          finding: parseStored(storedFinding, body, `finding ${id}`),
        }));
      }),
    posted,
    top: async (incidentNumber) => worstOf(await posted(incidentNumber)),
    picture: (incidentNumber) => latestPicture(engine, incidentNumber),
    list: (incidentNumber) =>
      engine.read(async (db) => {
        const rows = await db
          .selectFrom('evidence')
          .selectAll()
          .where('incident_number', '=', incidentNumber)
          .orderBy('id')
          .execute();
        return rows.map((row) => ({
          id: row.id,
          incidentNumber: row.incident_number,
          diagnostic: row.diagnostic,
          source: row.source,
          capturedAt: row.captured_at,
          mime: evidenceMime.parse(row.mime),
          content: row.content,
          truncated: row.truncated === 1,
          recordedAt: row.recorded_at,
        }));
      }),
  };
}

/** The newest picture of an incident; null when it has none. */
function latestPicture(engine: Engine, incidentNumber: number): ReturnType<EvidenceRepository['picture']> {
  return engine.read(async (db) => {
    const row = await db
      .selectFrom('evidence')
      .select('content')
      .where('incident_number', '=', incidentNumber)
      .where('mime', '=', 'image/png')
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirst();
    return row?.content ?? null;
  });
}

function rowOf({ source, mime, content, truncated, capturedAt }: Evidence) {
  return { source, mime, content, size: content.length, truncated: truncated ? 1 : 0, captured_at: capturedAt };
}

/** A cause before anything else, then by level, then by confidence; of equals the latest. */
function worstOf(posted: readonly Finding[]): Finding | null {
  const findings = posted.filter(
    ({ level, confidence, role }) => level !== 'ok' && confidence !== 'excluded' && role !== 'elsewhere',
  );
  const rank = (finding: Finding) =>
    (finding.role === undefined || finding.role === 'cause' ? 0 : 100) +
    LEVELS.indexOf(finding.level) * CONFIDENCES.length +
    CONFIDENCES.indexOf(finding.confidence);
  return findings.toReversed().toSorted((a, b) => rank(a) - rank(b))[0] ?? null;
}
