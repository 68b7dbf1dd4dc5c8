import { changeIncident } from './change.ts';
import type { Command } from './command.ts';
import { numberArgument, wantedNumber } from './number.ts';

/** `/lambda unack [number]`: nobody is on it any more. */
export const unack: Command = {
  name: 'unack',
  usage: '[number]',
  summary: 'hand it back: nobody is on it',
  access: 'note',
  about: ['The incident is open again, for somebody else to acknowledge.'],
  examples: ['unack', 'unack 12'],
  shape: numberArgument,
  check: (call) => {
    wantedNumber(call);
  },
  run: (call, run) =>
    changeIncident(run, {
      number: wantedNumber(call),
      commandFor: (number) => `unack ${number}`,
      change: () => ({ kind: 'unacknowledge' }),
      done: (incident) => ({ title: `#${incident.number} is open again.` }),
    }),
};
