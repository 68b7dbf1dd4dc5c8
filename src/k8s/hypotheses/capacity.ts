import type { Event, Pod } from '../objects.ts';
import { quantity } from '../quantity.ts';
import { type Facts, isBuild, jobOfPod, namesOfPod, timeOf, wasRead } from './facts.ts';
import { type Case, cause, DEPTH, excluded, found, type Hypothesis, object, several, undecided } from './hypothesis.ts';

const REASONS: readonly (readonly [RegExp, string, string])[] = [
  [/Insufficient memory/i, 'memory', 'not enough free memory'],
  [/Insufficient cpu/i, 'cpu', 'not enough free CPU'],
  [/Insufficient ephemeral-storage/i, 'storage', 'not enough ephemeral storage'],
  [/Insufficient (?!memory|cpu|ephemeral)\S+/i, 'device', 'not enough of a device'],
  [/Too many pods/i, 'pods', 'the nodes hold as many pods as they may'],
  [
    /unbound immediate PersistentVolumeClaims|persistentvolumeclaim .* not found|volume node affinity conflict|exceed max volume count/i,
    'volume',
    'its volume is not available on any node',
  ],
  [/untolerated taint|had taint|didn't tolerate/i, 'taint', 'the nodes have taints it does not tolerate'],
  [/node affinity|node selector|didn't match Pod's node/i, 'affinity', 'no node matches its affinity or selector'],
  [/topology spread|anti-affinity/i, 'spread', 'its spreading rules leave no node'],
];

/** F5: pods that wait for a node, grouped by why. */
export const pendingPods: Hypothesis = {
  id: 'F5',
  title: 'Pods wait for a node',
  areas: ['builds', 'functions', 'control', 'serving', 'storage', 'quota'],
  judge(facts) {
    if (!wasRead(facts, 'pods')) return undecided('pods were not read');
    const waiting = waitingPods(facts).map(({ pod, message }) => ({ pod, message, reasons: reasonsOf(message) }));
    if (waiting.length === 0) return excluded('no pod waits for a node');
    const groups = Map.groupBy(
      waiting,
      ({ pod, reasons }) => `${pod.metadata.namespace}/${reasons.map(([code]) => code).join('+')}`,
    );
    return found([...groups.values()].map((group) => pendingCase(group, facts)));
  },
};

/** Pods that wait for a node; of those beyond a list that was cut, the scheduler's own events tell. */
function waitingPods(facts: Facts): readonly { readonly pod: Pod; readonly message: string }[] {
  const listed = facts.pods.flatMap((pod) => {
    const message = unscheduled(pod);
    return message === null ? [] : [{ pod, message }];
  });
  const seen = new Set(facts.pods.map(({ metadata }) => metadata.name));
  const told = facts.events.flatMap(({ reason, message, involvedObject }) => {
    const { name = '', namespace = '' } = involvedObject;
    if (reason !== 'FailedScheduling' || seen.has(name) || !isCut(facts, `pods ${namespace}`)) return [];
    seen.add(name);
    return [
      {
        pod: { metadata: { name, namespace }, spec: { containers: [] }, status: { phase: 'Pending' } },
        message: message ?? '',
      },
    ];
  });
  return [...listed, ...told];
}

/** Only the first part of this list was read. */
function isCut(facts: Facts, key: string): boolean {
  const [kind, namespace] = key.split(' ');
  const listed = kind === 'jobs' ? facts.jobs : facts.pods;
  return (facts.totals.get(key) ?? 0) > listed.filter(({ metadata }) => metadata.namespace === namespace).length;
}

function unscheduled(pod: Pod): string | null {
  if (pod.status.phase !== 'Pending') return null;
  const scheduled = pod.status.conditions?.find(({ type }) => type === 'PodScheduled');
  return scheduled?.status === 'False' ? (scheduled.message ?? scheduled.reason ?? '') : null;
}

function reasonsOf(message: string): readonly (readonly [code: string, words: string])[] {
  return REASONS.filter(([pattern]) => pattern.test(message)).map(([, code, words]) => [code, words]);
}

function pendingCase(
  group: readonly { pod: Pod; message: string; reasons: readonly (readonly [string, string])[] }[],
  facts: Facts,
): Case {
  const first = group[0];
  if (!first) throw new RangeError('a group has a member');
  const { namespace, name } = first.pod.metadata;
  const claims = first.reasons.some(([code]) => code === 'volume') ? claimsOf(group.map(({ pod }) => pod)) : [];
  const refusal = whyUnbound(claims, namespace, facts);
  const words = first.reasons
    .map(([code, text]) => (code === 'volume' ? volumeWords(claims, refusal, first.message, text) : text))
    .join(', ');
  const builds = group.every(({ pod }) => isBuild({ metadata: { name: jobOfPod(pod) ?? '' } }, facts.profile));
  return cause({
    code: `unschedulable${first.reasons[0] ? `-${first.reasons[0][0]}` : ''}`,
    confidence: words === '' ? 'likely' : 'confirmed',
    subject: object('Pod', namespace, name),
    count: group.length,
    conclusion: `${group.length === 1 ? `Pod ${name} finds` : `${group.length} pods find`} no node: ${words || 'the scheduler gives a reason we do not know'}.`,
    because: [`${name}: ${first.message}`, ...(refusal ? [`${refusal.reason}: ${refusal.message ?? ''}`] : [])],
    nextStep:
      first.reasons[0]?.[0] === 'volume'
        ? `See the volumes and what refuses them: /lambda diag storage${namespace ? ` -n ${namespace}` : ''}`
        : 'Compare requests with what is free: /lambda diag top nodes. Waiting or fewer builds at once is safe.',
    touches: [...group.flatMap(({ pod }) => namesOfPod(pod, facts.profile)), ...claims],
    areas: builds ? ['builds'] : ['functions', 'control', 'serving', 'storage'],
  });
}

function claimsOf(pods: readonly Pod[]): readonly string[] {
  const names = pods
    .flatMap(({ spec }) => spec.volumes ?? [])
    .flatMap((one) => one.persistentVolumeClaim?.claimName ?? []);
  return [...new Set(names)];
}

/** What provisioning said last about one of the claims: no class, no quota, no room. */
function whyUnbound(claims: readonly string[], namespace: string | undefined, { events }: Facts): Event | null {
  const told = events.findLast(
    ({ reason, involvedObject }) =>
      involvedObject.kind === 'PersistentVolumeClaim' &&
      involvedObject.namespace === namespace &&
      claims.includes(involvedObject.name ?? '') &&
      /^(ProvisioningFailed|FailedBinding)$/.test(reason ?? ''),
  );
  return told ?? null;
}

function volumeWords(claims: readonly string[], refusal: Event | null, message: string, otherwise: string): string {
  if (refusal)
    return `its PersistentVolumeClaim ${refusal.involvedObject.name} gets no volume (${(refusal.message ?? '').slice(0, 200)})`;
  const isUnbound = /unbound immediate PersistentVolumeClaims/i.test(message);
  return isUnbound && claims.length > 0 ? `its PersistentVolumeClaim ${several(claims)} is not bound` : otherwise;
}

/** F6: a quota refuses pods, or is as good as used up. */
export const quota: Hypothesis = {
  id: 'F6',
  title: 'A resource quota is used up',
  areas: ['builds', 'quota', 'functions'],
  judge(facts) {
    const refusals = facts.events.filter(
      ({ reason, message }) => reason === 'FailedCreate' && /exceeded quota/i.test(message ?? ''),
    );
    const byQuota = Map.groupBy(
      refusals,
      ({ message, involvedObject }) =>
        `${involvedObject.namespace}/${/exceeded quota: ([^\s,]+)/.exec(message ?? '')?.[1] ?? ''}`,
    );
    const cases = [...byQuota.values()].map((events) => {
      const message = events[0]?.message ?? '';
      const name = /exceeded quota: ([^\s,]+)/.exec(message)?.[1] ?? 'a quota';
      const limited = /limited: ([^,]+(?:,[^,=]+=[^,]+)*)/.exec(message)?.[1]?.trim();
      const used = /used: (.+?), limited/.exec(message)?.[1];
      const whom = [...new Set(events.flatMap(({ involvedObject }) => involvedObject.name ?? []))];
      return cause({
        code: 'quota-exceeded',
        subject: object('ResourceQuota', events[0]?.involvedObject.namespace, name),
        count: whom.length,
        conclusion: `ResourceQuota ${name} is used up${used && limited ? ` (${used} of ${amountOf(limited)})` : ''}, so ${several(whom)} get${whom.length === 1 ? 's' : ''} no pod.`,
        because: [...new Set(events.map((one) => `FailedCreate: ${one.message}`))].slice(0, 3),
        nextStep:
          'Wait for running builds or delete finished Jobs; raise the quota only after a look at the capacity: /lambda diag quota',
        touches: [
          name,
          ...whom,
          ...facts.pods.filter((pod) => whom.includes(jobOfPod(pod) ?? '')).map(({ metadata }) => metadata.name),
        ],
        areas: ['builds', 'quota', 'functions'],
        depth: DEPTH.platform,
      });
    });
    const full = fullQuotas(facts).filter(({ subject }) => !cases.some((one) => one.subject.name === subject.name));
    if (cases.length + full.length > 0) return found([...cases, ...full]);
    if (wasRead(facts, 'resourcequotas')) return excluded('no quota is above 95 % and no pod was refused');
    return wasRead(facts, 'events') ? excluded('no pod was refused for a quota') : undecided('events were not read');
  },
};

function amountOf(limited: string): string {
  return limited.split('=').at(-1) ?? limited;
}

function fullQuotas(facts: Facts): readonly Case[] {
  return facts.quotas.flatMap((one) =>
    Object.entries(one.status.hard ?? {}).flatMap(([resource, hard]) => {
      const used = one.status.used?.[resource];
      const share = (quantity(used) ?? 0) / (quantity(hard) || Number.POSITIVE_INFINITY);
      if (share < 0.95) return [];
      return [
        cause({
          code: 'quota-exhausted',
          level: share >= 1 ? 'critical' : 'warning',
          subject: object('ResourceQuota', one.metadata.namespace, one.metadata.name),
          conclusion: `ResourceQuota ${one.metadata.name} has ${used} of ${hard} ${resource} in use.`,
          because: [`${resource}: used ${used}, hard ${hard}`],
          nextStep: 'Wait for running builds or delete finished Jobs: /lambda diag quota',
          touches: [one.metadata.name],
          areas: ['quota', 'builds'],
        }),
      ];
    }),
  );
}

/** How many builds at once are a storm rather than a busy hour. */
const STORM = 30;

/** F11: far more builds asked for than can run; consumers work. */
export const storm: Hypothesis = {
  id: 'F11',
  title: 'A storm of build events',
  areas: ['builds', 'eventing', 'control'],
  judge(facts) {
    if (!wasRead(facts, 'jobs')) return undecided('build Jobs were not read');
    const young = facts.jobs.filter((job) => {
      const at = timeOf(job.metadata.creationTimestamp);
      const open =
        (job.status.succeeded ?? 0) === 0 &&
        !job.status.conditions?.some(({ type }) => type === 'Failed' || type === 'Complete');
      return isBuild(job, facts.profile) && open && at !== null && at >= facts.target.from;
    });
    const { namespace } = young[0]?.metadata ?? {};
    const listed = facts.jobs.filter(({ metadata }) => metadata.namespace === namespace).length;
    const total = facts.totals.get(`jobs ${namespace}`) ?? listed;
    // Where the list was cut, what was read stands for the whole.
    const asked = total > listed ? Math.round((young.length / Math.max(1, listed)) * total) : young.length;
    const about = total > listed ? 'about ' : '';
    const pending = waitingPods(facts).map(({ pod }) => pod);
    const idle = young.filter(
      (job) => (job.status.active ?? 0) === 0 || pending.some((pod) => jobOfPod(pod) === job.metadata.name),
    );
    if (asked < STORM || idle.length * 2 < young.length)
      return excluded(
        `${asked === 1 ? '1 build is' : `${asked} builds are`} unfinished, ${idle.length} of them waiting`,
      );
    const message = waitingPods(facts)[0]?.message ?? null;
    const capacity = reasonsOf(message ?? '')
      .map(([, words]) => words)
      .join(', ');
    return found([
      cause({
        code: 'build-storm',
        subject: object('Namespace', null, namespace ?? 'all'),
        count: 1,
        conclusion: `A storm of builds: ${about}${asked} are unfinished, most of them waiting${capacity ? ` (${capacity})` : ''}; more are asked for than the cluster can run.`,
        because: [
          `${about}${asked} unfinished build Jobs of the last ${Math.round((facts.now - facts.target.from) / 60_000)} min`,
          ...(message ? [`${pending[0]?.metadata.name}: ${message}`] : []),
        ],
        nextStep: 'Pause who sends the events and let the queue drain; never purge it.',
        touches: [
          ...young.map(({ metadata }) => metadata.name),
          ...pending.flatMap((pod) => namesOfPod(pod, facts.profile)),
        ],
        areas: ['builds', 'eventing', 'control', 'quota'],
        depth: DEPTH.control,
      }),
    ]);
  },
};
