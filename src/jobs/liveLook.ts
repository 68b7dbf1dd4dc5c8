import type { Invocation } from '../commands/invocation.ts';
import type { LiveLook } from '../commands/ports.ts';
import { type Reply, reply as replyOf } from '../commands/reply.ts';
import { coerceError } from '../errors.ts';
import { RESPONDER } from '../incidents/incident.ts';
import type { TimelineDraft } from '../incidents/timeline.ts';
import type { Logger } from '../logger.ts';
import { clockTime } from '../wording/instants.ts';
import { exact, seconds } from '../wording/lengths.ts';
import type { JobRequest } from './jobKinds.ts';
import { EVERY_MS, FORGOTTEN_MS, type LiveLookStore, type LiveState, LONGEST_MS, liveJob } from './liveLookStore.ts';

/** A round that takes longer brings nothing. */
const ROUND_MS = 10_000;
/** A process that was away for longer was stopped in between. */
const AWAY_MS = 20_000;
const FAILURES = 3;

export interface LiveLookPorts {
  readonly looks: LiveLookStore;
  readonly execute: (invocation: Invocation, signal: AbortSignal) => Promise<Reply>;
  readonly show: (look: LiveLook, reply: Reply, signal: AbortSignal) => Promise<'shown' | 'waiting' | 'gone'>;
  readonly storm: () => Promise<boolean>;
  readonly record: (incident: number, entry: TimelineDraft) => Promise<void>;
  readonly jobs: { enqueue(jobs: readonly JobRequest[], now: number): Promise<void> };
  readonly clock: () => number;
  readonly log: Logger;
}

/**
 * One round of a look that goes on: asks again, shows it in place, and sets the next round; or ends it and says why. What the
 * message showed last stays. A round that fails is said beside the last good answer.
 */
export async function runLiveRound(id: string, ports: LiveLookPorts, signal: AbortSignal): Promise<void> {
  const { looks, clock } = ports;
  const before = await looks.read();
  if (before?.look.id !== id) return;
  const begin = clock();
  const ended = await whyItEnds(before, ports);
  const round = ended === null ? await ask(before, ports, signal) : { answer: null, problem: null };
  const failures = round.problem === null ? 0 : before.failures + 1;
  const answer = round.answer ?? before.answer;
  const why =
    ended ?? (failures >= FAILURES ? `${FAILURES} times in a row there was no answer: ${round.problem}` : null);
  const shown = await show(before.look, composed(before.look, answer, why, round.problem, begin), ports, signal);
  const isOver =
    why !== null || shown === 'gone' || (shown === 'waiting' && begin - before.look.startedAt > FORGOTTEN_MS);
  if (isOver) {
    await looks.change(id, () => null);
    await recordEnd(before.look, why ?? 'its message is gone', answer, ports);
    return;
  }
  const next = (now: LiveState): LiveState => ({ ...now, lastAt: begin, rounds: now.rounds + 1, failures, answer });
  const kept = await looks.change(id, next);
  if (!kept) return;
  const dueAt = kept.stoppedBy === null ? Math.max(clock(), begin + EVERY_MS) : clock();
  await ports.jobs.enqueue([liveJob(id, dueAt)], clock());
}

async function whyItEnds({ look, lastAt, stoppedBy }: LiveState, ports: LiveLookPorts): Promise<string | null> {
  const now = ports.clock();
  if (stoppedBy !== null) return `stopped by ${stoppedBy.name ?? stoppedBy.id}`;
  if (now - look.startedAt >= LONGEST_MS) return `${exact(LONGEST_MS)} are over`;
  if (now - lastAt > AWAY_MS)
    return `the responder was away from ${clockTime(lastAt)} to ${clockTime(now)}, perhaps for a restart`;
  return (await ports.storm()) ? 'many incidents open at once, and Slack takes only so many edits' : null;
}

interface Round {
  readonly answer: Reply | null;
  readonly problem: string | null;
}

/** The same command as ourselves: what people asked for is on the timeline already, and not once more every five seconds. */
async function ask({ look, rounds }: LiveState, ports: LiveLookPorts, signal: AbortSignal): Promise<Round> {
  const invocation: Invocation = {
    id: `${look.id}:${rounds + 1}`,
    text: look.line,
    door: 'runbook',
    actor: RESPONDER,
    membership: 'member',
    verified: true,
    // Whoever asked was let in there.
    place: look.place && { ...look.place, external: look.place.external ?? false },
    incidentNumber: look.incidentNumber,
    at: ports.clock(),
  };
  try {
    const answer = await ports.execute(invocation, AbortSignal.any([signal, AbortSignal.timeout(ROUND_MS)]));
    if (answer.tone === 'error') return { answer: null, problem: answer.title };
    // What is kept for the next round is only what the message shows.
    return { answer: { ...answer, file: null, evidence: [] }, problem: null };
  } catch (thrown) {
    signal.throwIfAborted();
    const { code, message } = coerceError(thrown);
    return { answer: null, problem: code === 'cancelled' ? `nothing came within ${seconds(ROUND_MS)}` : message };
  }
}

function composed(look: LiveLook, answer: Reply | null, why: string | null, problem: string | null, at: number): Reply {
  const base = answer ?? replyOf({ title: look.line });
  const until = clockTime(look.startedAt + LONGEST_MS);
  const state =
    why === null
      ? `As of ${clockTime(at)}, every ${seconds(EVERY_MS)} until ${until}.`
      : `Ended at ${clockTime(at)}: ${why}.`;
  const trouble = problem === null || why !== null ? [] : [`No newer answer at ${clockTime(at)}: ${problem}`];
  return {
    ...base,
    tone: trouble.length > 0 ? 'warning' : base.tone,
    notes: [state, ...trouble, ...base.notes],
    visibility: 'thread',
    incidentNumber: look.incidentNumber,
    live: why === null ? { line: look.line } : null,
  };
}

/** Slack that does not take an edit costs a round, not the look. */
async function show(
  look: LiveLook,
  reply: Reply,
  ports: LiveLookPorts,
  signal: AbortSignal,
): Promise<'shown' | 'waiting' | 'gone'> {
  try {
    return await ports.show(look, reply, signal);
  } catch (thrown) {
    signal.throwIfAborted();
    const error = coerceError(thrown);
    // The last word is worth another try: the queue makes it.
    if (reply.live === null && error.retryable) throw error;
    ports.log.info({ err: error, invocation: look.id }, 'a live answer could not be updated');
    return error.retryable ? 'shown' : 'gone';
  }
}

async function recordEnd(look: LiveLook, why: string, answer: Reply | null, ports: LiveLookPorts): Promise<void> {
  if (look.incidentNumber === null) return;
  const summary = answer?.summary || answer?.title || 'no answer';
  const lasted = Math.round((ports.clock() - look.startedAt) / 1_000) * 1_000;
  const entry = {
    kind: 'command',
    at: ports.clock(),
    actor: RESPONDER,
    text: `/lambda ${look.line}: kept up to date for ${seconds(lasted)}, ended: ${why}. At the end: ${summary}`.slice(
      0,
      500,
    ),
    detail: { command: look.line, live: true, because: why, invocation: look.id },
  } as const;
  await ports
    .record(look.incidentNumber, entry)
    .catch((err: unknown) =>
      ports.log.warn({ err, incident: look.incidentNumber }, 'the end of a live answer was not recorded'),
    );
}
