import { changeIncident } from './change.ts';
import type { Command } from './command.ts';
import { copyable } from './context.ts';
import { checkText, freeText } from './number.ts';
import { numberAndWords } from './resolve.ts';

/** `/lambda reopen [number] [why]`: it was not over. */
export const reopen: Command = {
  name: 'reopen',
  usage: '[number] [why]',
  summary: 'take a resolved incident up again',
  access: 'decide',
  about: [],
  examples: ['reopen 12 it is back'],
  shape: freeText,
  check: (call) => {
    checkText(call.rest, 'text');
  },
  run: async (call, run) => {
    const { number, text } = await numberAndWords(call, run);
    return changeIncident(run, {
      number,
      resolved: true,
      commandFor: (other) => `reopen #${other}${copyable(text)}`,
      change: () => ({ kind: 'reopen', note: text === '' ? null : text }),
      done: (incident) => ({ title: `#${incident.number} is open again.` }),
    });
  },
};
