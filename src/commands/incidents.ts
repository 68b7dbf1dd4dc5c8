import { ResponderError } from '../errors.ts';
import { STATUSES, type Status } from '../incidents/incident.ts';
import { short } from '../wording/cuts.ts';
import { compact } from '../wording/lengths.ts';
import { UNRESOLVED } from './access.ts';
import { type Call, type Command, optionText } from './command.ts';
import { reply } from './reply.ts';

const MOST = 50;

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

/** `/lambda incidents`: what is open, newest first. */
export const incidents: Command = {
  name: 'incidents',
  usage: '[--all | --status <status>] [--storm <number>]',
  summary: 'what is open',
  access: 'read',
  about: [`At most ${MOST}, newest first.`],
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
    const filter = { ...(status ? { status } : {}), ...(storm === null ? {} : { group: storm }) };
    const found = await ports.incidents.list({ ...filter, limit: MOST + 1 });
    const listed = found.slice(0, MOST);
    const now = ports.now();
    if (listed.length === 0)
      return reply({
        title: status === UNRESOLVED ? 'Nothing is open.' : 'There are no such incidents.',
        summary: 'All of them: incidents --all',
      });
    return reply({
      title: `${listed.length}${found.length > MOST ? ' or more' : ''} ${status === UNRESOLVED ? 'open' : 'listed'}`,
      summary: '',
      table: {
        columns: ['INCIDENT', 'SEV', 'STATUS', 'AGE', 'WHERE', 'TITLE'],
        rows: listed.map((one) => [
          `#${one.number}`,
          one.severity,
          `${one.status}${one.quietSince !== null && one.status !== 'resolved' ? ' (quiet)' : ''}`,
          compact(now - one.openedAt),
          one.namespace ?? one.cluster,
          `${one.drill ? 'DRILL ' : ''}${short(one.title, 60)}`,
        ]),
        total: listed.length,
      },
      notes: found.length > MOST ? [`Only the newest ${MOST} are shown.`] : [],
      next: listed
        .slice(0, 3)
        .map((one) => ({ label: `status ${one.number}`, command: `status ${one.number}`, readOnly: true })),
    });
  },
};
