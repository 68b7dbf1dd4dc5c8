import { truth } from '../alerts/truth.ts';
import { objectIn } from '../incidents/affected.ts';
import { nextRung, rungInWords } from '../incidents/escalation.ts';
import { countAlerts, type IncidentAlert, type IncidentWithAlerts } from '../incidents/incident.ts';
import type { TimelineEntry } from '../incidents/timeline.ts';
import { counted } from '../wording/counts.ts';
import { short } from '../wording/cuts.ts';
import { utc } from '../wording/instants.ts';
import { compact } from '../wording/lengths.ts';
import { backlog } from './backlog.ts';
import type { Command } from './command.ts';
import { meantIncident, noIncidentReply, pickerReply } from './context.ts';
import { nameOf } from './incidentList.ts';
import { numberArgument, wantedNumber } from './number.ts';
import { type Reply, reply } from './reply.ts';

const LAST = 8;

/** `/lambda status [number]`: where an incident stands, for somebody who comes late. */
export const status: Command = {
  name: 'status',
  usage: '[number]',
  summary: 'the state of an incident',
  access: 'read',
  about: [
    'Who has it, what fires, and the last lines of its timeline.',
    'Also what the responder itself gave up or is late with.',
  ],
  examples: ['status', 'status 12'],
  shape: numberArgument,
  check: (call) => {
    wantedNumber(call);
  },
  run: async (call, run) => {
    const number = wantedNumber(call);
    const meant = await meantIncident(run, { number, writing: false });
    if (meant.kind === 'pick')
      return pickerReply(meant, (one) => `status ${one}`, { readOnly: true, now: run.ports.now() });
    const own = await backlog(run.ports);
    if (meant.kind === 'none') return { ...noIncidentReply(number, 'open'), ...own };
    const { incident } = meant.known;
    const timeline = await run.ports.incidents.timeline(incident.number);
    const next = nextRung(meant.known, run.ports.settings.escalation);
    const now = run.ports.now();
    const answer = statusReply(meant.known, timeline, now, next && rungInWords(next, now));
    return { ...answer, findings: own.findings, notes: [...answer.notes, ...own.notes] };
  },
};

/** @param next who is called next, in words */
function statusReply(
  known: IncidentWithAlerts,
  timeline: readonly TimelineEntry[],
  now: number,
  next: string | null,
): Reply {
  const { incident, alerts } = known;
  const { all, firing } = countAlerts(known);
  const states = [
    `${incident.severity} (${incident.severityReason}), ${incident.status}`,
    incident.quietSince === null ? '' : `quiet for ${compact(now - incident.quietSince)}`,
    incident.staleSince === null ? '' : `stale for ${compact(now - incident.staleSince)}`,
    incident.flappingSince === null ? '' : `flapping, ${counted(incident.flapCount, 'cycle')}`,
    incident.mergedInto === null ? '' : `merged into #${incident.mergedInto}`,
  ].filter((state) => state !== '');
  const called = next === null ? '' : `, next is called ${next}`;
  const owner = incident.acknowledgedBy ? `${nameOf(incident.acknowledgedBy)} has it` : `nobody has it${called}`;
  const rows = alerts.map((alert) => [alert.status, alert.name, compact(now - alert.startsAt), objectOf(alert)]);
  return reply({
    tone: incident.status === 'resolved' ? 'ok' : 'notice',
    title: `#${incident.number} ${incident.drill ? 'DRILL ' : ''}${short(incident.title, 120)}`,
    summary: `${states.join('; ')}; ${owner}. Open for ${compact((incident.resolvedAt ?? now) - incident.openedAt)}; ${firing} of ${all} alerts fire.`,
    table: alerts.length > 0 ? { columns: ['STATE', 'ALERT', 'AGE', 'OBJECT'], rows, total: all } : null,
    lines: timeline.slice(-LAST).map((entry) => `${utc(entry.at)}  ${nameOf(entry.actor)}: ${short(entry.text, 160)}`),
    notes:
      timeline.length > LAST
        ? [`The last ${LAST} of ${timeline.length} timeline entries; all of them: postmortem`]
        : [],
    visibility: 'asker',
    incidentNumber: incident.number,
  });
}

function objectOf(alert: IncidentAlert): string {
  return short(objectIn(alert.labels) ?? truth(alert.labels).namespace ?? '', 50);
}
