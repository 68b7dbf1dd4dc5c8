import type { Incident } from '../../incidents/incident.ts';
import type { Policy } from '../../incidents/policy.ts';
import type { Logger } from '../../logger.ts';
import type { Clock, MentionLimits } from '../ports.ts';
import type { SlackApi } from './slackApi.ts';
import { slackReason } from './slackErrors.ts';

/** Decides whether a message mentions the group on call, by docs/rules.md#mentions. */
export interface Mentions {
  /** The Slack id of the group to mention in this view, or null. Claimed once it answers: a retry of the view gets it again. */
  forView(about: MentionAbout, signal: AbortSignal): Promise<string | null>;
  /** Whether this view mentioned the group at that time or later; epoch ms. */
  has(view: string, since: number): Promise<boolean>;
  /**
   * The Slack id of a user group, by its handle, name or id, whatever the limits; null when there is none.
   * @throws ResponderError when Slack does not say
   */
  idOf(group: string, signal: AbortSignal): Promise<string | null>;
}

export interface MentionAbout {
  readonly view: string;
  readonly incident: Incident;
  readonly channel: string;
  /** When what it tells happened, epoch ms: a backlog is not shouted. */
  readonly since: number;
}

/** `group` is `S0123`, `@oncall` or `oncall`; null mentions nobody. */
export function createMentions(
  group: string | null,
  limits: Policy['mentions'],
  ledger: MentionLimits,
  api: SlackApi,
  clock: Clock,
  log: Logger,
): Mentions {
  const resolved = new Map<string, Promise<string | null>>();
  // Shared by everybody who waits for it, so no caller's stop may end it.
  const groupId = (name: string): Promise<string | null> => {
    const known = resolved.get(name);
    if (known) return known;
    const asked = findGroup(name, api, log, AbortSignal.timeout(LOOKUP_MS));
    resolved.set(name, asked);
    // Slack being down is no reason to mention nobody for ever.
    asked.catch(() => resolved.delete(name));
    return asked;
  };
  const groupIfKnown = async (name: string): Promise<string | null> => {
    try {
      return await groupId(name);
    } catch (err) {
      log.warn({ err }, 'the group to mention cannot be looked up');
      return null;
    }
  };
  return {
    has: (view, since) => ledger.has(view, since),
    async idOf(name, signal) {
      const id = await groupId(name);
      signal.throwIfAborted();
      return id;
    },
    async forView(about, signal) {
      const { incident } = about;
      if (group === null || incident.drill || incident.flappingSince !== null) return null;
      if (incident.severity !== 'sev1' && incident.severity !== 'sev2') return null;
      if (clock.now() - about.since > limits.backlogMs) return null;
      const id = await groupIfKnown(group);
      signal.throwIfAborted();
      if (id === null) return null;
      const allowed = await ledger.claim({
        view: about.view,
        incidentNumber: incident.number,
        channel: about.channel,
        at: clock.now(),
        perIncidentMs: limits.perIncidentMs,
        perChannelMs: limits.perChannelMs,
      });
      return allowed ? id : null;
    },
  };
}

const LOOKUP_MS = 15_000;
const GROUP_ID = /^S[A-Z0-9]{2,20}$/;

async function findGroup(group: string, api: SlackApi, log: Logger, signal: AbortSignal): Promise<string | null> {
  const name = group.replace(/^@/, '');
  if (GROUP_ID.test(name)) return name;
  try {
    const slot = { method: 'usergroups.list', channel: null, priority: 'urgent' } as const;
    const answer = await api.call(slot, signal, (client) => client.usergroups.list());
    const found = answer.usergroups?.find((candidate) => candidate.handle === name || candidate.name === name);
    if (found?.id && GROUP_ID.test(found.id)) return found.id;
    log.warn({ group: name }, 'there is no user group of this name in the workspace: nobody is mentioned');
    return null;
  } catch (error) {
    const reason = slackReason(error);
    if (reason === null || reason === 'ratelimited') throw error;
    log.warn({ group: name, reason }, 'user groups cannot be read: give its id (S...) instead; nobody is mentioned');
    return null;
  }
}
