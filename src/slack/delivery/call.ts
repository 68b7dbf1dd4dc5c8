import type { Call } from '../../incidents/decision.ts';
import { callsPeople, heldSince, OPENING_MS } from '../../incidents/escalation.ts';
import type { Incident } from '../../incidents/incident.ts';
import type { Rendered } from '../render/blocks.ts';
import { renderCall } from '../render/call.ts';
import { userMention } from '../render/mrkdwn.ts';
import { cardView, type Deliverer } from './card.ts';

/** Whether what a call asks for is still wanted: somebody may have answered since it was made. */
export function isStillWanted(call: Call, incident: Incident): boolean {
  if (call.since === null) return incident.status !== 'resolved';
  if (call.ask === 'confirm') return incident.status === 'acknowledged' && heldSince(incident) === call.since;
  return callsPeople(incident) && incident.escalation?.since === call.since;
}

/**
 * The message of a call, from the incident as it is now. Null when it would mention nobody whom the incident's card has not
 * mentioned already.
 * @throws ResponderError when Slack does not say who a group is
 */
export async function renderCallPost(
  deliverer: Deliverer,
  { call, incident, isElsewhere }: { readonly call: Call; readonly incident: Incident; readonly isElsewhere: boolean },
  signal: AbortSignal,
): Promise<Rendered | null> {
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
  return renderCall({ incident, call, mentions, unknown, now: deliverer.clock.now() });
}
