import type { Invocation } from '../commands/invocation.ts';
import { type Reply, reply, storableReply } from '../commands/reply.ts';
import { coerceError, ResponderError } from '../errors.ts';
import type { DiagnosticResult, Evidence, Finding } from '../incidents/evidence.ts';
import { type IncidentWithAlerts, RESPONDER } from '../incidents/incident.ts';
import { FIXED_RULES } from '../incidents/policy.ts';
import type { TimelineEntry } from '../incidents/timeline.ts';
import type { Logger } from '../logger.ts';
import type { Changes } from './changes.ts';
import { cardJob, firstLookJob, postJob } from './followUps.ts';
import type { LookRoom } from './lookRoom.ts';
import { type Measure, measureAlert, withMeasured } from './measure.ts';
import type { EvidenceStore, IncidentStore } from './ports.ts';
import { linkSameCause, type SameCausePorts } from './sameCause.ts';
import { type History, similarLine } from './similar.ts';

/** Rules: docs/rules.md#first-look-again, docs/rules.md#first-look-deadline. */
const { apartMs: APART_MS, times: TIMES, deadlineMs: DEADLINE_MS } = FIXED_RULES.firstLook;
const DIAGNOSTICS = 4;

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
}

export interface FirstLookPorts {
  readonly store: IncidentStore;
  readonly evidence: EvidenceStore;
  readonly timeline: { timeline(number: number): Promise<readonly TimelineEntry[]> };
  /** Command lines of the runbook that run by themselves; [] without a runbook. */
  readonly automaticCommands: (known: IncidentWithAlerts) => readonly string[];
  readonly execute: (invocation: Invocation, signal: AbortSignal) => Promise<Reply>;
  /** Looks at what the alerts name, by the kind of object. */
  readonly look: (known: IncidentWithAlerts, signal: AbortSignal) => Promise<LookResult>;
  /** The alert's own expression as numbers and a picture; absent without Prometheus. */
  readonly measure?: Measure;
  /** Dismisses what the evidence shows to be no incident. */
  readonly changes: Pick<Changes, 'apply'>;
  /** Earlier and open incidents, to say what helped before and what has the same cause; absent without a history. */
  readonly history?: History & Pick<SameCausePorts, 'open'>;
  /** No limit when absent. */
  readonly room?: LookRoom;
  readonly clock: () => number;
  readonly log: Logger;
}

/** Rule docs/rules.md#first-look-made-up: a server that did not answer is asked again after 5 s, then less and less often for about an hour. */
const AGAIN_AFTER_MS = 5_000;
const ATTEMPTS = 10;

/** When to ask again for room, in milliseconds. */
const AGAIN_MS = 1_000;

/**
 * Collects what the cluster shows while it still shows it, keeps it as evidence, and posts one message into the thread.
 * What fails is said in that message; the card never waits for any of this.
 * @throws ResponderError unavailable, to be tried again, while there is no room for another look at the cluster
 */
export async function runFirstLook(
  incident: number,
  because: string,
  ports: FirstLookPorts,
  signal: AbortSignal,
): Promise<void> {
  const known = await ports.store.find(incident);
  if (!known || known.incident.status === 'resolved') return;
  const tried = (await ports.timeline.timeline(incident)).filter((entry) => entry.kind === 'first_look');
  const earlier = tried.filter((entry) => entry.detail?.isMade !== false);
  const last = earlier.at(-1);
  if (earlier.length >= TIMES) return;
  if (last && ports.clock() - last.at < APART_MS) {
    const job = firstLookJob(incident, because, last.at + APART_MS);
    await ports.store.transact((tx) => tx.enqueue([job], ports.clock()));
    return;
  }
  const leave = ports.room ? ports.room.enter(known.incident.cluster) : () => {};
  if (leave === null)
    throw new ResponderError('unavailable', 'other first looks at this cluster are under way', {
      retryAfterMs: AGAIN_MS,
    });
  try {
    await lookAt(known, because, { earlier: earlier.length, failed: tried.length - earlier.length }, ports, signal);
  } finally {
    leave();
  }
}

