import type { Finding } from '../incidents/evidence.ts';
import { counted } from '../wording/counts.ts';
import { short } from '../wording/cuts.ts';
import { compact } from '../wording/lengths.ts';
import type { CommandPorts } from './ports.ts';

/** Age, milliseconds, from which waiting work is told: what waits for less is on its way. */
const LATE_MS = 60_000;
const NAMED = 3;

/** What the responder itself has not done: work it gave up, and what has waited for more than a minute. */
export async function backlog(
  ports: Pick<CommandPorts, 'queue' | 'now'>,
): Promise<{ readonly findings: readonly Finding[]; readonly notes: readonly string[] }> {
  const { queue } = ports;
  if (!queue) return { findings: [], notes: [] };
  const now = ports.now();
  const dead = await queue.deadCount();
  const findings = dead === 0 ? [] : [givenUp(dead, await queue.deadLetters(NAMED), now)];
  const late = (await queue.depth(now)).filter(
    ({ oldestDueAt }) => oldestDueAt !== null && now - oldestDueAt > LATE_MS,
  );
  const notes = late.map(
    ({ lane, due, oldestDueAt }) =>
      `${counted(due, 'job of my own is', 'jobs of my own are')} pending in lane ${lane}, the oldest for ${compact(now - (oldestDueAt ?? now))}.`,
  );
  return { findings, notes };
}

type Dead = Awaited<ReturnType<NonNullable<CommandPorts['queue']>['deadLetters']>>[number];

function givenUp(count: number, newest: readonly Dead[], now: number): Finding {
  return {
    code: 'responder-dead-letters',
    level: 'warning',
    confidence: 'confirmed',
    subject: { kind: 'Queue', namespace: null, name: 'lambda-responder' },
    count: 1,
    conclusion: `I gave up ${counted(count, 'piece', 'pieces')} of my own work; a card, an answer or an alert may be missing.`,
    because: newest.map((one) =>
      short(`${one.kind} (job ${one.id}), ${compact(now - one.deadAt)} ago: ${one.error}`, 300),
    ),
    nextStep: 'List them, fix the cause and retry: lambda-responder jobs list, jobs retry ID',
  };
}
