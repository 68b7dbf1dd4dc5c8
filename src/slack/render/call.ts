import type { Call } from '../../incidents/decision.ts';
import { heldSince } from '../../incidents/escalation.ts';
import type { Incident } from '../../incidents/incident.ts';
import { headline, MAX_HEADLINE } from '../../incidents/sentence.ts';
import { listed } from '../../wording/counts.ts';
import { spoken } from '../../wording/lengths.ts';
import { actions, button, context, LIMITS, type Rendered, section } from './blocks.ts';
import { cutEscaped, escapeMrkdwn, oneLine, prose } from './mrkdwn.ts';
import { encodePress, PRESS_PREFIX } from './press.ts';

export interface CallView {
  readonly incident: Incident;
  readonly call: Call;
  /** Ready mentions: `<!subteam^S1>`, `<@U1>`. */
  readonly mentions: readonly string[];
  /** Groups that Slack does not know, so that nobody was mentioned for them. */
  readonly unknown: readonly string[];
  /** Whether a policy calls people once nobody holds the incident any more. */
  readonly callsOthers: boolean;
  /** When it is said, epoch ms. */
  readonly now: number;
}

/** What calls people to an incident, with the one button that answers it. */
export function renderCall(view: CallView): Rendered {
  const { incident, call, mentions, unknown } = view;
  const sentence = oneLine(headline(incident, MAX_HEADLINE));
  const why = whyOf(view);
  const press = (command: string) =>
    encodePress({ incidentNumber: incident.number, command }, LIMITS.buttonValue) ?? '# help';
  const label = call.ask === 'confirm' ? 'Still on it' : 'Acknowledge';
  const missing =
    unknown.length === 0
      ? []
      : [
          `⚠️ Slack has no user group ${prose(listed(unknown.map((name) => `@${name}`)), 200)}: nobody was mentioned for it`,
        ];
  const blocks: Rendered['blocks'] = [
    ...(mentions.length > 0 ? [context([mentions.join(' ')])] : []),
    section([`${call.ask === 'confirm' ? '⏰' : '📟'} *${prose(why, 300)}*`, prose(sentence, 300), ...missing]),
    actions(`call:${incident.number}`, [
      button(`${PRESS_PREFIX}ack`, label, press('ack'), { style: 'primary' }),
      ...(call.ask === 'confirm' ? [] : [button(`${PRESS_PREFIX}escalate`, 'Call the next', press('escalate'))]),
    ]),
  ];
  const text = call.ask === 'confirm' ? why : sentence;
  return { text: escapeMrkdwn(cutEscaped(text, MAX_HEADLINE)) || `Incident ${incident.number}`, blocks };
}

function whyOf({ incident, call, callsOthers, now }: CallView): string {
  const { number } = incident;
  if (call.ask === 'confirm') {
    const since = heldSince(incident);
    const otherwise = callsOthers ? 'others are called' : 'it is open again';
    return `Still on #${number}? You said so ${spoken(now - (since ?? now))} ago; without an answer ${otherwise}`;
  }
  if (call.by !== null) return `${call.by} asks for you on #${number}`;
  const waited = call.since === null ? 0 : now - call.since;
  return waited < 60_000
    ? `#${number} waits for somebody to take it`
    : `Nobody has acknowledged #${number} for ${spoken(waited)}`;
}
