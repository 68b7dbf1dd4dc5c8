import { ResponderError } from '../errors.ts';
import { FIXED_RULES } from '../incidents/policy.ts';
import { short } from '../wording/cuts.ts';
import { compact, lengthOf, spoken } from '../wording/lengths.ts';
import { changeIncident } from './change.ts';
import { type Call, type Command, optionText } from './command.ts';
import { wantedNumber } from './number.ts';

const BY_DEFAULT = '1h';
const { snoozeMs: MOST_MS } = FIXED_RULES.commands;

function parts(call: Call): { readonly number: number | null; readonly ms: number } {
  const isLength = (word: string) => /[smhd]$/i.test(word) && lengthOf(word.toLowerCase()) !== null;
  const length = call.words.find(isLength) ?? BY_DEFAULT;
  const given = call.words.find((word) => !isLength(word)) ?? optionText(call, 'incident');
  const ms = lengthOf(length.toLowerCase()) ?? 0;
  if (ms > 0 && ms <= MOST_MS) return { number: given === undefined ? null : wantedNumber(call, given), ms };
  throw new ResponderError('bad_input', `“${short(length, 20)}” is too long: at most ${compact(MOST_MS)}.`, {
    hint: 'Longer than that somebody should look again: snooze 4h',
  });
}

/** `/lambda snooze [number] <length>`: you have it, and are not asked for so long. */
export const snooze: Command = {
  name: 'snooze',
  usage: '[number] [30m|2h]',
  summary: 'take it, and be asked again only after so long',
  access: 'note',
  about: [
    `An acknowledgement that nobody confirms expires; this holds it for up to ${compact(MOST_MS)}. The alert is not silenced: the card’s Silence link does that.`,
  ],
  examples: ['snooze 1h', 'snooze 12 30m'],
  shape: (node) => {
    node
      .argument('[length...]', `for how long; ${BY_DEFAULT} unless given`)
      .option('-i, --incident <number>', 'the incident');
  },
  check: (call) => {
    parts(call);
  },
  run: (call, run) => {
    const { number, ms } = parts(call);
    return changeIncident(run, {
      number,
      commandFor: (one) => `snooze ${one} ${compact(ms)}`,
      change: () => ({ kind: 'snooze', ms }),
      done: (incident) => ({ title: `#${incident.number} is yours, and you are not asked for ${spoken(ms)}.` }),
    });
  },
};
