import { counted } from '../../wording/counts.ts';
import { utc } from '../../wording/instants.ts';
import type { CollectedEvidence, Evidence, Finding } from '../evidence.ts';
import { codeBlock, markdownText } from './markdown.ts';

/** Of each piece of evidence the document shows the end, where a log says why it stopped; the whole is in the thread. */
const MAX_LINES = 25;
const MAX_CHARACTERS = 2_000;
const MAX_EVIDENCE = 15;
const MAX_FINDINGS = 12;

/** What the diagnoses came to, each once: what caused it, what was wrong, what could not be decided. */
export function diagnosticsOf(diagnostics: readonly CollectedEvidence[]): string {
  const findings = mattering(diagnostics);
  const read = readPieces(diagnostics).length;
  const where = read === 0 ? '' : `What was read (${counted(read, 'piece')}) is in the appendix.`;
  const shown = findings.slice(0, MAX_FINDINGS).map(findingLines);
  if (findings.length > shown.length) shown.push(`- and ${findings.length - shown.length} more`);
  const told =
    shown.length > 0 ? shown.join('\n') : read === 0 ? 'No diagnostic left evidence.' : 'No finding is recorded.';
  return [told, where].filter((part) => part !== '').join('\n\n');
}

/** Findings that tell of this incident; the last that said the same of the same object. Healthy things, what was ruled out and what is of something else are left out. */
function mattering(diagnostics: readonly CollectedEvidence[]): readonly Finding[] {
  const kept = new Map<string, Finding>();
  for (const finding of diagnostics.flatMap(({ findings }) => findings)) {
    if (finding.level === 'ok' || finding.confidence === 'excluded') continue;
    if (finding.role === 'elsewhere' || finding.role === 'symptom') continue;
    const { kind, namespace, name } = finding.subject;
    kept.set(`${finding.code} ${kind}/${namespace ?? ''}/${name}`, finding);
  }
  const rank = ({ role }: Finding) => (role === 'cause' ? 0 : 1);
  return [...kept.values()].toSorted((a, b) => rank(a) - rank(b));
}

function findingLines(finding: Finding): string {
  const { kind, namespace, name } = finding.subject;
  const subject = [kind, namespace, name].filter(Boolean).join('/');
  const more = finding.count > 1 ? ` and ${finding.count - 1} more` : '';
  const head = `- **${markdownText(finding.level)}, ${markdownText(finding.confidence)}:** ${markdownText(finding.conclusion)}`;
  return [
    `${head} (${markdownText(subject)}${more})`,
    ...finding.because.map((line) => `  - ${markdownText(line)}`),
  ].join('\n');
}

interface Piece {
  readonly evidence: Evidence;
  readonly times: number;
}

/** Each source once: what it showed last, and how often it was read. */
function readPieces(diagnostics: readonly CollectedEvidence[]): readonly Piece[] {
  const pieces = new Map<string, Piece>();
  for (const evidence of diagnostics.flatMap((each) => each.evidence)) {
    const before = pieces.get(evidence.source);
    pieces.set(evidence.source, { evidence, times: (before?.times ?? 0) + 1 });
  }
  return [...pieces.values()];
}

/** The ends of what was read, each source once. */
export function appendixOf(diagnostics: readonly CollectedEvidence[]): string {
  const pieces = readPieces(diagnostics);
  if (pieces.length === 0) return 'Nothing was read of the cluster.';
  const shown = pieces.slice(-MAX_EVIDENCE).map((piece, at) => pieceBlock(piece, at + 1));
  const left = pieces.length - shown.length;
  return [...shown, ...(left > 0 ? [`${counted(left, 'older piece')} not shown here.`] : [])].join('\n\n');
}

function pieceBlock({ evidence, times }: Piece, number: number): string {
  const often = times === 1 ? '' : `, the last of ${times} times`;
  const head = `### ${number}. ${markdownText(evidence.source)}\n\nCaptured ${utc(evidence.capturedAt)}${often}`;
  if (evidence.mime === 'image/png') return `${head}: a picture, in the incident’s thread.`;
  const lines = evidence.content.replace(/\s+$/, '').split(/\r\n?|\n/);
  const kept = lines.slice(-MAX_LINES);
  while (kept.length > 1 && kept.join('\n').length > MAX_CHARACTERS) kept.shift();
  const text = kept.join('\n').slice(-MAX_CHARACTERS);
  const cut = kept.length < lines.length ? `: the last ${kept.length} of ${lines.length} lines` : '';
  const bounded = evidence.truncated ? ' (more was not read)' : '';
  return `${head}${cut}${bounded}\n\n${codeBlock(text)}`;
}
