import { ResponderError } from '../errors.ts';
import { targetsInWords } from '../incidents/escalation.ts';
import type { EscalationSettings, Target } from '../incidents/escalationSettings.ts';
import { short } from '../wording/cuts.ts';
import { changeIncident } from './change.ts';
import { type Call, type Command, optionText, type Run } from './command.ts';
import { leadingNumber } from './names.ts';
import { wantedNumber } from './number.ts';
import { type Reply, reply } from './reply.ts';

/** Slack writes who was mentioned as `<@U1|ana>` and `<!subteam^S1|@oncall>`: https://docs.slack.dev/messaging/formatting-message-text */
const PERSON = /<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>/g;
const GROUP = /<!subteam\^(S[A-Z0-9]+)(?:\|[^<>]*)?>/g;

/** `/lambda page [#number] <who>`: people by name, whatever the policy says. */
export const page: Command = {
  name: 'page',
  usage: '[#number] [@who | @group | policy] ...',
  summary: 'call somebody to the incident',
  access: 'note',
  about: [
    'Mentions them in the incident’s thread and in the channel, with a button to acknowledge.',
    'The name of an escalation policy calls the people of its first rung.',
  ],
  examples: ['page @oncall', 'page #12 @platform-secondary'],
  shape: (node) => {
    node.argument('[who...]', 'people, groups or a policy').option('-i, --incident <number>', 'the incident');
  },
  check: () => {},
  run: async (call, run) => {
    const { number, words } = parts(call);
    const mentioned = mentionedIn(run.invocation.text);
    // What Slack made a mention of is known by its id; its word stands in the line as `@name`.
    const notify = mentioned.length > 0 ? mentioned : targets(words, run.ports.settings.escalation);
    const whose =
      mentioned.length > 0 ? mentioned.map(({ kind, name }) => (kind === 'user' ? name : `@${name}`)) : words;
    if (notify.length === 0) return whom(run);
    return changeIncident(run, {
      number,
      commandFor: (one) => `page #${one} ${whose.join(' ')}`,
      change: () => ({ kind: 'page', notify }),
      done: (incident) => ({
        title: `#${incident.number}: called ${targetsInWords(notify)}.`,
        summary: 'The call is in its thread; it is no answer yet.',
      }),
    });
  },
};

function parts(call: Call): { readonly number: number | null; readonly words: readonly string[] } {
  const { words } = call;
  const [first = '', ...rest] = words;
  const leading = leadingNumber(first);
  if (leading !== null && leading.rest === '') return { number: leading.number, words: rest };
  const given = optionText(call, 'incident');
  return { number: given === undefined ? null : wantedNumber(call, given), words };
}

function mentionedIn(raw: string): readonly Target[] {
  const of = (kind: 'user' | 'group', pattern: RegExp): readonly Target[] =>
    [...raw.matchAll(pattern)].map(([, name = '']) => ({ kind, name }));
  return [...of('user', PERSON), ...of('group', GROUP)];
}

/** @throws ResponderError bad_input for a name that is no group, person or policy */
function targets(words: readonly string[], { policies }: EscalationSettings): readonly Target[] {
  return words.flatMap((word): readonly Target[] => {
    if (/^(?:some|any)(?:one|body)$/i.test(word)) return [];
    const policy = policies.find(({ name }) => name === word);
    if (policy) return policy.rungs[0]?.notify ?? [];
    if (/^[UW][A-Z0-9]{2,20}$/.test(word)) return [{ kind: 'user', name: word }];
    const [, handle] = /^@([^\s@<>!]+)$/.exec(word) ?? [];
    if (handle !== undefined && !/^(?:here|channel|everyone)$/i.test(handle)) return [{ kind: 'group', name: handle }];
    const known = policies.length === 0 ? '' : ` Policies: ${policies.map(({ name }) => name).join(', ')}.`;
    throw new ResponderError('bad_input', `“${short(word, 60)}” is nobody I can call.`, {
      hint: `Write @ and pick a person or a user group; a whole channel is never mentioned.${known}`,
    });
  });
}

function whom({ ports }: Run): Reply {
  const { policies } = ports.settings.escalation;
  return reply({
    tone: 'notice',
    title: 'Who should be called?',
    summary: 'Write @ and pick a person or a user group, or call the next people of the incident’s policy.',
    next: [
      { label: 'escalate', command: 'escalate', readOnly: false },
      { label: 'oncall', command: 'oncall', readOnly: true },
      ...policies.slice(0, 2).map(({ name }) => ({ label: `page ${name}`, command: `page ${name}`, readOnly: false })),
    ],
  });
}
