import { countAlerts } from '../incidents/incident.ts';
import { stillFiring, whatRepeatsDo } from '../incidents/life/repeats.ts';
import { DEFAULT_POLICY } from '../incidents/policy.ts';
import { spoken } from '../wording/lengths.ts';
import { changeIncident } from './change.ts';
import { type Call, type Command, optionText, type Run } from './command.ts';
import { copyable, incidentHere, splitNumber } from './context.ts';
import { checkText, freeText, wantedNumber } from './number.ts';

/** The number and the words of a command that takes both, such as `resolve 12 rolled back`. */
export async function numberAndWords(call: Call, run: Run): Promise<{ number: number | null; text: string }> {
  const given = optionText(call, 'incident');
  if (given !== undefined) return { number: wantedNumber(call, given), text: call.rest };
  return splitNumber(call.rest, (await incidentHere(run)) !== null);
}

const WINDOW = spoken(DEFAULT_POLICY.correlation.reopenWindowMs);

/** `/lambda resolve [number] [what fixed it]`: it is over; `--dismiss`: it was no incident. */
export const resolve: Command = {
  name: 'resolve',
  usage: '[number] [what fixed it]',
  summary: 'say that it is over; --dismiss: it was none',
  access: 'decide',
  about: [
    '--dismiss keeps it out of the statistics, with the reason you give.',
    `An alert that still fires does not open it again: for ${WINDOW} unless set otherwise (\`correlation.reopenWindow\`) its repeats are no news, and what still fires after that is a new incident. One that ends and fires again within ${WINDOW} opens it again.`,
  ],
  examples: ['resolve', 'resolve 12 rolled back to revision 00006', 'resolve --dismiss planned load test'],
  shape: (node) => {
    freeText(node);
    node.option('--dismiss', 'it was not an incident');
  },
  check: (call) => {
    checkText(call.rest, 'text');
  },
  run: async (call, run) => {
    const dismissed = call.options.dismiss === true;
    const { number, text } = await numberAndWords(call, run);
    let firing = 0;
    return changeIncident(run, {
      number,
      commandFor: (other) => `resolve${dismissed ? ' --dismiss' : ''} #${other}${copyable(text)}`,
      change: (known) => {
        firing = countAlerts(known).firing;
        return { kind: 'resolve', note: text === '' ? null : text, dismissed };
      },
      done: (incident) => ({
        title: dismissed ? `#${incident.number} dismissed: not an incident.` : `#${incident.number} is resolved.`,
        summary:
          firing === 0
            ? ''
            : `${stillFiring(firing)}: ${dismissed ? 'that it goes on is no news.' : whatRepeatsDo(firing, run.ports.settings.reopenWindowMs)}`,
        next: [{ label: 'Post-mortem', command: `postmortem ${incident.number}`, readOnly: true }],
        undo: `reopen ${incident.number}`,
      }),
    });
  },
};
