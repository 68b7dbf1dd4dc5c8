import { type Reply, type ReplyFile, reply } from '../commands/reply.ts';
import type { DiagnosticResult, Finding, ReplyTable } from '../incidents/evidence.ts';
import { type IncidentWithAlerts, isGrave } from '../incidents/incident.ts';

/** The most characters of the file with what was read. */
const MAX_FILE = 256 * 1024;

/** What a look at the cluster brought. */
export interface LookResult {
  readonly results: readonly DiagnosticResult[];
  readonly failures: readonly { readonly diagnostic: string; readonly message: string }[];
  /** Ranked, the best explanation first. */
  readonly findings: readonly Finding[];
  readonly summary: string;
  /** Why this is no incident; `decided` when the evidence alone is enough to dismiss it. Null or absent when it may be one. */
  readonly dismissal?: { readonly why: string; readonly decided: boolean } | null;
  /** False: the cluster was not asked or did not answer; the look is made up for. */
  readonly isMade?: boolean;
  /** Nodes at addresses that the alerts name. */
  readonly nodes?: readonly { readonly instance: string; readonly node: string }[];
}

/** A command of the runbook that ran by itself, and its answer. */
export interface Automatic {
  readonly line: string;
  readonly answer: Reply;
}

/**
 * What the thread is told of a look: causes, what is missing to decide, what was done before, and one file with all that was read.
 * `news` is false when it was told before.
 */
export function tellLook(
  known: IncidentWithAlerts,
  look: LookResult,
  commands: readonly Automatic[],
  seen: readonly Finding[],
  { ms, before }: { readonly ms: number; readonly before: string | null },
): { readonly reply: Reply; readonly news: boolean } {
  const told = new Set(seen.map(identity));
  const listed = unique(commands.flatMap(({ answer }) => answer.findings));
  const all = look.findings.length > 0 ? unique(look.findings) : listed;
  const fresh = all.filter((finding) => !told.has(identity(finding)));
  const failures = [
    ...look.failures.map(({ diagnostic, message }) => `${diagnostic} failed: ${message}`),
    ...commands
      .filter(({ answer }) => answer.tone === 'error')
      .map(({ line, answer }) => `${line} failed: ${answer.title} ${answer.summary}`),
  ];
  const proposed = proposal(known, look);
  const answer = reply({
    tone: all.some((finding) => finding.level === 'critical') ? 'warning' : 'notice',
    title: `First look at #${known.incident.number}`,
    summary: summaryOf(look, commands, all, fresh),
    findings: [
      ...fresh.filter(isOfThis).slice(0, 6),
      ...(all.some(({ role }) => role === 'cause') ? [] : besides(listed, all)),
    ],
    notes: [...(before === null ? [] : [before]), ...proposed.notes, ...failures],
    next: proposed.next,
    file: fileOf(known, look, commands, ms),
    visibility: 'thread',
    incidentNumber: known.incident.number,
    simulated: look.results.some((result) => result.simulated) || commands.some((one) => one.answer.simulated),
  });
  // The same findings are not posted twice; that there were none, or that something failed, is worth a line each time.
  return { reply: answer, news: fresh.length > 0 || all.length === 0 || failures.length > 0 };
}

/** The thread has what is about this incident: what follows from its cause stands in the path, and the rest in the file. */
function isOfThis({ role, level }: Finding): boolean {
  return level !== 'ok' && role !== 'symptom' && role !== 'elsewhere';
}

/** Everything that was read, one part after the other, for who wants more than the answer. */
function fileOf(known: IncidentWithAlerts, look: LookResult, commands: readonly Automatic[], ms: number): ReplyFile {
  const parts = [
    ...look.results.map((result) => [
      `${result.title}: ${result.summary}`,
      `$ ${result.kubectl}`,
      ...rowsOf(result.table),
      ...(result.lines ?? []),
      ...result.notes,
    ]),
    ...commands.map(({ line, answer }) => [
      `${line}: ${[answer.title, answer.summary].filter(Boolean).join('. ')}`,
      ...rowsOf(answer.table),
      ...(answer.lines ?? []),
      ...answer.notes,
    ]),
  ];
  const end = `Collected in ${(ms / 1000).toFixed(1)} s.`;
  const content = `${[...parts.map((part) => part.join('\n')), end].join('\n\n')}\n`;
  return {
    name: `first-look-${known.incident.number}.txt`,
    title: `What the first look at #${known.incident.number} read`,
    mime: 'text/plain',
    content: content.slice(0, MAX_FILE),
  };
}

export function rowsOf(table: ReplyTable | null): readonly string[] {
  return table ? [table.columns, ...table.rows].map((row) => row.join('  ')) : [];
}

/** What the runbook's commands list as broken where the diagnosis knows no cause: shown below it, and never as the cause. */
function besides(listed: readonly Finding[], told: readonly Finding[]): readonly Finding[] {
  const names = new Set(told.map(({ subject }) => subject.name));
  return listed
    .filter((one) => one.level === 'critical' && !told.includes(one) && !names.has(one.subject.name))
    .slice(0, 2)
    .map((one) => ({ ...one, level: 'notice', conclusion: `Also listed: ${one.conclusion}` }));
}

/** What the evidence says of an incident that may be none, what becomes of it, and the press for the other way. */
function proposal(
  known: IncidentWithAlerts,
  { dismissal }: LookResult,
): { readonly notes: readonly string[]; readonly next: Reply['next'] } {
  if (!dismissal) return { notes: [], next: [] };
  const { number } = known.incident;
  const isDone = dismissal.decided && mayDismiss(known);
  return isDone
    ? {
        notes: [`Dismissed as not an incident: ${dismissal.why}.`],
        next: [{ label: 'Reopen', command: `reopen ${number}`, readOnly: false }],
      }
    : {
        notes: [`Proposed: dismiss it as not an incident (${dismissal.why}).`],
        next: [{ label: 'Not an incident', command: `resolve ${number} --dismiss`, readOnly: false }],
      };
}

function summaryOf(
  look: LookResult,
  commands: readonly Automatic[],
  all: readonly Finding[],
  fresh: readonly Finding[],
): string {
  const [found] = all;
  // The look was skipped, and the runbook's own commands found something all the same.
  if (look.isMade === false && found)
    return `${found.conclusion} Only the runbook's commands were run. ${look.summary}`;
  if (look.summary && (fresh.length > 0 || all.length === 0)) return look.summary;
  if (found && fresh.length === 0) return 'Nothing new: the same findings as before.';
  const spoken = commands.find(({ answer }) => answer.tone !== 'error')?.answer;
  return (
    spoken?.summary ??
    (look.failures.length > 0 ? 'The cluster could not be read.' : 'Nothing that explains the alert was found.')
  );
}

function identity(finding: Finding): string {
  return [finding.code, finding.subject.kind, finding.subject.namespace, finding.subject.name].join('/');
}

function unique(findings: readonly Finding[]): readonly Finding[] {
  return [...new Map(findings.map((finding) => [identity(finding), finding])).values()];
}

/** Rule docs/rules.md#dismissed: sev3 and sev4 may be dismissed with evidence; for the others it is proposed. */
export function mayDismiss({ incident, alerts }: IncidentWithAlerts): boolean {
  return (
    !isGrave(incident.severity) &&
    !incident.declared &&
    incident.acknowledgedBy === null &&
    incident.truncatedAlerts === 0 &&
    alerts.length > 0
  );
}
