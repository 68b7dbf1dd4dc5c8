import { ResponderError } from '../errors.ts';
import { changeIncident } from './change.ts';
import type { Call, Command } from './command.ts';
import { wantedNumber } from './number.ts';

function targetOf(call: Call): { source: number | null; target: number } {
  const words = call.words.filter((word) => word !== 'into');
  const target = wantedNumber(call, words.at(-1));
  const source = words.length > 1 ? wantedNumber(call, words[0]) : null;
  if (target === null || words.length > 2)
    throw new ResponderError('bad_input', 'Say into which incident.', {
      hint: 'merge 14 into 12, or in the thread of 14: merge 12',
    });
  if (source === target) throw new ResponderError('bad_input', 'An incident cannot be merged into itself.');
  return { source, target };
}

/** `/lambda merge [number] into <number>`: two incidents are one. */
export const merge: Command = {
  name: 'merge',
  usage: '[number] [into] <number>',
  summary: 'make one incident part of another',
  access: 'decide',
  about: ['The first is closed and its alerts go to the second; in its own thread the first number is not needed.'],
  examples: ['merge 12', 'merge 14 into 12'],
  shape: (node) => {
    node.argument('<numbers...>', 'from and into');
  },
  check: (call) => {
    targetOf(call);
  },
  run: async (call, run) => {
    const { source, target } = targetOf(call);
    if (!(await run.ports.incidents.find(target)))
      throw new ResponderError('not_found', `There is no incident #${target}.`, {
        hint: 'See which there are: incidents',
      });
    return changeIncident(run, {
      number: source,
      commandFor: (number) => `merge ${number} into ${target}`,
      change: ({ incident }) => {
        if (incident.number === target)
          throw new ResponderError('bad_input', 'An incident cannot be merged into itself.');
        return { kind: 'mergeInto', target };
      },
      done: (_incident, meant) => ({ title: `#${meant} is now part of #${target}.`, undo: `split ${meant}` }),
    });
  },
};
