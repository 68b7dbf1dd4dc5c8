import type { Reply, ReplyFile } from '../commands/reply.ts';
import type { Evidence } from '../incidents/evidence.ts';
import type { IncidentWithAlerts } from '../incidents/incident.ts';
import type { Logger } from '../logger.ts';

/** Less than the first look has in all: the text never waits for the picture. */
const DEADLINE_MS = 8_000;

/** The expression behind an incident's alert, in words and as a picture. */
export interface Measured {
  /** Current values against the threshold; '' when there are none. */
  readonly words: string;
  readonly file: ReplyFile | null;
  readonly evidence: readonly Evidence[];
  /** What failed or is missing, in words. */
  readonly notes: readonly string[];
  readonly simulated: boolean;
}

/** Null: the alert's expression is not known. */
export type Measure = (known: IncidentWithAlerts, signal: AbortSignal) => Promise<Measured | null>;

/** Measures within 8 s. Whatever fails costs a note at the most. */
export async function measureAlert(
  known: IncidentWithAlerts,
  ports: { readonly measure?: Measure; readonly log: Logger },
  signal: AbortSignal,
): Promise<Measured | null> {
  if (!ports.measure) return null;
  try {
    return await ports.measure(known, AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]));
  } catch (thrown) {
    if (signal.aborted) return null;
    ports.log.warn({ err: thrown, incident: known.incident.number }, 'the alert could not be measured');
    return { words: '', file: null, evidence: [], notes: ['No chart: it was not ready in time.'], simulated: false };
  }
}

/** As `Evidence` has it at most. */
const MOST_BYTES = 256 * 1024;

/** The picture as evidence, for the incident's page and its post-mortem; named as its numbers are. */
export function chartOf({ file, evidence }: Measured, now: number): readonly Evidence[] {
  if (file === null || file.mime !== 'image/png') return [];
  const content = Buffer.from(file.content).toString('base64');
  if (content.length > MOST_BYTES) return [];
  const source = evidence[0]?.source ?? file.title;
  return [{ source, capturedAt: now, mime: 'image/png', content, truncated: false }];
}

/** The answer with the numbers in its summary and the picture as its one file. */
export function withMeasured(answer: Reply, measured: Measured | null): Reply {
  if (measured === null) return answer;
  return {
    ...answer,
    summary: [answer.summary, measured.words].filter((part) => part !== '').join('\n'),
    notes: [...measured.notes, ...answer.notes],
    picture: measured.file,
    simulated: answer.simulated || measured.simulated,
  };
}
