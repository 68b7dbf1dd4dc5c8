import { ResponderError } from '../errors.ts';
import { short } from '../wording/cuts.ts';
import type { Call, Run } from './command.ts';
import type { LiveLook } from './ports.ts';
import { lineOf } from './record.ts';
import { type Reply, reply } from './reply.ts';

export function goesOn(call: Call): boolean {
  return call.options.follow === true || call.options.watch === true;
}

export function isStop(call: Call): boolean {
  return call.path[1] === 'stop';
}

export function checkLive(call: Call): void {
  if (goesOn(call) && call.options.previous === true)
    throw new ResponderError('bad_input', 'The log of a container that has ended does not grow.', {
      hint: 'Leave out --previous or --follow.',
    });
}

/**
 * Makes an answer one that goes on. In Slack only one does at a time; a terminal asks again by itself. Where it cannot go on,
 * the answer is worth giving all the same, and says why it stays as it is.
 */
export async function keepLooking(answer: Reply, call: Call, run: Run): Promise<Reply> {
  const { invocation, ports } = run;
  const line = lineOf({ ...call, options: { ...call.options, follow: undefined, watch: undefined } });
  if (invocation.door === 'terminal' || invocation.door === 'api') return { ...answer, live: { line } };
  if (!ports.live) return { ...answer, notes: ['Shown once: here it cannot be kept up to date.', ...answer.notes] };
  const look: LiveLook = {
    id: invocation.id,
    asked: invocation.text,
    line,
    incidentNumber: answer.incidentNumber,
    place: invocation.place,
    actor: invocation.actor,
    startedAt: ports.now(),
  };
  const begun = await ports.live.begin(look);
  if (begun.kind === 'begun') {
    const note = 'Kept up to date every 5 s, for two minutes at the most.';
    // Every round would need a file of its own.
    return { ...answer, file: null, live: { line }, visibility: 'thread', notes: [note, ...answer.notes] };
  }
  const why =
    begun.kind === 'storm'
      ? 'Shown once: many incidents open at once, and Slack takes only so many edits.'
      : `Shown once: ${nameOf(begun.other)} keeps “${short(begun.other.line, 60)}” up to date, one at a time. To end that: diag stop`;
  return { ...answer, notes: [why, ...answer.notes] };
}

/** `/lambda diag stop`. */
export async function stopLive(run: Run): Promise<Reply> {
  const stopped = await run.ports.live?.stop(run.invocation.actor);
  return stopped
    ? reply({ title: `“${short(stopped.line, 60)}” is no longer kept up to date.`, visibility: 'channel' })
    : reply({ tone: 'notice', title: 'Nothing is being kept up to date.' });
}

function nameOf(look: LiveLook): string {
  return look.actor.name ?? look.actor.id;
}