async function lookAt(
  known: IncidentWithAlerts,
  because: string,
  { earlier, failed }: { readonly earlier: number; readonly failed: number },
  ports: FirstLookPorts,
  signal: AbortSignal,
): Promise<void> {
  const incident = known.incident.number;
  // One that was not made and the one that makes up for it are two.
  const once = failed === 0 ? `first_look:${earlier}` : `first_look:${earlier}:${failed}`;
  const begin = ports.clock();
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]);
  const seen = await ports.evidence.posted(incident);
  const [look, commands, measured] = await Promise.all([
    collect(known, ports, deadline),
    runAutomatic(known, ports, deadline),
    measureAlert(known, ports, deadline),
  ]);
  signal.throwIfAborted();
  for (const { line, answer } of commands) {
    // What a list shows is not judged against the alert: the card names it only where there is no diagnosis.
    const findings = look.findings.length > 0 ? [] : answer.findings;
    await ports.evidence.keep(incident, line, findings, evidenceOf(line, answer, ports.clock()), ports.clock());
  }
  for (const result of look.results) {
    // The best one last: of findings that are equally bad the card shows the latest.
    const findings = result.findings.toReversed();
    await ports.evidence.keep(incident, result.diagnostic, findings, result.evidence, ports.clock());
  }
  if (measured && measured.evidence.length > 0)
    await ports.evidence.keep(incident, 'alert expression', [], measured.evidence, ports.clock());
  const before = ports.history ? await similarLine(known, ports.history, ports.clock()) : null;
  const isMade = look.isMade !== false && (look.results.length > 0 || look.failures.length === 0);
  const message = compose(known, look, commands, seen, {
    ms: ports.clock() - begin,
    before: earlier > 0 ? null : before,
  });
  const isFirst = await ports.store.transact(async (tx) => {
    const now = ports.clock();
    const text = `first look (${because}): ${message.reply.summary || message.reply.title}`;
    const detail = detailOf(look, commands, isMade);
    const entry = { kind: 'first_look', at: begin, actor: RESPONDER, text, detail } as const;
    // Another replica took this very look while we were stopped: it has told of it.
    if ((await tx.appendFirst(incident, entry, once, now)) !== 'written') return false;
    if (!isMade && failed < ATTEMPTS)
      await tx.enqueue(
        [firstLookJob(incident, 'the API server answers again', now + AGAIN_AFTER_MS * 2 ** failed)],
        now,
      );
    // That the cluster cannot be read is said once, however often it is tried again.
    if (!message.news || (!isMade && failed > 0)) return true;
    const answer = storableReply(withMeasured(message.reply, measured));
    const post = await tx.post(incident, { kind: 'reply', reply: answer, actorId: null, command: null }, now);
    await tx.enqueue([postJob(post, incident, 'evidence'), cardJob(incident, false)], now);
    return true;
  });
  if (!isFirst) return;
  if (ports.history) await linkSameCause(incident, look.findings, { ...ports, open: ports.history.open });
  if (look.dismissal?.decided && mayDismiss(known)) await dismiss(incident, look.dismissal.why, once, ports);
  ports.log.info(
    { incident, because, findings: look.findings.length, failures: look.failures.length, ms: ports.clock() - begin },
    'took a first look',
  );
}

/** Rule docs/rules.md#dismissed: sev3 and sev4 may be dismissed with evidence; for the others it is proposed. */
function mayDismiss({ incident, alerts }: IncidentWithAlerts): boolean {
  const isMinor = incident.severity === 'sev3' || incident.severity === 'sev4';
  return (
    isMinor &&
    !incident.declared &&
    incident.acknowledgedBy === null &&
    incident.truncatedAlerts === 0 &&
    alerts.length > 0
  );
}

async function dismiss(incident: number, why: string, look: string, ports: FirstLookPorts): Promise<void> {
  try {
    const change = { kind: 'resolve', note: why, dismissed: true } as const;
    const once = `${look}:${incident}:dismiss`;
    await ports.changes.apply(incident, change, { actor: RESPONDER, at: ports.clock(), once });
  } catch (thrown) {
    // Somebody was faster: it is resolved, merged or reopened by now, and that stands.
    if (coerceError(thrown).code !== 'conflict') throw thrown;
  }
}

interface Automatic {
  readonly line: string;
  readonly answer: Reply;
}

async function collect(known: IncidentWithAlerts, ports: FirstLookPorts, signal: AbortSignal): Promise<LookResult> {
  try {
    return await ports.look(known, signal);
  } catch (thrown) {
    const error = coerceError(thrown);
    const message = [error.message, error.hint].filter(Boolean).join(' ');
    return { results: [], failures: [{ diagnostic: 'first look', message }], findings: [], summary: '' };
  }
}

