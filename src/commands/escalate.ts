import { changeIncident } from './change.ts';
import type { Command } from './command.ts';
import { numberArgument, wantedNumber } from './number.ts';

/** `/lambda escalate [number]`: the next rung of its policy, at once. */
export const escalate: Command = {
  name: 'escalate',
  usage: '[number]',
  summary: 'call the next people of its policy at once',
  access: 'note',
  about: [
    'Also when somebody acknowledged and needs more people; after the last rung the first is called again.',
    'By itself that happens while nobody acknowledges. Who is next: oncall. Somebody by name: page.',
  ],
  examples: ['escalate', 'escalate 12'],
  shape: numberArgument,
  check: (call) => {
    wantedNumber(call);
  },
  run: (call, run) =>
    changeIncident(run, {
      number: wantedNumber(call),
      commandFor: (number) => `escalate ${number}`,
      change: () => ({ kind: 'escalate' }),
      done: (incident) => ({
        title: `#${incident.number}: the next people are called.`,
        summary: 'Who was called stands in its thread and on its timeline.',
      }),
    }),
};
