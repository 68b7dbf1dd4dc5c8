import { execute } from '../commands/execute.ts';
import type { Invocation } from '../commands/invocation.ts';
import type { CommandPorts } from '../commands/ports.ts';
import type { Reply } from '../commands/reply.ts';
import type { Redactor } from '../redaction/redactor.ts';
import type { AnswerTarget } from '../slack/ports.ts';
import { type Metrics, observeTraced } from '../telemetry/metrics.ts';

export type Run = (invocation: Invocation, signal: AbortSignal) => Promise<Reply>;

/** What a person typed enters the store without its secrets: the job's payload outlives a crash, and a dead letter stays. */
export function withoutSecrets(typed: Invocation, target: AnswerTarget, { redact }: Redactor) {
  const name = (text: string | null) => (text === null ? null : redact(text));
  return {
    invocation: { ...typed, text: redact(typed.text), actor: { ...typed.actor, name: name(typed.actor.name) } },
    answer: { ...target, command: redact(target.command) },
  };
}

/** Runs a command, counted by its door and by what came of it. What was typed and what is answered lose their secrets. */
export function measured(ports: CommandPorts, redactor: Redactor, metrics: Metrics): Run {
  return async (typed, signal) => {
    const invocation = { ...typed, text: redactor.redact(typed.text), actor: redactor.redactTree(typed.actor) };
    const { door } = invocation;
    const begin = performance.now();
    const reply = redactor.redactTree(await execute(invocation, ports, signal));
    observeTraced(metrics.commandSeconds, { door }, performance.now() - begin);
    metrics.commands.inc({ door, outcome: reply.tone });
    return reply;
  };
}
