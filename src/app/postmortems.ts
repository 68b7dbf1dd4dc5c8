import type { Postmortems } from '../commands/ports.ts';
import { ResponderError } from '../errors.ts';
import type { CollectedEvidence } from '../incidents/evidence.ts';
import type { IncidentWithAlerts } from '../incidents/incident.ts';
import { type PostMortem, type PostMortemInput, postmortem } from '../incidents/postmortem/postmortem.ts';
import type { Pending } from '../incidents/postmortem/postmortemFigures.ts';
import { postmortemJson } from '../incidents/postmortem/postmortemJson.ts';
import { postmortemMarkdown } from '../incidents/postmortem/postmortemMarkdown.ts';
import { chartsOf, type Picture } from '../incidents/postmortem/postmortemPictures.ts';
import type { TimelineEntry } from '../incidents/timeline.ts';
import type { Runbooks } from '../playbooks/runbooks.ts';
import type { Redactor } from '../redaction/redactor.ts';
import type { KeptEvidence, KeptFinding } from '../store/evidence.ts';
import type { Store } from '../store/store.ts';

/** Deadline, milliseconds, of asking how long an alert was pending; without an answer the document is written without it. */
const RULE_MS = 3_000;

/** Deadline, milliseconds, of drawing its course. */
const DRAW_MS = 6_000;

/** Writes an incident's post-mortem from what the store remembers. */
export function createPostmortems(parts: {
  readonly store: Store;
  readonly runbooks: Runbooks;
  readonly redaction: Pick<Redactor, 'redactTree'>;
  readonly clock: () => number;
  /** Draws the course of the incident; where it is absent or fails, the document has no such picture. */
  readonly draw?: (pm: PostMortem, signal: AbortSignal) => Promise<Picture>;
  /** How long its earliest alert was pending before it fired; null when nobody can say. */
  readonly pendingOf?: (known: IncidentWithAlerts, signal: AbortSignal) => Promise<Pending | null>;
}): Postmortems {
  return {
    async of(number) {
      const known = await parts.store.incidents.find(number);
      if (!known) throw new ResponderError('not_found', `there is no incident #${number}`);
      const [timeline, kept, found, pending] = await Promise.all([
        parts.store.incidents.timeline(number),
        parts.store.evidence.list(number),
        parts.store.evidence.findings(number),
        parts.pendingOf?.(known, AbortSignal.timeout(RULE_MS)).catch(() => null) ?? null,
      ]);
      // Entries that an older release wrote may still hold what somebody should not have said.
      const pm = parts.redaction.redactTree(
        postmortem({
          known,
          timeline,
          evidence: collectionsOf(kept.map(withoutPicture), found),
          merged: await mergedTimelines(number, timeline, parts.store),
          pending,
          playbookTitle: parts.runbooks.forIncident(known)?.title ?? null,
          now: parts.clock(),
        }),
      );
      const course = (await parts.draw?.(pm, AbortSignal.timeout(DRAW_MS)).catch(() => null)) ?? null;
      const markdown = postmortemMarkdown(pm, { course, charts: chartsOf(kept) });
      return { markdown, json: JSON.stringify(postmortemJson(pm), null, 2) };
    },
  };
}

/** A picture is in the document apart, and holds no text to look through. */
function withoutPicture(one: KeptEvidence): KeptEvidence {
  return one.mime === 'image/png' ? { ...one, content: '' } : one;
}

/** What was found with what was read for it: one collection has one moment. */
function collectionsOf(kept: readonly KeptEvidence[], found: readonly KeptFinding[]): readonly CollectedEvidence[] {
  const keyOf = (one: { readonly diagnostic: string; readonly recordedAt: number }) =>
    `${one.diagnostic} ${one.recordedAt}`;
  const findings = Map.groupBy(found, keyOf);
  const evidence = Map.groupBy(kept, keyOf);
  return [...new Set([...findings.keys(), ...evidence.keys()])].map((key) => {
    const [first] = evidence.get(key) ?? findings.get(key) ?? [];
    const pieces = evidence.get(key) ?? [];
    return {
      diagnostic: first?.diagnostic ?? '',
      findings: (findings.get(key) ?? []).map(({ finding }) => finding),
      evidence: pieces,
      capturedAt: pieces[0]?.capturedAt ?? first?.recordedAt ?? 0,
    };
  });
}

/** The most merged incidents that are followed, nearest first. */
const MOST_MERGED = 20;

/** The timelines of the incidents that are part of it now, also of those that were merged into them; a split one is no part. */
async function mergedTimelines(
  number: number,
  timeline: readonly TimelineEntry[],
  { incidents }: Store,
): Promise<NonNullable<PostMortemInput['merged']>> {
  const merged: { number: number; timeline: readonly TimelineEntry[] }[] = [];
  const waiting = [{ into: number, entries: timeline }];
  const seen = new Set([number]);
  for (let next = waiting.shift(); next !== undefined && merged.length < MOST_MERGED; next = waiting.shift())
    for (const { kind, detail } of next.entries) {
      const from = kind === 'merged' && typeof detail.from === 'number' ? detail.from : null;
      if (from === null || seen.has(from) || merged.length >= MOST_MERGED) continue;
      seen.add(from);
      if ((await incidents.find(from))?.incident.mergedInto !== next.into) continue;
      const entries = await incidents.timeline(from);
      merged.push({ number: from, timeline: entries });
      waiting.push({ into: from, entries });
    }
  return merged;
}
