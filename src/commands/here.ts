import type { Call, Command } from './command.ts';
import { incidentHere } from './context.ts';
import { incidents } from './incidents.ts';
import type { Suggestion } from './reply.ts';
import { status } from './status.ts';

/** `/lambda` alone: in an incident's place that incident, elsewhere what is open; both with what may be pressed next. */
export const here: Command = {
  name: 'here',
  usage: '',
  summary: 'what is open here and what to press; also an empty /lambda',
  access: 'read',
  about: ['In an incident’s thread or channel it is about that incident.'],
  examples: ['here'],
  shape: () => {},
  check: () => {},
  run: async (_call, run) => {
    const known = await incidentHere(run);
    if (known === null) {
      const answer = await incidents.run(bare('incidents'), run);
      return { ...answer, next: [...answer.next, read('diag all'), read('help')] };
    }
    const answer = await status.run(bare('status'), run);
    const take: readonly Suggestion[] =
      known.incident.status === 'open' ? [{ label: 'ack', command: 'ack', readOnly: false }] : [];
    return { ...answer, next: [...take, read('runbook'), read('diag all'), read('help')] };
  },
};

function bare(name: string): Call {
  return { path: [name], words: [], options: {}, rest: '' };
}

function read(command: string): Suggestion {
  return { label: command, command, readOnly: true };
}
