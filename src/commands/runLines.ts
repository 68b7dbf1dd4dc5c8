import { coerceError, ResponderError } from '../errors.ts';
import { short } from '../wording/cuts.ts';
import { refuseCommand } from './access.ts';
import { columnsOf } from './columns.ts';
import type { Command, Run } from './command.ts';
import { parse } from './parse.ts';
import type { PlaybookStepView, PlaybookView } from './ports.ts';
import { type Reply, reply } from './reply.ts';

interface Ran {
  readonly line: string;
  readonly answer: Reply;
}

/** Runs the `lambda` block of a step through the same command files as if it had been typed, one answer for all its lines. */
export async function runLines(
  step: PlaybookStepView,
  view: PlaybookView,
  incidentNumber: number,
  run: Run,
  table: readonly Command[],
): Promise<Reply> {
  const answers = await Promise.all(
    step.commands.map(async (line) => ({ line, answer: await runLine(line, incidentNumber, run, table) })),
  );
  const title = `Step ${step.index + 1} of ${view.steps.length}: ${short(step.text, 180)}`;
  const [first, ...more] = answers;
  const answer = first && more.length === 0 ? alone(first) : together(answers);
  return { ...answer, title, visibility: 'thread', incidentNumber };
}

async function runLine(line: string, incidentNumber: number, run: Run, table: readonly Command[]): Promise<Reply> {
  const parsed = parse(line, table);
  if (!parsed.ok) return parsed.reply;
  const { command, call } = parsed;
  if ((command.accessFor?.(call) ?? command.access) !== 'read')
    return reply({ tone: 'warning', title: `A runbook step cannot run ${command.name}: it changes something.` });
  const forbidden = refuseCommand(command, 'read', run.invocation);
  if (forbidden) return forbidden;
  try {
    // A step shows what is the case now; what goes on is asked for by hand.
    const { live: _none, ...ports } = run.ports;
    return await command.run(call, { ...run, ports, invocation: { ...run.invocation, text: line, incidentNumber } });
  } catch (thrown) {
    if (run.signal.aborted)
      throw new ResponderError('cancelled', 'The step was stopped before it had an answer.', { cause: thrown });
    const error = coerceError(thrown);
    return reply({ tone: 'error', title: error.message, summary: error.hint ?? '' });
  }
}

function alone({ answer }: Ran): Reply {
  return { ...answer, summary: [answer.title, answer.summary].filter((part) => part !== '').join('\n') };
}

/** Several answers as one: what each says first, all findings, then the tables and lines one under the other; whole in a file. */
function together(answers: readonly Ran[]): Reply {
  const worst = (['error', 'warning', 'notice'] as const).find((tone) =>
    answers.some(({ answer }) => answer.tone === tone),
  );
  const bodies = answers.map(bodyOf);
  const lines = bodies.flatMap((body, at) => (at === 0 ? body : ['', ...body]));
  return reply({
    tone: worst ?? 'ok',
    title: '',
    summary: answers
      .map(({ line, answer }) => `${line}: ${[answer.title, answer.summary].filter((part) => part !== '').join(' ')}`)
      .join('\n'),
    assumed: answers[0]?.answer.assumed ?? [],
    findings: answers.flatMap(({ answer }) => answer.findings),
    lines: bodies.flatMap((body, at) => [...(at === 0 ? [] : ['']), ...body.slice(0, 12)]),
    keep: 'head',
    evidence: answers.flatMap(({ answer }) => answer.evidence),
    notes: [...new Set(answers.flatMap(({ answer }) => answer.notes))],
    next: answers.at(-1)?.answer.next ?? [],
    file: {
      name: 'step.txt',
      title: answers
        .map(({ line }) => line)
        .join('; ')
        .slice(0, 200),
      mime: 'text/plain',
      content: `${lines.join('\n')}\n`,
    },
    simulated: answers.some(({ answer }) => answer.simulated),
  });
}

function bodyOf({ line, answer }: Ran): readonly string[] {
  const body = answer.table ? columnsOf(answer.table.columns, answer.table.rows) : (answer.lines ?? []);
  return [`$ ${line}`, ...(body.length > 0 ? body : [answer.title])];
}
