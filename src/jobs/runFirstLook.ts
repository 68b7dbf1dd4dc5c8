import { isDeepStrictEqual } from 'node:util';
import type { Invocation } from '../commands/invocation.ts';
import { type Reply, reply, storableReply } from '../commands/reply.ts';
import { coerceError, ResponderError } from '../errors.ts';
import type { Evidence } from '../incidents/evidence.ts';
import { type IncidentWithAlerts, isGrave, RESPONDER } from '../incidents/incident.ts';
import { nextState } from '../incidents/nextState.ts';
import { FIXED_RULES } from '../incidents/policy.ts';
import { diagnosed, headline, placed, sentenceOf } from '../incidents/sentence.ts';
import type { TimelineEntry } from '../incidents/timeline.ts';
import type { Logger } from '../logger.ts';
import { cardJob, firstLookJob, postJob } from './followUps.ts';
import type { Changes } from './incidentChanges.ts';
import type { LookRoom } from './lookRoom.ts';
import { chartOf, type Measure, measureAlert, withMeasured } from './measure.ts';
import type { EvidenceStore, IncidentStore, IncidentTransaction } from './ports.ts';
import { linkSameCause, type SameCausePorts } from './sameCause.ts';
import { type History, similarLine } from './similar.ts';
import { type Automatic, type LookResult, mayDismiss, rowsOf, tellLook } from './tellLook.ts';

/** Rules: docs/rules.md#first-look-again, docs/rules.md#first-look-deadline. */
const { apartMs: APART_MS, times: TIMES, deadlineMs: DEADLINE_MS } = FIXED_RULES.firstLook;
const DIAGNOSTICS = 4;

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
  await keepEvidence(incident, { look, commands, measured }, ports);
  const before = ports.history ? await similarLine(known, ports.history, ports.clock()) : null;
  const isMade = look.isMade !== false && (look.results.length > 0 || look.failures.length === 0);
  const message = tellLook(known, look, commands, seen, {
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
    await tellCause(tx, incident, look, now);
    // That the cluster cannot be read is said once, however often it is tried again.
    if (!message.news || (!isMade && failed > 0)) return true;
    const answer = storableReply(withMeasured(message.reply, measured));
    const post = await tx.post(incident, { kind: 'reply', reply: answer, actorId: null, command: null }, now);
    await tx.enqueue([postJob(post, incident, 'evidence'), cardJob(incident, false)], now);
    return true;
  });
  if (!isFirst) return;
  if (ports.history) await linkSameCause(known.incident, look.findings, { ...ports, open: ports.history.open });
  if (look.dismissal?.decided && mayDismiss(known)) await dismiss(incident, look.dismissal.why, once, ports);
  ports.log.info(
    { incident, because, findings: look.findings.length, failures: look.failures.length, ms: ports.clock() - begin },
    'took a first look',
  );
}

/** What one look brought, from the cluster, the runbook and Prometheus. */
interface Brought {
  readonly look: LookResult;
  readonly commands: Awaited<ReturnType<typeof runAutomatic>>;
  readonly measured: Awaited<ReturnType<typeof measureAlert>>;
}

async function keepEvidence(
  incident: number,
  { look, commands, measured }: Brought,
  ports: FirstLookPorts,
): Promise<void> {
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
  if (measured && measured.evidence.length > 0) {
    const pieces = [...measured.evidence, ...chartOf(measured, ports.clock())];
    await ports.evidence.keep(incident, 'alert expression', [], pieces, ports.clock());
  }
}

/** The incident's sentence names the cause from now on; what an earlier look found stays when this one found none. */
async function tellCause(tx: IncidentTransaction, number: number, look: LookResult, now: number): Promise<void> {
  const known = await tx.lock(number);
  if (!known || known.incident.status === 'resolved') return;
  const { incident } = known;
  const before = sentenceOf(incident);
  const node = look.nodes?.find(({ instance }) => instance === incident.subject.name)?.node;
  const at = node === undefined ? before : placed(before, incident.subject.name, node);
  const sentence = diagnosed(at, diagnosisOf(look));
  if (isDeepStrictEqual(sentence, before)) return;
  // Edits notify nobody: that a sev1 or sev2 has a cause now is told in the channel once.
  const isNews = isGrave(incident.severity) && before.causes.length === 0 && sentence.causes.length > 0;
  const draft = nextState(incident, { fields: { sentence }, entries: [] });
  await tx.save([draft], now);
  await tx.enqueue([cardJob(number, isGrave(incident.severity))], now);
  if (!isNews) return;
  const text = headline(draft.incident, 300);
  const post = await tx.post(number, { kind: 'news', text, broadcast: true, mention: false }, now);
  await tx.enqueue([postJob(post, number, 'incident')], now);
}

function diagnosisOf({ findings, dismissal }: LookResult): Parameters<typeof diagnosed>[1] {
  const causes = findings.filter(({ role }) => role === 'cause');
  return {
    causes: causes.map(({ code, brief, conclusion, confidence }) => ({
      code,
      brief: brief ?? conclusion,
      isSure: confidence === 'confirmed',
    })),
    action: causes[0]?.act ?? null,
    noIncident: dismissal?.why ?? null,
  };
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

/** A reply without evidence of its own still has what it showed. */
function evidenceOf(line: string, answer: Reply, now: number): readonly Evidence[] {
  if (answer.evidence.length > 0) return answer.evidence;
  const rows = answer.table ? rowsOf(answer.table) : (answer.lines ?? []);
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
    commands: commands.map(({ line, answer }) => ({
      command: line,
      ok: answer.tone !== 'error',
      summary: answer.summary || answer.title,
    })),
  };
}
