import type { ObjectName } from '../../incidents/evidence.ts';
import { listed } from '../../wording/counts.ts';
import { short } from '../../wording/cuts.ts';
import type { Facts } from '../facts/facts.ts';
import { type Event, lastSeen } from '../subjects/event.ts';
import { conditionOf, keyOf, named, timeOf } from '../subjects/object.ts';
import { topOwner } from '../subjects/owners.ts';
import { quantity } from '../subjects/quantity.ts';
import { usesOf } from '../subjects/quota.ts';
import { existingReplicas, wantedReplicas } from '../subjects/workload.ts';
import { type Case, found } from './case.ts';
import { say } from './words.ts';

/**
 * Objects that the API server refuses to create, one case for each quota, and quotas that have no room for the next
 * object.
 */
export function admissionCases(facts: Facts): readonly Case[] {
  return [...byQuota(refusals(facts)), ...fullQuotas(facts)];
}

/** The newest refusal of each controller. */
function refusals(facts: Facts): readonly Case[] {
  const failed = facts.warnings.filter(
    ({ reason, message }) =>
      /^(FailedCreate|ReplicaSetCreateError|InternalError|UpdateFailed)$/.test(reason ?? '') ||
      /exceeded quota|failed calling webhook/.test(message ?? ''),
  );
  const newest = new Map<string, Event>();
  for (const one of failed)
    newest.set(`${one.involvedObject.kind}/${one.involvedObject.namespace}/${one.involvedObject.name}`, one);
  const fromEvents = [...newest.values()].flatMap((one) =>
    refusal(subjectOf(one), one.message ?? '', lastSeen(one), facts),
  );
  const told = new Set(fromEvents.flatMap(({ subject }) => [keyOf(subject), keyOf(ownerOfSet(subject, facts))]));
  // The condition says the same and outlives the event, and the Deployment repeats what its ReplicaSet says.
  const fromConditions = [
    ...facts.all('ReplicaSet').map((of) => ['ReplicaSet', of] as const),
    ...facts.all('Deployment').map((of) => ['Deployment', of] as const),
  ].flatMap(([kind, of]) => {
    const failure = conditionOf(of, 'ReplicaFailure');
    if (failure?.status !== 'True' || existingReplicas(of) >= wantedReplicas(of)) return [];
    const own = named(kind, of.metadata);
    if (told.has(keyOf(own))) return [];
    told.add(keyOf(ownerOfSet(own, facts)));
    return refusal(own, failure.message ?? '', timeOf(failure.lastTransitionTime), facts);
  });
  return [...fromEvents, ...fromConditions];
}

/** Merges the refusals of one quota into one case that names everybody refused. */
function byQuota(cases: readonly Case[]): readonly Case[] {
  const groups = Map.groupBy(cases, ({ code, parts, subject }) =>
    code === 'quota-exceeded' ? `${parts.namespace}/${parts.quota}/${parts.resource}` : `${code}/${keyOf(subject)}`,
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first?.code !== 'quota-exceeded') return group;
    return {
      ...first,
      count: group.length,
      parts: { ...first.parts, who: listed(group.map(({ parts }) => parts.who ?? '')) },
      because: group.flatMap(({ because }) => because),
      affects: group.flatMap(({ affects }) => (affects === 'cluster' ? [] : affects)),
    };
  });
}

/** The Deployment of a ReplicaSet; anything else itself. */
function ownerOfSet(of: ObjectName, facts: Facts): ObjectName {
  const set = of.kind === 'ReplicaSet' ? facts.get('ReplicaSet', of.namespace, of.name) : null;
  return set ? topOwner(of, set.metadata, facts) : of;
}

function subjectOf({ involvedObject }: Event): ObjectName {
  return named(involvedObject.kind ?? '', { namespace: involvedObject.namespace, name: involvedObject.name ?? '' });
}

const ACCOUNT =
  /service ?account [^"]*"?([a-z0-9./-]+)"?[^"]*not found|error looking up service account [^/\s]+\/([a-z0-9.-]+)/i;
const EXCEEDED = /exceeded quota: ([^,\s]+), requested: (\S+), used: (\S+), limited: (\S+)/;
const MUST_SPECIFY = /failed quota: ([^:\s]+): must specify ([^;]+)/;
const DENIED = /admission webhook "([^"]+)" denied the request:?\s*(.*)$/s;
const FAILED_WEBHOOK = /failed calling webhook "([^"]+)":?\s*(.*)$/s;
const OUT_OF_RANGE =
  /(?:maximum|minimum) (?:cpu|memory|storage|ephemeral-storage)|limit to request ratio|per (?:Container|Pod|PersistentVolumeClaim) is/i;

/** The case of one refusal, for the workload whose controller met it. */
function refusal(of: ObjectName, message: string, at: number | null, facts: Facts): readonly Case[] {
  const object =
    of.kind in { ReplicaSet: 1, Job: 1, StatefulSet: 1, DaemonSet: 1 }
      ? facts.get(of.kind as 'ReplicaSet' | 'Job' | 'StatefulSet' | 'DaemonSet', of.namespace, of.name)
      : null;
  const refused: Refused = {
    of,
    message,
    who: say(object ? topOwner(of, object.metadata, facts) : of),
    namespace: of.namespace ?? '',
    base: { subject: of, because: [`${of.kind} ${of.name}: ${short(message, 280)}`], at },
    facts,
  };
  return (
    byResourceQuota(refused) ??
    byServiceAccount(refused) ??
    byWebhook(refused) ??
    byPodSecurity(refused) ??
    byLimitRange(refused) ??
    byAnythingElse(refused)
  );
}

