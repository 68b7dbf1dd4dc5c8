import type { IncidentWithAlerts, Status } from '../incidents/incident.ts';
import { short } from '../wording/cuts.ts';
import { utc } from '../wording/instants.ts';
import type { Access, Command } from './command.ts';
import type { Invocation } from './invocation.ts';
import type { CommandSettings } from './ports.ts';
import { type Reply, reply } from './reply.ts';

export const UNRESOLVED: readonly Status[] = ['open', 'acknowledged', 'mitigated'];

/** What is known of who asks, and of where. */
export type Standing = Pick<Invocation, 'membership' | 'place' | 'lastChecked'>;

/** Slack could not say who this is, or whether the channel is shared. */
export function isUnsure({ membership, place }: Standing): boolean {
  return membership === 'unknown' || place?.external === null;
}

/**
 * Who is refused whatever they do: guests, strangers of another organisation, who left, anyone in a channel shared with
 * another organisation (the answer would be read there too), and who could not be checked within a day. Null: not refused.
 */
export function refusePerson(standing: Standing): Reply | null {
  if (standing.membership === 'guest')
    return refusal(
      'Guests of this workspace cannot use me.',
      'What I read from the cluster is for full members; ask one of them to run it for you.',
    );
  if (standing.membership === 'stranger')
    return refusal(
      'I only answer members of this workspace.',
      'You are from another organisation (Slack Connect); ask someone of this workspace to run it.',
    );
  if (standing.membership === 'gone')
    return refusal(
      'Slack does not know you in this workspace.',
      'Your account was deactivated or belongs to none of its members; ask someone of this workspace to run it.',
    );
  if (standing.place?.external)
    return refusal(
      'I do not answer in channels shared with another organisation.',
      'Logs and names of the cluster would be read there too. Use a channel of this workspace only.',
    );
  if (isUnsure(standing) && (standing.lastChecked ?? null) === null)
    return standing.membership === 'unknown'
      ? refusal('I cannot find out who you are.', `Slack does not say whether you are a full member. ${OTHER_DOORS}`)
      : refusal(
          'I cannot find out whether this channel is shared with another organisation.',
          `Invite me into it (/invite), or send it to me as a direct message. ${OTHER_DOORS}`,
        );
  return null;
}

/** The doors that are left to somebody whose membership cannot be checked. */
const OTHER_DOORS =
  'Try again in a minute; if it persists, use the terminal (`lambda-responder`) with a personal token, or ask somebody else.';

/** What stands beside everything that was done on an earlier check; null when this one was made. */
export function checkMark(standing: Standing): string | null {
  const { lastChecked = null } = standing;
  return isUnsure(standing) && lastChecked !== null ? `membership last checked ${utc(lastChecked)}` : null;
}

/** A person's name with that mark, as it goes into timelines. */
export function markedName(name: string | null, standing: Standing): string | null {
  const mark = checkMark(standing);
  return mark === null ? name : `${name ?? 'somebody'} (${mark})`;
}

/** Whether a call of this access may be made through this door by this actor; null when it may. */
export function refuseCommand(
  { name, whenUnsure }: Pick<Command, 'name' | 'whenUnsure'>,
  access: Access,
  invocation: Invocation,
): Reply | null {
  const mark = checkMark(invocation);
  if (mark !== null && (whenUnsure ?? (access === 'decide' ? 'refused' : 'may')) === 'refused')
    return refusal(
      `${name} needs Slack to say who you are and where, and it does not right now.`,
      `You may read, acknowledge and note meanwhile (${mark}). ${OTHER_DOORS}`,
    );
  if (access === 'read') return null;
  if (invocation.door === 'runbook')
    return refusal(`A runbook step cannot run ${name}.`, 'Runbooks only read; changes are made by a person.');
  if (access === 'note' || invocation.verified) return null;
  return refusal(
    `${name} needs to know who you are.`,
    'With the shared token you may read, note and acknowledge. Use Slack, or a personal token, to change an incident’s state.',
  );
}

function refusal(title: string, summary: string): Reply {
  return reply({ tone: 'warning', title, summary, visibility: 'asker' });
}

/** Whether people may read a namespace: it is in the settings (a trailing `*` matches any ending) or where the incident’s alert is. */
export function mayRead(namespace: string, settings: CommandSettings, known: IncidentWithAlerts | null): boolean {
  const listed = settings.namespaces.some((allowed) =>
    allowed.endsWith('*') ? namespace.startsWith(allowed.slice(0, -1)) : allowed === namespace,
  );
  // A declared incident's namespace is what a person typed: it must not open what the settings keep closed.
  return listed || (known !== null && !known.incident.declared && known.incident.namespace === namespace);
}

export function namespaceRefusal(namespace: string, settings: CommandSettings): Reply {
  return reply({
    tone: 'warning',
    title: `Namespace ${short(namespace, 60)} is not open to commands.`,
    summary: `I may read ${settings.namespaces.join(', ') || 'no namespace at all'}, and the incident’s own. To open it, add it to access.namespaces in responder.yaml.`,
    visibility: 'asker',
  });
}

export function allNamespacesRefusal(settings: CommandSettings): Reply {
  return reply({
    tone: 'warning',
    title: '-A is switched off.',
    summary: `Name one with -n: ${settings.namespaces.join(', ')}. To allow all, set access.allNamespaces in responder.yaml.`,
    visibility: 'asker',
  });
}
