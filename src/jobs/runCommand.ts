import type { Invocation } from '../commands/invocation.ts';
import type { Reply } from '../commands/reply.ts';
import type { Logger } from '../logger.ts';

/** What a `runCommand` job carries; both parts are JSON text, the second is opaque here. */
export interface CommandJob {
  readonly invocation: string;
  readonly answer: string;
}

export interface RunCommandPorts {
  execute(invocation: Invocation, signal: AbortSignal): Promise<Reply>;
  /** Says that it takes longer; called when there is no answer within a second. */
  running(target: unknown, signal: AbortSignal): Promise<void>;
  /** Brings the reply to whoever asked. */
  answer(target: unknown, reply: Reply, signal: AbortSignal): Promise<void>;
  readonly log: Logger;
}

/** After this long without an answer the asker is told that it is being worked on. */
const PATIENCE_MS = 1_000;

/**
 * Runs what somebody typed or pressed. A job runs again after a crash: reading again is harmless, and a change that was
 * made already is recognised by its invocation (see changes.ts).
 */
export async function runCommand(job: CommandJob, ports: RunCommandPorts, signal: AbortSignal): Promise<void> {
  const invocation: Invocation = JSON.parse(job.invocation); // written by our own submission
  const log = ports.log.child({ invocation: invocation.id, incident: invocation.incidentNumber });
  const begin = performance.now();
  const target: unknown = JSON.parse(job.answer);
  let saying: Promise<void> = Promise.resolve();
  const patience = setTimeout(() => {
    saying = ports.running(target, signal).catch(() => {}); // a courtesy: the answer follows anyway
  }, PATIENCE_MS);
  const reply = await ports.execute(invocation, signal).finally(() => clearTimeout(patience));
  await saying;
  log.info(
    {
      command: invocation.text,
      door: invocation.door,
      actor: invocation.actor.id,
      tone: reply.tone,
      ms: Math.round(performance.now() - begin),
    },
    'ran a command',
  );
  await ports.answer(target, reply, signal);
}
