import type { ObjectName } from '../../incidents/evidence.ts';
import { listed } from '../../wording/counts.ts';
import { short } from '../../wording/cuts.ts';
import { spoken } from '../../wording/lengths.ts';
import type { Facts } from '../facts/facts.ts';
import { type Event, lastSeen } from '../subjects/event.ts';
import { conditionOf, createdAt, keyOf, named, timeOf } from '../subjects/object.ts';
import { topOwner } from '../subjects/owners.ts';
import { isReady, isSick, STUCK_MS } from '../subjects/pod.ts';
import { quantity } from '../subjects/quantity.ts';
import { usesOf } from '../subjects/quota.ts';
import {
  availableReplicas,
  existingReplicas,
  isObserved,
  isScaledToZero,
  updatedReplicas,
  type Workload,
  wantedReplicas,
} from '../subjects/workload.ts';
import { type Case, found } from './case.ts';
import { isTarget } from './targeted.ts';
import { say } from './words.ts';

/** A controller acts within seconds; this long without any it does not work. */
const IDLE_MS = 2 * 60_000;

const WORKLOADS = ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet'] as const;
type WorkloadKind = (typeof WORKLOADS)[number];

/** Pods that a controller may not create, replicas that are missing, rollouts that are stuck. */
export function workloadCases(facts: Facts): readonly Case[] {
  return [
    ...byQuota(refusals(facts)),
    ...fullQuotas(facts),
    ...WORKLOADS.flatMap((kind) => facts.all(kind).flatMap((of) => shortCases(kind, of, facts))),
  ];
}

/** What the API server refused to create, the newest refusal of each controller. */
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
  const told = new Set(fromEvents.map(({ subject }) => `${subject.kind}/${subject.namespace}/${subject.name}`));
  // The condition says the same and outlives the event.
  const fromConditions = [
    ...facts.all('ReplicaSet').map((of) => ['ReplicaSet', of] as const),
    ...facts.all('Deployment').map((of) => ['Deployment', of] as const),
  ].flatMap(([kind, of]) => {
    const failure = conditionOf(of, 'ReplicaFailure');
    if (failure?.status !== 'True' || existingReplicas(of) >= wantedReplicas(of)) return [];
    const own = named(kind, of.metadata);
    return told.has(`${kind}/${own.namespace}/${own.name}`)
      ? []
      : refusal(own, failure.message ?? '', timeOf(failure.lastTransitionTime), facts);
  });
  return [...fromEvents, ...fromConditions];
}

/** What one quota refuses is one case, told with everybody who was refused. */
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

function subjectOf({ involvedObject }: Event): ObjectName {
  return named(involvedObject.kind ?? '', { namespace: involvedObject.namespace, name: involvedObject.name ?? '' });
}

const ACCOUNT =
  /service ?account [^"]*"?([a-z0-9./-]+)"?[^"]*not found|error looking up service account [^/\s]+\/([a-z0-9.-]+)/i;
const EXCEEDED = /exceeded quota: ([^,\s]+), requested: (\S+(?:,\S+)*), used: (\S+(?:,\S+)*), limited: (\S+)/;
const MUST_SPECIFY = /failed quota: ([^:\s]+): must specify ([^;]+)/;
const DENIED = /admission webhook "([^"]+)" denied the request:?\s*(.*)$/s;
const FAILED_WEBHOOK = /failed calling webhook "([^"]+)":?\s*(.*)$/s;

