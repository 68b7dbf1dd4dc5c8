import type { IncidentWithAlerts, Status } from '../incidents/incident.ts';
import type { Access } from './command.ts';
import type { Invocation } from './invocation.ts';
import type { CommandSettings } from './ports.ts';
import { type Reply, reply } from './reply.ts';
import { shown } from './text.ts';

export const UNRESOLVED: readonly Status[] = ['open', 'acknowledged', 'mitigated'];

/**
 * Who is refused whatever they ask: guests, strangers of another organisation, and anyone in a channel shared with one,
 * because the answer would be read there too. Null: not refused. A membership Slack could not tell (`unknown`) is
 * let through: not knowing must not lock out the person on call.
 */
export function refusePerson(invocation: Invocation): Reply | null {
  if (invocation.membership === 'guest')
    return refusal(
      'Guests of this workspace cannot use me.',
      'What I read from the cluster is for full members; ask one of them to run it for you.',
    );
  if (invocation.membership === 'stranger')
    return refusal(
      'I only answer members of this workspace.',
      'You are from another organisation (Slack Connect); ask someone of this workspace to run it.',
    );
  if (invocation.place?.external)
    return refusal(
      'I do not answer in channels shared with another organisation.',
      'Logs and names of the cluster would be read there too. Use a channel of this workspace only.',
    );
  return null;
}

/** Whether a command of this access may be run through this door by this actor; null when it may. */
export function refuseCommand(access: Access, name: string, invocation: Invocation): Reply | null {
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
    title: `Namespace ${shown(namespace)} is not open to commands.`,
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
