import type { Call } from '../../incidents/decision.ts';
import { callsWhenOpen, OPENING_MS } from '../../incidents/escalation.ts';
import type { IncidentWithAlerts } from '../../incidents/incident.ts';
import type { Post } from '../../incidents/post.ts';
import type { Rendered } from '../render/blocks.ts';
import { renderCall } from '../render/call.ts';
import { userMention } from '../render/mrkdwn.ts';
import { cardView, type Deliverer } from './card.ts';

/**
 * Whether a newer call of the policy calls the same people, or has: after an outage they are called once, in whichever order the
 * calls that waited for it are tried again.
 */
export async function isSuperseded({ ports }: Deliverer, post: Post, call: Call): Promise<boolean> {
  if (post.state !== 'pending' || post.incidentNumber === null || call.by !== null) return false;
  const newer = await ports.posts.callsAfter(post.incidentNumber, post.id);
  return newer.some(
    ({ channel, body }) => channel === post.channel && body.kind === 'call' && isSameCall(body.call, call),
  );
}

function isSameCall(one: Call, other: Call): boolean {
  const whom = ({ ask, by, since, groups, users }: Call) => JSON.stringify([ask, by, since, groups, users]);
  return whom(one) === whom(other);
}

/**
 * The message of a call, from the incident as it is now. Null when it would mention nobody whom the incident's card has not
 * mentioned already.
 * @throws ResponderError when Slack does not say who a group is
 */
export async function renderCallPost(
  deliverer: Deliverer,
  {
    call,
    known,
    isElsewhere,
  }: { readonly call: Call; readonly known: IncidentWithAlerts; readonly isElsewhere: boolean },
  signal: AbortSignal,
): Promise<Rendered | null> {
  const { incident } = known;
  // A card that mentioned the group for an earlier round has called nobody for this one.
  const onCard =
    call.withCard &&
    call.since !== null &&
    (await deliverer.mentions.has(cardView(incident.number), call.since - OPENING_MS));
  const groups = onCard ? call.groups.filter((name) => name !== deliverer.settings.mentionGroup) : call.groups;
  if (!isElsewhere && call.ask === 'acknowledge' && groups.length + call.users.length === 0) return null;
  const found: string[] = [];
  const unknown: string[] = [];
  for (const name of groups) {
    const id = await deliverer.mentions.idOf(name, signal);
    if (id === null) unknown.push(name);
    else found.push(`<!subteam^${id}>`);
  }
  const mentions = [...new Set([...found, ...call.users.map(userMention)])];
  const callsOthers = callsWhenOpen(known, deliverer.settings.escalation);
  return renderCall({ incident, call, mentions, unknown, callsOthers, now: deliverer.clock.now() });
}
