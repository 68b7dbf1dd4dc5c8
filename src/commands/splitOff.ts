import { changeIncident } from './change.ts';
import type { Command } from './command.ts';
import { wantedNumber } from './number.ts';

/** `/lambda split <number>`: takes a merge back. */
export const split: Command = {
  name: 'split',
  usage: '<number>',
  summary: 'take a merge back: the incident is one of its own again',
  access: 'decide',
  about: ['Name the incident that was merged into another. Its alerts come back to it as they are now.'],
  examples: ['split 14'],
  shape: (node) => {
    node.argument('<number>', 'the incident that was merged');
  },
  check: (call) => {
    wantedNumber(call, call.words[0]);
  },
  run: (call, run) =>
    changeIncident(run, {
      number: wantedNumber(call, call.words[0]),
      resolved: true,
      commandFor: (number) => `split ${number}`,
      change: () => ({ kind: 'split' }),
      done: (incident) => ({ title: `#${incident.number} is an incident of its own again.` }),
    }),
};
