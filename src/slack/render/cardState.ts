import { type NextRung, targetInWords } from '../../incidents/escalation.ts';
import type { Target } from '../../incidents/escalationSettings.ts';
import type { Actor, Incident, IncidentWithAlerts } from '../../incidents/incident.ts';
import { counted } from '../../wording/counts.ts';
import { date, prose, userMention } from './mrkdwn.ts';

/** Where an incident stands, who took it and since when, on one line of mrkdwn. */
export function stateLine(incident: Incident, firing: number, all: number, next: NextRung | null = null): string {
  const since = `since ${date(incident.startedAt)}`;
  const count = all > 1 ? ` · ${firing.toLocaleString('en-US')} of ${all.toLocaleString('en-US')} alerts firing` : '';
  if (incident.status === 'resolved') {
    const how =
      incident.resolution === 'dismissed' ? 'Dismissed' : incident.resolution === 'merged' ? 'Merged' : 'Resolved';
    const into = incident.mergedInto === null ? '' : ` into #${incident.mergedInto}`;
    return `✅ *${how}*${into} ${by(incident.resolvedBy, incident.resolvedAt)} · ${HOW[incident.resolution ?? 'person']} · started ${date(incident.startedAt)}`;
  }
  if (incident.status === 'mitigated') return `🩹 *Mitigated* ${at(incident.mitigatedAt)} · ${since}${count}`;
  if (incident.status === 'acknowledged')
    return `👀 *Acknowledged* ${by(incident.acknowledgedBy, incident.acknowledgedAt)} · ${since}${count}`;
  if (incident.quietSince !== null)
    return `🌙 *Quiet* since ${date(incident.quietSince)} · started ${date(incident.startedAt)}`;
  return `🔥 *${incident.declared && all === 0 ? 'Declared' : 'Firing'}* ${since}${count}${nextCall(next)}`;
}

/** An instant, because a card is read at any time: `· 📟 next @platform-secondary at 14:02`. */
function nextCall(next: NextRung | null): string {
  return next === null ? '' : ` · 📟 next ${next.notify.map(calledName).join(', ')} ${date(next.at)}`;
}

function calledName(target: Target): string {
  return target.kind === 'user' ? userMention(target.name) : prose(targetInWords(target), 60);
}

const HOW = {
  person: 'by hand',
  quiet: 'all alerts resolved',
  poll: 'no longer in Alertmanager',
  timeout: 'closed after a day of quiet',
  dismissed: 'not an incident',
  merged: 'continues there',
} as const;

function by(actor: Actor | null, when: number | null): string {
  return `${actor ? `by ${actorName(actor)}` : ''} ${at(when)}`.trim();
}

function at(when: number | null): string {
  return when === null ? '' : date(when);
}

/** A Slack user as a mention that opens the profile (an edit notifies nobody); anybody else by name. */
export function actorName(actor: Actor): string {
  if (actor.type === 'slack') return userMention(actor.id);
  return prose(actor.name ?? actor.id, 60) || actor.type;
}

/** What is odd about it: alerts that were not sent, silence, flapping; null when nothing is. */
export function badgeLine(incident: Incident, alerts: IncidentWithAlerts['alerts']): string | null {
  const silenced = alerts.reduce<number | null>((latest, alert) => maxOf(latest, alert.silencedUntil), null);
  const skewed = incident.truncatedAlerts;
  const badges = [
    skewed > 0 ? `➕ ${skewed.toLocaleString('en-US')} more not sent by Alertmanager` : null,
    incident.staleSince === null ? null : `🕰️ stale: nothing heard since ${date(incident.staleSince)}`,
    incident.flappingSince === null ? null : `🔁 flapping, ${counted(incident.flapCount, 'cycle')}`,
    incident.quietSince !== null && incident.status !== 'open' && incident.status !== 'resolved'
      ? `🌙 quiet since ${date(incident.quietSince)}`
      : null,
    silenced === null ? null : `🔕 silenced until ${date(silenced)}`,
    incident.reopenCount > 0 ? `↩️ reopened ${incident.reopenCount}×` : null,
  ].filter((badge) => badge !== null);
  return badges.length > 0 ? badges.join(' · ') : null;
}

function maxOf(left: number | null, right: number | null): number | null {
  if (left === null || right === null) return left ?? right;
  return Math.max(left, right);
}
