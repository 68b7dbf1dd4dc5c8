import { nextRung, rungInWords, targetsInWords, timed } from '../incidents/escalation.ts';
import type { EscalationPolicy, EscalationSettings } from '../incidents/escalationSettings.ts';
import type { Severity } from '../incidents/incident.ts';
import { listed } from '../wording/counts.ts';
import { compact } from '../wording/lengths.ts';
import type { Command } from './command.ts';
import { incidentHere, noIncidentReply } from './context.ts';
import { nameOf } from './incidentList.ts';
import { numberArgument, wantedNumber } from './number.ts';
import { type Reply, reply } from './reply.ts';

/** `/lambda oncall [number]`: who is called for what, and who is next. */
export const oncall: Command = {
  name: 'oncall',
  usage: '[number]',
  summary: 'who is called for what, and who is next',
  access: 'read',
  about: [
    'The escalation policies of responder.yaml, by severity and by route. Who of a group is on call today, Slack’s group or your rota says: I know no schedule.',
  ],
  examples: ['oncall', 'oncall 12'],
  shape: numberArgument,
  check: (call) => {
    wantedNumber(call);
  },
  run: async (call, run) => {
    const number = wantedNumber(call);
    const { ports } = run;
    const known = number === null ? await incidentHere(run) : await ports.incidents.find(number);
    if (number !== null && known === null) return noIncidentReply(number, 'open');
    const answer = policiesReply(ports.settings.escalation, known?.incident.severity ?? null);
    if (known === null) return answer;
    const { incident } = known;
    const next = nextRung(known, ports.settings.escalation);
    const owner = incident.acknowledgedBy ? `${nameOf(incident.acknowledgedBy)} has it` : 'nobody has it';
    const called = next ? `next: ${rungInWords(next, ports.now())}` : 'nobody is called by itself';
    return { ...answer, title: `#${incident.number}: ${owner}; ${called}.`, incidentNumber: incident.number };
  },
};

/** @param severity of the incident that is asked about; a policy without times of its own takes those of the severity */
function policiesReply(settings: EscalationSettings, severity: Severity | null): Reply {
  const { policies, group } = settings;
  const rows = policies.flatMap((policy) =>
    timed(policy, timesOf(policy, settings, severity)).rungs.map(({ afterMs, notify }, index) => [
      index === 0 ? policy.name : '',
      afterMs === 0 ? 'at once' : `after ${compact(afterMs)}`,
      targetsInWords(notify),
      index === 0 ? listed(usesOf(policy, settings)) || 'nothing' : '',
    ]),
  );
  if (rows.length === 0)
    return reply({
      tone: 'warning',
      title:
        group === null ? 'Nobody is called by itself.' : `Without a policy @${group} is mentioned again for a SEV1.`,
      summary:
        'Write who is called under escalation in responder.yaml. I know no schedule: name groups that your rota keeps.',
    });
  return reply({
    title: 'Who is called while nobody acknowledges',
    table: { columns: ['POLICY', 'WHEN', 'WHO', 'FOR'], rows, total: rows.length },
    notes: ['I know no schedule: who of a group is on call, your rota says.'],
  });
}

function usesOf({ name }: EscalationPolicy, { bySeverity, routes }: EscalationSettings): readonly string[] {
  const severities = (['sev1', 'sev2'] as const).filter((severity) => bySeverity[severity] === name);
  const matched = routes
    .filter(({ policy }) => policy === name)
    .map(({ match }) =>
      Object.entries(match)
        .map(([label, value]) => `${label}=${value}`)
        .join(' '),
    );
  return [...severities, ...matched];
}

/** Those of the severity that is asked about; else a policy that serves only sev2 has the times of a sev2. */
function timesOf(
  { name }: EscalationPolicy,
  { bySeverity, times }: EscalationSettings,
  severity: Severity | null,
): readonly number[] {
  if (severity === 'sev1' || severity === 'sev2') return times[severity];
  return bySeverity.sev2 === name && bySeverity.sev1 !== name ? times.sev2 : times.sev1;
}
