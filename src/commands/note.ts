import { ResponderError } from '../errors.ts';
import { short } from '../wording/cuts.ts';
import { changeIncident } from './change.ts';
import { type Command, optionText } from './command.ts';
import { copyable, incidentHere, splitNumber } from './context.ts';
import { checkText, freeText, wantedNumber } from './number.ts';

/** `/lambda note [#number] text`: a line for the timeline, and so for the post-mortem. */
export const note: Command = {
  name: 'note',
  usage: '[#number] <text>',
  summary: 'write something into the timeline',
  access: 'note',
  about: ['It is kept word for word, with your name and the time, and goes into the post-mortem.'],
  examples: ['note restarted the builder, builds run again', 'note #12 customer told'],
  shape: freeText,
  check: (call) => {
    checkText(call.rest, 'note');
    if (call.rest === '')
      throw new ResponderError('bad_input', 'A note needs a text.', { hint: 'note restarted the builder' });
  },
  run: async (call, run) => {
    const given = optionText(call, 'incident') === undefined ? null : wantedNumber(call, optionText(call, 'incident'));
    const placed = given !== null || (await incidentHere(run)) !== null;
    const split = given === null ? splitNumber(call.rest, placed) : { number: given, text: call.rest };
    if (split.text === '')
      throw new ResponderError('bad_input', 'A note needs a text.', {
        hint: `note #${split.number} restarted the builder`,
      });
    return changeIncident(run, {
      number: split.number,
      commandFor: (number) => `note #${number}${copyable(split.text)}`,
      change: () => ({ kind: 'note', text: split.text }),
      done: (incident) => ({ title: `Noted on #${incident.number}.`, summary: short(split.text, 200) }),
    });
  },
};
