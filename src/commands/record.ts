import { coerceError, type ResponderError } from '../errors.ts';
import type { DiagnosticResult } from '../incidents/evidence.ts';
import type { IncidentWithAlerts } from '../incidents/incident.ts';
import type { Call, Run } from './command.ts';
import { quote } from './tokens.ts';

/** How much of a result stays with the timeline entry, in characters; the evidence itself is kept elsewhere. */
const EXCERPT = 2000;

/** The line that was typed, in its canonical spelling, so that it can be copied from a post-mortem and run again. */
export function lineOf(call: Call): string {
  const options = Object.entries(call.options).flatMap(([name, value]) => {
    if (value === undefined || value === false || name === 'incident') return [];
    const flag = `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    return value === true ? [flag] : [`${flag}=${quote(value) ?? ''}`];
  });
  return [...call.path, ...call.words.map((word) => quote(word) ?? ''), ...options].join(' ');
}

/**
 * Writes what ran, with its result, to the incident's timeline. Returns notes for the answer: an answer is worth giving even
 * when it could not be written down, but then it says so. The automatic first look records itself.
 */
export async function recordResult(
  run: Run,
  known: IncidentWithAlerts | null,
  command: string,
  result: DiagnosticResult,
): Promise<readonly string[]> {
  return record(run, known, `${command}: ${result.summary || result.title}`, {
    command,
    diagnostic: result.diagnostic,
    kubectl: result.kubectl,
    cluster: result.cluster,
    ok: true,
    summary: result.summary,
    findings: result.findings.slice(0, 10),
    excerpt: excerptOf(result),
    notes: result.notes.slice(0, 10),
    capturedAt: result.capturedAt,
    durationMs: result.durationMs,
    simulated: result.simulated,
  });
}

/** The same for a diagnostic that failed; returns the coded error. */
export async function recordFailure(
  run: Run,
  known: IncidentWithAlerts | null,
  command: string,
  thrown: unknown,
): Promise<ResponderError> {
  const error = coerceError(thrown);
  if (error.code === 'bad_input' || error.code === 'cancelled') return error;
  await record(run, known, `${command}: failed, ${error.message}`, {
    command,
    ok: false,
    code: error.code,
    error: error.message,
  });
  return error;
}

async function record(
  run: Run,
  known: IncidentWithAlerts | null,
  text: string,
  detail: Readonly<Record<string, unknown>>,
): Promise<readonly string[]> {
  const { invocation, ports } = run;
  if (!known || (invocation.door === 'runbook' && invocation.actor.type === 'responder')) return [];
  const about = { ...detail, door: invocation.door, verified: invocation.verified, invocation: invocation.id };
  const entry = {
    kind: 'command',
    at: ports.now(),
    actor: invocation.actor,
    text: `/lambda ${text}`,
    detail: about,
  } as const;
  try {
    await ports.changes.record(known.incident.number, entry);
    return [];
  } catch (thrown) {
    return [`Not written to the timeline of #${known.incident.number}: ${coerceError(thrown).message}`];
  }
}

function excerptOf(result: DiagnosticResult): string {
  const rows = result.table
    ? [result.table.columns, ...result.table.rows.slice(0, 20)].map((row) => row.join('  '))
    : (result.lines ?? []).slice(-25);
  let text = '';
  for (const row of rows) {
    if (text.length + row.length > EXCERPT) return `${text}${text === '' ? row.slice(0, EXCERPT) : ''}…`;
    text += text === '' ? row : `\n${row}`;
  }
  return text;
}