/** One refusal in the words of the API server, told of the workload whose controller met it. */
function refusal(of: ObjectName, message: string, at: number | null, facts: Facts): readonly Case[] {
  const object =
    of.kind in { ReplicaSet: 1, Job: 1, StatefulSet: 1, DaemonSet: 1 }
      ? facts.get(of.kind as WorkloadKind, of.namespace, of.name)
      : null;
  const who = say(object ? topOwner(of, object.metadata, facts) : of);
  const namespace = of.namespace ?? '';
  const because = [`${of.kind} ${of.name}: ${short(message, 280)}`];
  const base = { subject: of, because, at };
  const exceeded = EXCEEDED.exec(message);
  if (exceeded) return [quotaCase(exceeded, { base, who, namespace, of, facts })];
  const demand = MUST_SPECIFY.exec(message);
  if (demand)
    return [
      found('quota-needs-values', {
        ...base,
        parts: { who, quota: demand[1] ?? '', resource: demand[2]?.trim() ?? '', namespace },
      }),
    ];
  const account = ACCOUNT.exec(message);
  if (/service ?account/i.test(message) && account) {
    const name = account[2] ?? account[1]?.split('/').at(-1) ?? '';
    if (facts.get('ServiceAccount', of.namespace, name)) return [];
    return [
      found('service-account-missing', {
        ...base,
        affects: [named('ServiceAccount', { namespace, name })],
        parts: { who, account: name },
      }),
    ];
  }
  const denied = DENIED.exec(message);
  if (denied)
    return [
      found('webhook-refused', {
        ...base,
        parts: { who, webhook: denied[1] ?? '', detail: short(denied[2] ?? '', 140) },
      }),
    ];
  const failing = FAILED_WEBHOOK.exec(message);
  if (failing)
    return [
      found('webhook-failing', {
        ...base,
        parts: {
          who,
          webhook: failing[1] ?? '',
          detail: short(failing[2]?.replace(/^failed to call webhook:\s*/, '') ?? '', 140),
        },
      }),
    ];
  if (/violates PodSecurity/.test(message))
    return [
      found('pod-security-refused', {
        ...base,
        parts: {
          who,
          standard: /violates PodSecurity "([^":]+)/.exec(message)?.[1] ?? '',
          detail: short(/violates PodSecurity "?[^:]*:[^:]*"?:?\s*(.*)$/s.exec(message)?.[1] ?? message, 140),
        },
      }),
    ];
  if (
    /(?:maximum|minimum) (?:cpu|memory|storage|ephemeral-storage)|limit to request ratio|per (?:Container|Pod|PersistentVolumeClaim) is/i.test(
      message,
    )
  )
    return [
      found('limit-range-refused', {
        ...base,
        parts: { who, detail: short(/is forbidden:?\s*(.*)$/s.exec(message)?.[1] ?? message, 140) },
      }),
    ];
  if (!/^Error creating|FailedCreate|forbidden|is invalid|exceeded|denied/i.test(message)) return [];
  return [
    found('create-refused', { ...base, parts: { who, detail: short(message.replace(/^Error creating: /, ''), 160) } }),
  ];
}

