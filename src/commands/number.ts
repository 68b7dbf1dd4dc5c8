import type { Command as Tree } from 'commander';
import { ResponderError } from '../errors.ts';
import { short } from '../wording/cuts.ts';
import { changeIncident, type RequestedChange } from './change.ts';
import { type Call, type Command, optionText } from './command.ts';
import { incidentNumber } from './names.ts';

/** `[number]` for commands that take nothing else. */
export function numberArgument(node: Tree): void {
  node.argument('[number]', 'the incident').option('-i, --incident <number>', 'the incident');
}

/** A command whose only argument is the incident it changes. */
export function numberedChange(
  row: Pick<Command, 'name' | 'summary' | 'about'> & Pick<RequestedChange, 'change' | 'done'>,
): Command {
  const { name, change, done, ...said } = row;
  return {
    ...said,
    name,
    usage: '[number]',
    access: 'note',
    examples: [name, `${name} 12`],
    shape: numberArgument,
    check: (call) => {
      wantedNumber(call);
    },
    run: (call, run) =>
      changeIncident(run, { number: wantedNumber(call), commandFor: (number) => `${name} ${number}`, change, done }),
  };
}

/** The number that was typed, as argument or with `-i`; null when none. Throws `bad_input` when it is not one. */
export function wantedNumber(call: Call, word: string | undefined = call.words[0]): number | null {
  const typed = word ?? optionText(call, 'incident');
  if (typed === undefined) return null;
  const number = incidentNumber(typed);
  if (number !== null) return number;
  throw new ResponderError('bad_input', `“${short(typed, 60)}” is not the number of an incident.`, {
    hint: `Write it as on the card: ${call.path.join(' ')} 12`,
  });
}

/** Free text after a command, options only in front of it. */
export function freeText(node: Tree): void {
  node
    .argument('[text...]', 'your words')
    .option('-i, --incident <number>', 'the incident')
    .passThroughOptions()
    .allowUnknownOption(false);
}

/** The longest free text kept, in characters. */
export const MOST_TEXT = 3000;

export function checkText(text: string, what: string): string {
  if (text.length > MOST_TEXT)
    throw new ResponderError(
      'bad_input',
      `That ${what} has ${text.length.toLocaleString('en-US')} characters; the most is 3,000.`,
      {
        hint: 'Post it as a message and keep a short version here.',
      },
    );
  return text;
}
