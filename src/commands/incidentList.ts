import type { Actor, Incident } from '../incidents/incident.ts';
import { headline, spoken } from '../incidents/sentence.ts';
import { isUrgent } from '../incidents/urgency.ts';
import { compact } from '../wording/lengths.ts';
import type { ListItem, Suggestion } from './reply.ts';

/** How many incidents of a list are shown beside the SEV1 and SEV2, which are all shown. */
const MOST = 12;

/** The columns of every list of incidents. */
export const COLUMNS = ['INCIDENT', 'SEV', 'STATE', 'OWNER', 'AGE', 'WHERE', 'WHAT'] as const;

/** A row of a list as a terminal and a file show it. */
export function rowOf(one: Incident, now: number): readonly string[] {
  return [
    `#${one.number}`,
    one.severity,
    stateOf(one),
    ownerOf(one),
    compact((one.resolvedAt ?? now) - one.openedAt),
    one.namespace ?? one.cluster,
    `${one.drill ? 'DRILL ' : ''}${spoken(one, 120)}`,
  ];
}

/** The same for a phone: the sentence, then state, owner and age, and what is pressed. */
export function itemOf(one: Incident, now: number, press: Suggestion): ListItem {
  return {
    text: `${one.drill ? 'DRILL ' : ''}${headline(one, 150)}`,
    detail: [
      stateOf(one),
      ownerOf(one),
      compact((one.resolvedAt ?? now) - one.openedAt),
      one.namespace ?? one.cluster,
    ].join(' · '),
    press,
  };
}

/** What of a list, worst first, is shown to a phone: all SEV1 and SEV2, and others as far as there is room. */
export function shownOf(all: readonly Incident[]): readonly Incident[] {
  const urgent = all.filter(isUrgent).length;
  return all.slice(0, Math.max(urgent, MOST));
}

function stateOf(one: Incident): string {
  return `${one.status}${one.quietSince !== null && one.status !== 'resolved' ? ', quiet' : ''}`;
}

function ownerOf(one: Incident): string {
  return one.acknowledgedBy ? nameOf(one.acknowledgedBy) : 'nobody';
}

export function nameOf(actor: Actor): string {
  return actor.name ?? actor.id;
}
