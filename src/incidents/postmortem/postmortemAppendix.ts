import { counted } from '../../wording/counts.ts';
import { utc } from '../../wording/instants.ts';
import type { CollectedEvidence, Evidence, Finding } from '../evidence.ts';
import { codeBlock, markdownText } from './markdown.ts';
import type { PostMortem } from './postmortem.ts';

/** Of each piece of evidence the document shows the end, where a log says why it stopped; the whole is in the thread. */
const MAX_LINES = 25;
const MAX_CHARACTERS = 2_000;
const MAX_EVIDENCE = 10;
const MAX_FINDINGS = 12;

/** What the diagnoses came to beside the causes, each once: what else was wrong, what could not be decided. */
export function diagnosticsOf({ diagnostics, causes }: Pick<PostMortem, 'diagnostics' | 'causes'>): string {
  const told = new Set(causes.map(keyOf));
  const findings = mattering(diagnostics).filter((finding) => !told.has(keyOf(finding)));
  const read = readPieces(diagnostics).length;
  const where = read === 0 ? '' : `What was read (${counted(read, 'piece')}) is in the appendix.`;
  const shown = findings.slice(0, MAX_FINDINGS).map(findingLines);
  if (findings.length > shown.length) shown.push(`- and ${findings.length - shown.length} more`);
  const nothing =
    causes.length > 0
      ? 'Nothing was found beside the cause, which is under Root cause.'
      : read === 0
        ? 'No diagnostic left evidence.'
        : 'No finding is recorded.';
  return [shown.length > 0 ? shown.join('\n') : nothing, where].filter((part) => part !== '').join('\n\n');
}

/** Two findings with one key say the same of the same object. */
function keyOf({ code, subject: { kind, namespace, name } }: Finding): string {
  return `${code} ${kind}/${namespace ?? ''}/${name}`;
}

/** Findings that tell of this incident; the last that said the same of the same object. Healthy things, what was ruled out and what is of something else are left out. */
function mattering(diagnostics: readonly CollectedEvidence[]): readonly Finding[] {
  const kept = new Map<string, Finding>();
  for (const finding of diagnostics.flatMap(({ findings }) => findings)) {
    if (finding.level === 'ok' || finding.confidence === 'excluded') continue;
    if (finding.role === 'elsewhere' || finding.role === 'symptom') continue;
    kept.set(keyOf(finding), finding);
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

/** The ends of what was read, each source once: first what shows the causes and the subject; of what is left over the names. */
export function appendixOf({ diagnostics, causes, subject }: PostMortem): string {
  const pieces = readPieces(diagnostics).filter(({ evidence }) => evidence.mime !== 'image/png');
  if (pieces.length === 0) return 'Nothing was read of the cluster.';
  const names = new Set([subject.name, ...causes.map((cause) => cause.subject.name)]);
  const lines = causes.flatMap(({ because }) => because);
  const ranked = pieces.toSorted((a, b) => weight(b, names, lines) - weight(a, names, lines));
  const shown = ranked.slice(0, MAX_EVIDENCE).map((piece, at) => pieceBlock(piece, at + 1));
  const left = ranked.slice(MAX_EVIDENCE).map(({ evidence }) => `- ${markdownText(evidence.source)}`);
  return [...shown, ...(left.length > 0 ? [`Also read, and not shown here:\n\n${left.join('\n')}`] : [])].join('\n\n');
}

/** How much a piece tells of a cause: it is about its object, it holds a line that decided it, it names its object. */
function weight({ evidence }: Piece, names: ReadonlySet<string>, because: readonly string[]): number {
  const { source, content } = evidence;
  if ([...names].some((name) => source.includes(name))) return 3;
  if (because.some((line) => content.includes(line.slice(line.indexOf(': ') + 2)))) return 2;
  return [...names].some((name) => content.includes(name)) ? 1 : 0;
}

function pieceBlock({ evidence, times }: Piece, number: number): string {
  const often = times === 1 ? '' : `, the last of ${times} times`;
  const head = `### ${number}. ${markdownText(evidence.source)}\n\nCaptured ${utc(evidence.capturedAt)}${often}`;
  const lines = evidence.content.replace(/\s+$/, '').split(/\r\n?|\n/);
  const kept = lines.slice(-MAX_LINES);
  while (kept.length > 1 && kept.join('\n').length > MAX_CHARACTERS) kept.shift();
  const text = kept.join('\n').slice(-MAX_CHARACTERS);
  const cut = kept.length < lines.length ? `: the last ${kept.length} of ${lines.length} lines` : '';
  const bounded = evidence.truncated ? ' (more was not read)' : '';
  return `${head}${cut}${bounded}\n\n${codeBlock(text)}`;
}