/** The runbook's own automatic commands, in its order, as the responder itself. */
async function runAutomatic(
  known: IncidentWithAlerts,
  ports: FirstLookPorts,
  signal: AbortSignal,
): Promise<readonly Automatic[]> {
  const { number } = known.incident;
  const lines = ports.automaticCommands(known).slice(0, DIAGNOSTICS);
  return Promise.all(
    lines.map(async (line, index) => {
      const invocation: Invocation = {
        id: `first-look:${number}:${index}:${ports.clock()}`,
        text: line,
        door: 'runbook',
        actor: RESPONDER,
        membership: 'member',
        verified: true,
        place: null,
        incidentNumber: number,
        at: ports.clock(),
      };
      try {
        return { line, answer: await ports.execute(invocation, signal) };
      } catch (thrown) {
        return { line, answer: reply({ tone: 'error', title: `${line}: ${coerceError(thrown).message}` }) };
      }
    }),
  );
}

function compose(
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
      .map(({ line, answer }) => `/lambda ${line} failed: ${answer.title} ${answer.summary}`),
  ];
  const shown = commands.find(({ answer }) => answer.table || answer.lines)?.answer;
  const worst = look.results.find((result) => result.table && result.table.rows.length > 0) ?? look.results[0];
  const answer = reply({
    tone: all.some((finding) => finding.level === 'critical') ? 'warning' : 'notice',
    title: `First look at #${known.incident.number}`,
    summary: summaryOf(look, commands, all, fresh),
    findings: [...fresh.slice(0, 6), ...besides(listed, all)],
    table: shown?.table ?? worst?.table ?? null,
    lines: shown?.table ? null : (shown?.lines ?? (worst?.table ? null : (worst?.lines ?? null))),
    notes: [
      ...(before === null ? [] : [before]),
      ...proposal(known, look),
      ...failures,
      ...look.results.flatMap((result) => result.notes),
      `collected in ${(ms / 1000).toFixed(1)} s`,
    ],
    visibility: 'thread',
    incidentNumber: known.incident.number,
    simulated: look.results.some((result) => result.simulated) || commands.some((one) => one.answer.simulated),
  });
  // The same findings are not posted twice; that there were none, or that something failed, is worth a line each time.
  return { reply: answer, news: fresh.length > 0 || all.length === 0 || failures.length > 0 };
}

/** What the runbook's commands list as broken and the diagnosis does not tell of: shown below it, and never as the cause. */
function besides(listed: readonly Finding[], told: readonly Finding[]): readonly Finding[] {
  const names = new Set(told.map(({ subject }) => subject.name));
  return listed
    .filter((one) => one.level === 'critical' && !told.includes(one) && !names.has(one.subject.name))
    .slice(0, 2)
    .map((one) => ({ ...one, level: 'notice', conclusion: `Also listed: ${one.conclusion}` }));
}

/** What the evidence says of an incident that may be none, and what becomes of it. */
function proposal(known: IncidentWithAlerts, look: LookResult): readonly string[] {
  if (!look.dismissal) return [];
  const { number } = known.incident;
  if (look.dismissal.decided && mayDismiss(known))
    return [`Dismissed as no incident: ${look.dismissal.why}. Reopen it with /lambda reopen ${number}.`];
  return [`Proposed: dismiss it as no incident (${look.dismissal.why}): /lambda resolve ${number} --dismiss`];
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

/** A reply without evidence of its own still has what it showed. */
function evidenceOf(line: string, answer: Reply, now: number): readonly Evidence[] {
  if (answer.evidence.length > 0) return answer.evidence;
  const rows = answer.table
    ? [answer.table.columns, ...answer.table.rows].map((row) => row.join('  '))
    : (answer.lines ?? []);
  const content = [answer.title, answer.summary, ...rows].join('\n').slice(0, 256 * 1024);
  return [{ source: `/lambda ${line}`, capturedAt: now, mime: 'text/plain', content, truncated: false }];
}

function detailOf(
  look: LookResult,
  commands: readonly Automatic[],
  isMade: boolean,
): Readonly<Record<string, unknown>> {
  return {
    ...(isMade ? {} : { isMade }),
    findings: look.findings.slice(0, 10),
    failures: look.failures,
    diagnostics: look.results.map((result) => ({
      diagnostic: result.diagnostic,
      kubectl: result.kubectl,
      summary: result.summary,
    })),
    commands: commands.map(({ line, answer }) => ({ command: line, summary: answer.summary || answer.title })),
  };
}
