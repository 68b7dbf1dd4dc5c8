import { changeIncident } from './change.ts';
import type { Command } from './command.ts';
import { copyable } from './context.ts';
import { checkText, freeText } from './number.ts';
import { numberAndWords } from './resolve.ts';

/** `/lambda mitigate [number] [how]`: the harm has stopped, the cause is still there. */
export const mitigate: Command = {
  name: 'mitigate',
  usage: '[number] [how]',
  summary: 'say that the harm has stopped, not yet the cause',
  access: 'decide',
  about: [],
  examples: ['mitigate traffic is on the old revision'],
  shape: freeText,
  check: (call) => {
    checkText(call.rest, 'text');
  },
  run: async (call, run) => {
    const { number, text } = await numberAndWords(call, run);
    return changeIncident(run, {
      number,
      commandFor: (other) => `mitigate #${other}${copyable(text)}`,
      change: () => ({ kind: 'mitigate', note: text === '' ? null : text }),
      done: (incident) => ({ title: `#${incident.number} is mitigated.` }),
    });
  },
};
