import { changeIncident } from './change.ts';
import type { Command } from './command.ts';
import { numberArgument, wantedNumber } from './number.ts';

/** `/lambda ack [number]`: somebody is on it. */
export const ack: Command = {
  name: 'ack',
  usage: '[number]',
  summary: 'say that you are on it',
  access: 'note',
  about: ['In an incident’s thread or channel no number is needed.'],
  examples: ['ack', 'ack 12'],
  shape: numberArgument,
  check: (call) => {
    wantedNumber(call);
  },
  run: (call, run) =>
    changeIncident(run, {
      number: wantedNumber(call),
      commandFor: (number) => `ack ${number}`,
      change: () => ({ kind: 'acknowledge' }),
      done: (incident) => ({ title: `#${incident.number} is yours.` }),
    }),
};
