import type { DiagnosticResult, Finding } from '../incidents/evidence.ts';
import { aboutSubject } from './aboutSubject.ts';
import { columnsOf } from './columns.ts';
import type { DiagnosticForm } from './diagnostics.ts';
import type { Place } from './invocation.ts';
import type { DiagnosticRequest } from './ports.ts';
import { type Assumption, type Reply, type ReplyFile, reply, type Suggestion } from './reply.ts';
import type { MeantIncident } from './request.ts';
import { quote } from './tokens.ts';

/** Lines of a log that fit a message without a file beside it. */
const INLINE_LINES = 25;

export interface ResultParts {
  readonly result: DiagnosticResult;
  readonly form: DiagnosticForm;
  readonly request: DiagnosticRequest;
  readonly assumed: readonly Assumption[];
  readonly notes: readonly string[];
  readonly incident: MeantIncident | null;
  readonly place: Place | null;
}

/** The answer that shows what a diagnostic brought: results go to the incident's thread, or where a thread asked, else to the asker. */
export function resultReply(parts: ResultParts): Reply {
  // Who names another object, or asks for all namespaces, asks about that.
  const isOthers = parts.request.name !== null || parts.request.allNamespaces;
  const told = aboutSubject(parts.result.findings, isOthers ? null : (parts.incident?.known ?? null));
  const result = { ...parts.result, findings: told.findings };
  const bad = result.findings.some((one) => one.level === 'critical' || one.level === 'warning');
  const inThread = parts.incident !== null || (parts.place?.threadTs ?? null) !== null;
  return reply({
    tone: bad ? 'warning' : 'ok',
    title: result.title,
    summary: result.summary,
    assumed: parts.assumed,
    findings: result.findings,
    table: result.table,
    phone: result.phone ?? null,
    lines: result.lines,
    keep: 'tail',
    evidence: result.evidence,
    notes: [...(told.note === null ? [] : [told.note]), ...result.notes, ...parts.notes],
    next: followUps({ ...parts, result }),
    file: objects(result) ?? fullText(result, told.left),
    visibility: inThread ? 'thread' : 'asker',
    incidentNumber: parts.incident?.known.incident.number ?? null,
    simulated: result.simulated,
  });
}

/** The objects that were asked for with `-o json` or `-o yaml`. */
function objects({ diagnostic, document, kubectl, capturedAt }: DiagnosticResult): ReplyFile | null {
  if (!document) return null;
  const { ending, mime, content } = document;
  return { name: `${stem(diagnostic, capturedAt)}.${ending}`, title: kubectl.slice(0, 200), mime, content };
}

/** `top-pods-20261130T091500Z` */
function stem(diagnostic: string, at: number): string {
  const stamp = new Date(at).toISOString().slice(0, 19).replaceAll(':', '');
  return `${diagnostic.replaceAll(/[^a-z0-9]+/gi, '-')}-${stamp}Z`;
}

function fullText(result: DiagnosticResult, left: readonly Finding[]): ReplyFile | null {
  const table = result.table && result.table.rows.length > 0 ? columnsOf(result.table.columns, result.table.rows) : [];
  const lines = result.lines ?? [];
  // A phone has the lines that tell: every row and column of what was read comes with them.
  const isShortened = result.phone?.lines?.some((line, at) => line !== lines[at]) === true;
  if (table.length === 0 && lines.length <= INLINE_LINES && !isShortened) return null;
  const head = [
    `# ${result.kubectl}`,
    `# cluster ${result.cluster}, captured ${new Date(result.capturedAt).toISOString()}${result.simulated ? ', SIMULATED' : ''}`,
    ...result.notes.map((note) => `# ${note}`),
    ...left.map(({ conclusion }) => `# of others: ${conclusion}`),
  ];
  return {
    name: `${stem(result.diagnostic, result.capturedAt)}.txt`,
    title: result.kubectl.slice(0, 200),
    mime: 'text/plain',
    content: `${[...head, '', ...table, ...(table.length > 0 && lines.length > 0 ? [''] : []), ...lines].join('\n')}\n`,
  };
}

/** The next look that usually follows, at the object the worst finding is about. */
function followUps({ result, form, request }: ResultParts): readonly Suggestion[] {
  const worst =
    result.findings.find((one) => one.level === 'critical') ?? result.findings.find((one) => one.level === 'warning');
  const where = request.namespace === null ? '' : ` -n ${request.namespace}`;
  const offer = (command: string): Suggestion => ({ label: command.replace(where, ''), command, readOnly: true });
  const next: Suggestion[] = [];
  if (worst && quote(worst.subject.name) === worst.subject.name) {
    const kind = worst.subject.kind.toLowerCase();
    const at = worst.subject.namespace === null ? '' : ` -n ${worst.subject.namespace}`;
    if (kind === 'pod' && form.name !== 'logs') next.push(offer(`diag logs ${worst.subject.name}${at}`));
    if (kind === 'job' && form.name !== 'logs') next.push(offer(`diag logs job/${worst.subject.name}${at}`));
    if (kind === 'pod' && form.name === 'logs' && !request.previous)
      next.push(offer(`diag logs ${worst.subject.name}${at} --previous`));
    if (kind === 'node' && form.name !== 'top nodes') next.push(offer('diag top nodes'));
  }
  if (form.name !== 'events') next.push(offer(`diag events${where}`));
  if (form.name !== 'pods' && next.length < 3) next.push(offer(`diag pods${where}`));
  return next.slice(0, 3);
}