/** A refused request: the object it was for, and what the cases about it share. */
interface Refused {
  readonly of: ObjectName;
  /** The words of the API server. */
  readonly message: string;
  /** The workload, for a reader. */
  readonly who: string;
  /** Of the object; empty for one without. */
  readonly namespace: string;
  readonly base: { readonly subject: ObjectName; readonly because: readonly string[]; readonly at: number | null };
  readonly facts: Facts;
}

/** Reads a message as one kind of refusal; null when it is about another. */
type Reading = (refused: Refused) => readonly Case[] | null;

const byResourceQuota: Reading = (refused) => {
  const { base, message, who, namespace } = refused;
  const exceeded = EXCEEDED.exec(message);
  if (exceeded) return [quotaCase(exceeded, refused)];
  const demand = MUST_SPECIFY.exec(message);
  if (!demand) return null;
  const parts = { who, quota: demand[1] ?? '', resource: demand[2]?.trim() ?? '', namespace };
  return [found('quota-needs-values', { ...base, parts })];
};

const byServiceAccount: Reading = ({ of, base, message, who, namespace, facts }) => {
  const account = ACCOUNT.exec(message);
  if (!account || !/service ?account/i.test(message)) return null;
  const name = account[2] ?? account[1]?.split('/').at(-1) ?? '';
  if (facts.get('ServiceAccount', of.namespace, name)) return [];
  const affects = [named('ServiceAccount', { namespace, name })];
  return [found('service-account-missing', { ...base, affects, parts: { who, account: name } })];
};

const byWebhook: Reading = ({ base, message, who }) => {
  const denied = DENIED.exec(message);
  if (denied) {
    const parts = { who, webhook: denied[1] ?? '', detail: short(denied[2] ?? '', 140) };
    return [found('webhook-refused', { ...base, parts })];
  }
  const failing = FAILED_WEBHOOK.exec(message);
  if (!failing) return null;
  const detail = short(failing[2]?.replace(/^failed to call webhook:\s*/, '') ?? '', 140);
  return [found('webhook-failing', { ...base, parts: { who, webhook: failing[1] ?? '', detail } })];
};

const byPodSecurity: Reading = ({ base, message, who }) => {
  if (!/violates PodSecurity/.test(message)) return null;
  const standard = /violates PodSecurity "([^":]+)/.exec(message)?.[1] ?? '';
  const why = /violates PodSecurity "?[^:]*:[^:]*"?:?\s*(.*)$/s.exec(message)?.[1] ?? message;
  return [found('pod-security-refused', { ...base, parts: { who, standard, detail: short(why, 140) } })];
};

const byLimitRange: Reading = ({ base, message, who }) => {
  if (!OUT_OF_RANGE.test(message)) return null;
  const detail = short(/is forbidden:?\s*(.*)$/s.exec(message)?.[1] ?? message, 140);
  return [found('limit-range-refused', { ...base, parts: { who, detail } })];
};

function byAnythingElse({ base, message, who }: Refused): readonly Case[] {
  if (!/^Error creating|FailedCreate|forbidden|is invalid|exceeded|denied/i.test(message)) return [];
  const detail = short(message.replace(/^Error creating: /, ''), 160);
  return [found('create-refused', { ...base, parts: { who, detail } })];
}

/** The first resource that has no room, with what is in use now rather than what was when it was refused. */
function quotaCase(exceeded: RegExpExecArray, { base, who, namespace, of, facts }: Refused): Case {
  const [, quota = '', requested = '', used = '', limited = ''] = exceeded;
  const pairs = (text: string) =>
    new Map(
      text.split(',').map((one) => [one.slice(0, one.lastIndexOf('=')), one.slice(one.lastIndexOf('=') + 1)] as const),
    );
  const [asked, inUse, hard] = [pairs(requested), pairs(used), pairs(limited)];
  const resource = [...hard.keys()][0] ?? 'resources';
  const now = facts.get('ResourceQuota', of.namespace, quota);
  const use = now ? usesOf(now).find((one) => one.resource === resource) : undefined;
  return found('quota-exceeded', {
    ...base,
    affects: [named('ResourceQuota', { namespace, name: quota }), base.subject],
    parts: {
      who,
      quota,
      resource: listed([...hard.keys()], 3),
      asked: asked.get(resource) ?? '',
      used: use?.used ?? inUse.get(resource) ?? '?',
      hard: use?.hard ?? hard.get(resource) ?? '?',
      namespace,
    },
  });
}

/** Quotas without room: no refused object is known, but the next one will be refused. */
function fullQuotas(facts: Facts): readonly Case[] {
  return facts.all('ResourceQuota').flatMap((one) => {
    const subject = named('ResourceQuota', one.metadata);
    return usesOf(one).flatMap(({ resource, used, hard, share }) => {
      if (share === null || share < 1 || quantity(hard) === 0) return [];
      const parts = { quota: one.metadata.name, resource, used, hard, namespace: one.metadata.namespace ?? '' };
      return [
        found('quota-full', {
          subject,
          parts,
          confidence: 'likely',
          because: [`${resource}: used ${used}, hard ${hard}`],
        }),
      ];
    });
  });
}
