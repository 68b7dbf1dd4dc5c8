import type { NameProfile } from '../../alerts/profile.ts';
import type { DiagnosticRequest } from '../../commands/ports.ts';
import type { DiagnosticResult, Finding } from '../../incidents/evidence.ts';
import type { Redactor } from '../../redaction/redactor.ts';
import type { ClusterAccess } from '../client/cluster.ts';
import type { KubeTable } from '../client/kubeTable.ts';
import type { Metrics, Queues } from '../facts/ports.ts';
import { documentOf } from './objectsFile.ts';
import type { Phone } from './phone.ts';

/** The input of a diagnostic. */
export interface Collection {
  readonly cluster: ClusterAccess;
  readonly request: DiagnosticRequest;
  readonly profile: NameProfile;
  readonly clock: () => number;
  readonly metrics?: Metrics | null;
  readonly queues?: Queues | null;
}

/** The result of a diagnostic, not yet redacted. */
export interface Collected {
  readonly title: string;
  readonly summary: string;
  readonly findings: readonly Finding[];
  readonly table: Pick<KubeTable, 'columns' | 'rows' | 'total'> | null;
  readonly lines: readonly string[] | null;
  readonly notes: readonly string[];
  /** The equivalent kubectl command, where only the result determines it. */
  readonly kubectl?: string;
}

/** A named read-only collection; one file each in diagnostics/. */
export interface Diagnostic {
  readonly name: string;
  /** The equivalent kubectl command. */
  kubectl(request: DiagnosticRequest, profile: NameProfile): string;
  readonly phone: Phone;
  collect(collection: Collection): Promise<Collected>;
}

const MAX_EVIDENCE = 256 * 1024;

/** Runs a diagnostic; nothing leaves this function unredacted. Throws what the cluster's reads throw. */
export async function runDiagnostic(
  diagnostic: Diagnostic,
  collection: Collection,
  redactor: Redactor,
): Promise<DiagnosticResult> {
  const { cluster, request, profile, clock } = collection;
  const begin = clock();
  const found = await diagnostic.collect(collection);
  const kubectl = found.kubectl ?? diagnostic.kubectl(request, profile);
  const rows = found.table
    ? await redactRows(
        found.table.rows.map((row) => row.cells),
        redactor,
      )
    : null;
  const lines = found.lines ? (await redactor.redactDeep(found.lines.join('\n'))).split('\n') : null;
  const table = found.table && rows ? { columns: found.table.columns, rows, total: found.table.total } : null;
  const findings = found.findings.map((finding) => redactFinding(finding, redactor));
  const shownLines = found.lines?.length === 0 ? [] : lines;
  const document = await documentOf(found.table, request.output ?? null, redactor);
  const content = evidenceText(found.table?.columns ?? [], rows, found.lines ? lines : null);
  return {
    diagnostic: diagnostic.name,
    kubectl,
    cluster: cluster.name,
    title: found.title,
    summary: redactor.redact(found.summary),
    findings,
    table,
    lines: shownLines,
    phone: diagnostic.phone({ table, lines: shownLines, findings }),
    document: document?.file ?? null,
    evidence:
      content === ''
        ? []
        : [
            {
              source: kubectl,
              capturedAt: begin,
              mime: 'text/plain',
              content: content.slice(-MAX_EVIDENCE),
              truncated: content.length > MAX_EVIDENCE,
            },
          ],
    notes: [...(document?.notes ?? []), ...found.notes].map((note) => redactor.redact(note)),
    capturedAt: begin,
    durationMs: clock() - begin,
    simulated: cluster.simulated,
  };
}

/** All cells in one text, a line each, so that a secret is recognised by the name in the cell before it too. */
async function redactRows(
  rows: readonly (readonly string[])[],
  redactor: Redactor,
): Promise<readonly (readonly string[])[]> {
  const given = rows.flat();
  const flat = given.map((cell) => (cell.includes('\n') ? cell.replaceAll(/\s*\n\s*/g, ' ') : cell));
  const text = flat.join('\n');
  const told = await redactor.redactDeep(text);
  // Most tables hold no secret, so their rows are not copied.
  if (told === text && flat.every((cell, index) => cell === given[index])) return rows;
  const clean = told.split('\n');
  if (clean.length !== flat.length) return rows.map((row) => row.map((cell) => redactor.redact(cell)));
  let at = 0;
  return rows.map((row) => row.map(() => clean[at++] ?? ''));
}

function redactFinding(finding: Finding, redactor: Redactor): Finding {
  return {
    ...finding,
    conclusion: redactor.redact(finding.conclusion),
    because: finding.because.map((line) => redactor.redact(line).slice(0, 300)),
    nextStep: finding.nextStep === null ? null : redactor.redact(finding.nextStep),
    ...(finding.parts === undefined ? {} : { parts: redactParts(finding.parts, redactor) }),
    ...(finding.path === undefined ? {} : { path: redactor.redact(finding.path) }),
    ...(finding.brief === undefined ? {} : { brief: redactor.redact(finding.brief) }),
    ...(finding.act === undefined ? {} : { act: redactor.redact(finding.act) }),
  };
}

function redactParts(parts: Readonly<Record<string, string>>, redactor: Redactor): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(parts).map(([name, value]) => [name, redactor.redact(value)]));
}

function evidenceText(
  columns: readonly string[],
  rows: readonly (readonly string[])[] | null,
  lines: readonly string[] | null,
): string {
  const table = rows ? [columns, ...rows].map((row) => row.join('\t')) : [];
  return [...table, ...(lines ?? [])].join('\n');
}

/** `-n NAMESPACE`, or `-A`. */
export function place(request: DiagnosticRequest): string {
  return request.allNamespaces || request.namespace === null ? '-A' : `-n ${request.namespace}`;
}

/** The options of a request as kubectl spells them, each with a leading blank. */
export function options(request: DiagnosticRequest): string {
  const given: readonly (readonly [string, string | null])[] = [
    ['-l', request.selector],
    ['--field-selector', request.fieldSelector],
    ['--sort-by', request.sortBy],
  ];
  return given
    .map(([flag, value]) => (value === null ? '' : ` ${flag}${flag.startsWith('--') ? '=' : ' '}${value}`))
    .join('');
}

/** The parts of `kind/name`, as commands/names.ts spells kinds; a bare name has none. */
export function splitName(name: string | null): readonly [kind: string | null, name: string | null] {
  if (name === null) return [null, null];
  const slash = name.indexOf('/');
  return slash < 0 ? [null, name] : [name.slice(0, slash), name.slice(slash + 1)];
}

/** The namespace to read; null for all. */
export function namespaceOf(request: DiagnosticRequest): string | null {
  return request.allNamespaces ? null : request.namespace;
}
