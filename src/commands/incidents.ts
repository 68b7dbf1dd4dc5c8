import { ResponderError } from '../errors.ts';
import { STATUSES, type Status } from '../incidents/incident.ts';
import { byUrgency } from '../incidents/urgency.ts';
import { short } from '../wording/cuts.ts';
import { UNRESOLVED } from './access.ts';
import { type Call, type Command, optionText } from './command.ts';
import { COLUMNS, itemOf, rowOf, shownOf } from './incidentList.ts';
import { reply } from './reply.ts';

/** The most unresolved incidents that are read to find the severest, however old it is. */
const MOST_OPEN = 500;
const MOST_ENDED = 50;

function statuses(call: Call): readonly Status[] | undefined {
  if (call.options.all === true) return undefined;
  const typed = optionText(call, 'status');
  if (typed === undefined) return UNRESOLVED;
  const status = STATUSES.find((one) => one === typed.toLowerCase());
  if (status) return [status];
  throw new ResponderError('bad_input', `“${short(typed, 60)}” is not a status.`, {
    hint: `Use ${STATUSES.join(', ')}, or --all.`,
  });
}

/** The shared card whose incidents are wanted; null for all. */
function group(call: Call): number | null {
  const typed = optionText(call, 'storm');
  if (typed === undefined) return null;
  const id = Number(typed.replace(/^#/, ''));
  if (Number.isSafeInteger(id) && id > 0) return id;
  throw new ResponderError('bad_input', `“${short(typed, 60)}” is not the number of a storm.`, {
    hint: 'Press “List them” on the storm’s card.',
  });
}

/** `/lambda incidents`: what is open, the worst first. */
export const incidents: Command = {
  name: 'incidents',
  usage: '[--all | --status <status>] [--storm <number>]',
  summary: 'what is open',
  access: 'read',
  about: [
    'The severest first, then what nobody has acknowledged, then the newest; SEV1 and SEV2 are never left out.',
    `With --all or a status the newest ${MOST_ENDED}, the newest first.`,
  ],
  examples: ['incidents', 'incidents --all', 'incidents --status resolved'],
  shape: (node) => {
    node
      .option('-a, --all', 'resolved ones too')
      .option('--status <status>', STATUSES.join(', '))
      .option('--storm <number>', 'those on one storm’s card');
  },
  check: (call) => {
    statuses(call);
    group(call);
  },
  run: async (call, { ports }) => {
    const status = statuses(call);
    const storm = group(call);
    const isEnded = status === undefined || status.includes('resolved');
    const most = isEnded ? MOST_ENDED : MOST_OPEN;
    const filter = { ...(status ? { status } : {}), ...(storm === null ? {} : { group: storm }) };
    const found = await ports.incidents.list({ ...filter, limit: most + 1 });
    const isCut = found.length > most;
    const read = found.slice(0, most);
    const now = ports.now();
    if (read.length === 0)
      return reply({
        title: status === UNRESOLVED ? 'Nothing is open.' : 'There are no such incidents.',
        summary: 'What there was:',
        next: [{ label: 'incidents --all', command: 'incidents --all', readOnly: true }],
      });
    const listed = isEnded ? read : read.toSorted(byUrgency);
    const shownHere = shownOf(listed);
    const left = listed.length - shownHere.length;
    return reply({
      title: `${listed.length}${isCut ? ' or more' : ''} ${status === UNRESOLVED ? 'open' : 'listed'}${isEnded ? ', the newest first' : ', the worst first'}`,
      summary: '',
      table: { columns: COLUMNS, rows: listed.map((one) => rowOf(one, now)), total: listed.length },
      list: shownHere.map((one) =>
        itemOf(one, now, { label: 'Show', command: `status ${one.number}`, readOnly: true }),
      ),
      notes: [
        ...(left > 0 ? [`${left} more, of lower severity or older.`] : []),
        ...(isCut ? [`Only the newest ${most} were looked at.`] : []),
      ],
    });
  },
};
