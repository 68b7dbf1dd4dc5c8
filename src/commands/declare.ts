import { ResponderError } from '../errors.ts';
import { type Call, type Command, optionText } from './command.ts';
import type { Place } from './invocation.ts';
import { namespaceName, objectName } from './names.ts';
import { checkText } from './number.ts';
import { reply } from './reply.ts';
import { severityOf } from './severity.ts';

function draftOf(call: Call) {
  const title = checkText(call.words.join(' ').trim(), 'title');
  if (title === '')
    throw new ResponderError('bad_input', 'An incident needs a title.', {
      hint: 'declare checkout is down --severity sev2',
    });
  if (title.length > 200)
    throw new ResponderError('bad_input', 'A title has at most 200 characters.', { hint: 'Put the rest in a note.' });
  const namespace = optionText(call, 'namespace');
  const subject = optionText(call, 'subject');
  return {
    title,
    severity: severityOf(optionText(call, 'severity') ?? 'sev3'),
    namespace: namespace === undefined ? null : namespaceName(namespace),
    subject: subject === undefined ? null : objectName(subject).name,
  };
}

/** The channel it was declared in, unless that is a direct message nobody else reads. */
function channelOf(place: Place | null): string | null {
  return place && !place.channel.startsWith('D') ? place.channel : null;
}

/** `/lambda declare <title>`: an incident no alert has told of. */
export const declare: Command = {
  name: 'declare',
  usage: '<title> [--severity sev2] [-n namespace] [--subject name]',
  summary: 'open an incident without an alert',
  access: 'decide',
  // It is how people are called.
  whenUnsure: 'may',
  about: ['It stays open until a person resolves it.'],
  examples: ['declare customers report timeouts --severity sev2 -n knative-lambda'],
  shape: (node) => {
    node
      .argument('<title...>', 'what is wrong')
      .option('--severity <severity>', 'sev1 to sev4; sev3 unless said')
      .option('-n, --namespace <name>', 'where')
      .option('--subject <name>', 'what it is about');
  },
  check: (call) => {
    draftOf(call);
  },
  run: async (call, { invocation, ports }) => {
    const draft = { ...draftOf(call), channel: channelOf(invocation.place) };
    const { id: once, actor, at } = invocation;
    const incident = await ports.changes.declare(draft, { actor, at, once });
    return reply({
      title: `#${incident.number} declared as ${incident.severity}.`,
      summary: incident.title,
      visibility: 'channel',
      incidentNumber: incident.number,
    });
  },
};