interface Refused {
  readonly base: { readonly subject: ObjectName; readonly because: readonly string[]; readonly at: number | null };
  readonly who: string;
  readonly namespace: string;
  readonly of: ObjectName;
  readonly facts: Facts;
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

/** Quotas without room: nothing that was refused is known to be missing, but the next object will be. */
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

function shortCases(kind: WorkloadKind, of: Workload, facts: Facts): readonly Case[] {
  if (isScaledToZero(of)) return [];
  const subject = named(kind, of.metadata);
  const who = say(subject);
  const cases: Case[] = [];
  const age = facts.now - (createdAt(of) ?? 0);
  const [wanted, available] = [wantedReplicas(of), availableReplicas(of)];
  const progressing = conditionOf(of, 'Progressing');
  if (progressing?.status === 'False' && progressing.reason === 'ProgressDeadlineExceeded')
    cases.push(
      found('rollout-stuck', {
        subject,
        parts: { who, detail: '' },
        because: [`Progressing=False: ${short(progressing.message ?? progressing.reason ?? '')}`],
        at: timeOf(progressing.lastTransitionTime),
      }),
    );
  // Asked about a rollout that stands still, its being paused is the answer; the controller says nothing of it else.
  if (
    of.spec.paused === true &&
    (updatedReplicas(of) < wanted || (progressing?.reason === 'DeploymentPaused' && isTarget(subject, facts)))
  )
    cases.push(found('paused', { subject, parts: { who }, because: ['spec.paused is true'] }));
  cases.push(...idleController(kind, of, facts));
  if (kind === 'ReplicaSet' || available >= wanted) return cases;
  const since = unavailableSince(of);
  const isLate = since === null ? age > STUCK_MS : facts.now - since > STUCK_MS;
  const isRolling =
    kind === 'Deployment' &&
    progressing?.status === 'True' &&
    progressing.reason !== 'NewReplicaSetAvailable' &&
    available >= wanted - 1;
  if (isRolling && updatedReplicas(of) < wanted) {
    const parts = { who, ready: String(available), wanted: String(wanted), updated: String(updatedReplicas(of)) };
    const because = [`Progressing=True ${progressing.reason ?? ''}`];
    return [...cases, found('rollout-in-progress', { subject, confidence: 'unknown', parts, because })];
  }
  cases.push(
    found('replicas-short', {
      subject,
      confidence: isLate && !isRolling ? 'confirmed' : 'unknown',
      level: !isLate || isRolling ? 'notice' : available === 0 ? 'critical' : 'warning',
      parts: {
        who,
        ready: String(available),
        wanted: String(wanted),
        since: since === null ? '' : ` for ${spoken(facts.now - since)}`,
      },
      because: [`${available} of ${wanted} replicas available`],
      at: since,
    }),
  );
  return [...cases, ...orderedStart(kind, of, facts)];
}

function unavailableSince(of: Workload): number | null {
  const available = conditionOf(of, 'Available');
  return available?.status === 'False' ? timeOf(available.lastTransitionTime) : null;
}

/** A StatefulSet that waits for one pod before it makes the next. */
function orderedStart(kind: WorkloadKind, of: Workload, facts: Facts): readonly Case[] {
  if (kind !== 'StatefulSet' || existingReplicas(of) >= wantedReplicas(of)) return [];
  const own = facts
    .within('Pod', of.metadata.namespace)
    .filter(({ metadata }) =>
      metadata.ownerReferences?.some(({ name, kind: owner }) => owner === kind && name === of.metadata.name),
    );
  const blocking = own.find((pod) => !isReady(pod) && isSick(pod, facts.now));
  if (!blocking) return [];
  const subject = named(kind, of.metadata);
  return [
    found('ordered-start-blocked', {
      subject,
      parts: { who: say(subject), pod: blocking.metadata.name },
      because: [`${existingReplicas(of)} of ${wantedReplicas(of)} pods exist, ${blocking.metadata.name} is not ready`],
    }),
  ];
}

/** Nothing happens: neither pods nor a refusal, or a spec that nobody has looked at. */
function idleController(kind: WorkloadKind, of: Workload, facts: Facts): readonly Case[] {
  const subject = named(kind, of.metadata);
  const changed = (of.metadata.managedFields ?? []).map(({ time, subresource }) =>
    subresource ? 0 : (timeOf(time) ?? 0),
  );
  const since = Math.max(createdAt(of) ?? 0, ...changed);
  if (since === 0 || facts.now - since < IDLE_MS) return [];
  const isIdle = !isObserved(of);
  const makesNone =
    kind === 'ReplicaSet' &&
    existingReplicas(of) === 0 &&
    wantedReplicas(of) > 0 &&
    conditionOf(of, 'ReplicaFailure') === null &&
    facts.coverage('Event', of.metadata.namespace) !== 'unread' &&
    facts.coverage('Pod', of.metadata.namespace) === 'whole' &&
    facts.eventsAbout(subject).length === 0 &&
    of.status.observedGeneration === undefined;
  if (!isIdle && !makesNone) return [];
  return [
    found('controller-manager-down', {
      subject,
      confidence: 'likely',
      parts: {
        who: say(subject),
        detail: isIdle
          ? `has a spec (generation ${of.metadata.generation}) that its controller has not looked at`
          : 'wants pods and nobody has tried to make one',
      },
      because: [
        isIdle
          ? `generation ${of.metadata.generation}, observedGeneration ${of.status.observedGeneration}`
          : '0 pods, no event, no condition ReplicaFailure',
      ],
      at: since,
    }),
  ];
}
