import { listed } from '../../wording/counts.ts';
import { short } from '../../wording/cuts.ts';
import type { Facts } from '../facts/facts.ts';
import { functionOfJob, isBuild, jobOfPod } from '../subjects/build.ts';
import { isFinished, type Job, phaseOf } from '../subjects/job.ts';
import { conditionOf, createdAt, named, timeOf } from '../subjects/object.ts';
import { isUnscheduled } from '../subjects/pod.ts';
import { type FailedBuild, failedBuilds, succeededBuilds } from './builds/failed.ts';
import { phaseOf as workOf } from './builds/output.ts';
import { type Case, found } from './case.ts';

/** Milliseconds after which a build is slow; a silent one hangs after a quarter of an hour. */
const SLOW_MS = 30 * 60_000;
const SILENT_MS = 15 * 60_000;
/** Number of concurrent builds that makes a storm rather than a busy hour. */
const STORM = 30;
/** Milliseconds within which a deployment follows its build. */
const DEPLOYED_MS = 2 * 60_000;

/** Builds of functions that fail, hang, wait in a storm, or are not followed by a deployment. */
export function buildCases(facts: Facts): readonly Case[] {
  return [...failures(facts), ...running(facts), ...storm(facts), ...sources(facts), ...notDeployed(facts)];
}

/** Merges builds that failed for one reason into one case that says how far it spreads. */
function failures(facts: Facts): readonly Case[] {
  const failed = failedBuilds(facts);
  const groups = [...Map.groupBy(failed, ({ why }) => why.code).values()];
  return groups.flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const functions = [...new Set(group.map(({ name }) => name))];
    const spread = spreadOf(group, failed, facts);
    const isElsewhere = first.why.code === 'storage-unreachable' && !isStorageSeen(facts);
    const isOwners = first.why.reach === 'owner' && functions.length === 1 && failed.length === group.length;
    const subject = named('Job', { namespace: first.namespace, name: first.job });
    return [
      found(first.why.code, {
        subject,
        confidence: isElsewhere && first.why.confidence === 'confirmed' ? 'likely' : first.why.confidence,
        ...(first.why.confidence === 'unknown' ? { level: 'warning' as const } : {}),
        count: group.length,
        at: first.at,
        affects: affectedBy(group, facts),
        parts: {
          functions: listed(functions),
          detail: first.why.detail,
          spread: spread.words,
          line: short(first.because[0] ?? ''),
        },
        because: [
          ...first.because,
          ...(isElsewhere ? [`no pod was seen in ${facts.profile.storageNamespace}: is the storage elsewhere?`] : []),
          ...spread.lines,
        ].slice(0, 6),
        noIncident: isOwners ? `the code of ${functions[0]} is at fault, the platform is fine` : null,
      }),
    ];
  });
}

/** Whether the object store is in this cluster, as far as was read: without it nobody knows which side fails. */
function isStorageSeen(facts: Facts): boolean {
  return facts.within('Pod', facts.profile.storageNamespace).length > 0;
}

/** Its other Jobs and pods, and the functions that get no new revision by it. */
function affectedBy(group: readonly FailedBuild[], facts: Facts): Case['affects'] {
  return group.flatMap(({ job, namespace, pods, name }) => [
    named('Job', { namespace, name: job }),
    ...pods.map(({ metadata }) => named('Pod', metadata)),
    ...[namespace, facts.profile.controlNamespace].map((place) => named('KnativeService', { namespace: place, name })),
  ]);
}

/** Whether it hits all builds, those of a runtime, or some; and what speaks against it. */
function spreadOf(group: readonly FailedBuild[], failed: readonly FailedBuild[], facts: Facts) {
  const well = succeededBuilds(facts);
  const runtimes = new Set(group.map(({ runtime }) => runtime));
  const [runtime] = runtimes;
  const others = failed.length - group.length;
  const isAll = others === 0 && group.length > 1;
  const lines =
    group.length > 1 || others > 0
      ? [`${group.length} of ${failed.length} failed builds, ${well.length} succeeded in the window`]
      : [];
  const seconds = group.flatMap((one) => one.seconds ?? []);
  if (group.length > 1 && seconds.length === group.length && Math.max(...seconds) < 15)
    lines.push(`each ended within ${Math.max(...seconds)} s`);
  const later = well.filter((job) => {
    const at = timeOf(job.status.completionTime) ?? 0;
    return (
      group.every((one) => at > (one.at ?? 0)) && group.some(({ name }) => functionOfJob(job, facts.profile) === name)
    );
  });
  lines.push(...later.slice(0, 2).map((job) => `against it: ${job.metadata.name} succeeded after it`));
  if (group[0]?.why.reach === 'platform' && isAll && well.length > 0 && runtimes.size > 1)
    lines.push(`against it: ${well.length} other builds succeeded in the window`);
  const same = failed.filter((one) => one.runtime === runtime).length;
  const words =
    group.length > 2 && runtimes.size === 1 && runtime
      ? ` (${group.length} of ${same} failed ${runtime} builds${isAll ? ', no other runtime failed' : ''})`
      : isAll
        ? ` (all ${group.length} failed builds, whatever their runtime)`
        : '';
  return { words, lines };
}

/** Builds that run far longer than any should: silent ones hang, those that still log are slow. */
function running(facts: Facts): readonly Case[] {
  return facts.all('Job').flatMap((job) => {
    const start = timeOf(job.status.startTime);
    if (!isBuild(job, facts.profile) || phaseOf(job) !== 'running' || start === null || facts.now - start <= SLOW_MS)
      return [];
    const pods = facts.within('Pod', job.metadata.namespace).filter((pod) => jobOfPod(pod) === job.metadata.name);
    if (!pods.some((pod) => pod.status.phase === 'Running')) return [];
    const lines = pods.flatMap((pod) => facts.logsOf(pod).flatMap((log) => log.lines));
    const last = lines.at(-1);
    const silentMs = last?.at ? facts.now - last.at : null;
    const work = workOf(lines.map(({ text }) => text));
    const subject = named('Job', job.metadata);
    const parts = {
      function: functionOfJob(job, facts.profile) ?? job.metadata.name,
      minutes: String(Math.round((facts.now - start) / 60_000)),
      phase: work ? ` while ${work}` : '',
    };
    const because = [
      `Job ${job.metadata.name}: active since ${job.status.startTime}${job.spec.activeDeadlineSeconds ? '' : ', without a deadline'}`,
      last ? `last line: ${short(last.text, 250)}` : 'its log could not be read',
    ];
    if (silentMs !== null && silentMs >= SILENT_MS)
      return [
        found('build-hangs', {
          subject,
          parts: { ...parts, silent: String(Math.round(silentMs / 60_000)) },
          because,
          at: last?.at ?? null,
        }),
      ];
    return [found('build-slow', { subject, parts, because, confidence: 'likely', at: start })];
  });
}

/** Many more builds requested than can run. Where the list was cut, the number is "at least". */
function storm(facts: Facts): readonly Case[] {
  const young = facts
    .all('Job')
    .filter((job) => isBuild(job, facts.profile) && !isFinished(job) && (createdAt(job) ?? 0) >= facts.target.from);
  const pods = Map.groupBy(facts.all('Pod'), (pod) => jobOfPod(pod) ?? '');
  // A Job whose pods lie beyond the part of a long list that was read is counted neither way.
  const known = young.filter((job) => (job.status.active ?? 0) === 0 || pods.has(job.metadata.name));
  const waiting = known.filter(
    (job) => (job.status.active ?? 0) === 0 || (pods.get(job.metadata.name) ?? []).some((pod) => isUnscheduled(pod)),
  );
  const [first] = young;
  if (!first || young.length < STORM || known.length === 0 || waiting.length * 2 < known.length) return [];
  const { namespace } = first.metadata;
  const isPart = facts.coverage('Job', namespace) !== 'whole';
  const blocked = waiting
    .flatMap((job) => pods.get(job.metadata.name) ?? [])
    .find((pod) => conditionOf(pod, 'PodScheduled')?.message);
  const message = blocked ? (conditionOf(blocked, 'PodScheduled')?.message ?? '') : '';
  const lacking = [
    ...new Set([...message.matchAll(/Insufficient \S+|untolerated taint/g)].map(([text]) => text.replace(/[.,]$/, ''))),
  ].join(', ');
  return [
    found('build-storm', {
      subject: named('Namespace', { name: namespace ?? 'all' }),
      affects: 'cluster',
      parts: { about: `${isPart ? 'at least ' : ''}${young.length} builds`, detail: lacking ? ` (${lacking})` : '' },
      because: [
        `${isPart ? 'at least ' : ''}${young.length} unfinished build Jobs of the last ${Math.round((facts.now - facts.target.from) / 60_000)} min, ${waiting.length} of them waiting`,
        ...(message ? [short(message, 250)] : []),
      ],
    }),
  ];
}

const SOURCE: readonly (readonly [RegExp, string])[] = [
  [
    /specified key does not exist|NoSuchKey|main source file .* not found|\b404\b/i,
    'does not exist in the bucket (NoSuchKey)',
  ],
  [/NoSuchBucket|bucket does not exist/i, 'is looked for in a bucket that does not exist'],
  [
    /AccessDenied|Access Denied|InvalidAccessKeyId|SignatureDoesNotMatch|missing required keys|credentials secret/i,
    'cannot be read: storage refuses the credentials',
  ],
];
const TOO_LARGE = /too large|Request entity|exceeds|1048576/i;

/** In the operator's generation no Job exists yet: the function's own conditions tell of its source. */
function sources(facts: Facts): readonly Case[] {
  return facts.all('LambdaFunction').flatMap((of) => {
    const condition = conditionOf(of, 'SourceReady');
    if (condition?.status !== 'False') return [];
    const message = condition.message ?? '';
    const subject = named('LambdaFunction', of.metadata);
    const because = [`SourceReady=False: ${short(message, 250)}`];
    if (TOO_LARGE.test(message))
      return [found('source-too-large', { subject, parts: { function: of.metadata.name, line: message }, because })];
    const why = SOURCE.find(([pattern]) => pattern.test(message))?.[1];
    return [
      found('source-not-ready', {
        subject,
        parts: {
          function: of.metadata.name,
          line: message,
          why: why ?? `is not ready: ${short(message || (condition.reason ?? 'no reason is given'), 140)}`,
        },
        because,
        confidence: why ? 'confirmed' : 'likely',
      }),
    ];
  });
}

/** A build that is complete with nothing deployed after it: the event, the Trigger or the service is missing. */
function notDeployed(facts: Facts): readonly Case[] {
  const place = facts.profile.controlNamespace;
  if (facts.coverage('KnativeService', place) !== 'whole') return [];
  const wanted = facts.target.functions;
  return facts.all('Job').flatMap((job: Job) => {
    const at = timeOf(job.status.completionTime);
    const name = functionOfJob(job, facts.profile);
    if (
      !isBuild(job, facts.profile) ||
      at === null ||
      name === null ||
      at < facts.target.from ||
      facts.now - at <= DEPLOYED_MS
    )
      return [];
    if (
      (wanted.length > 0 && !wanted.includes(name)) ||
      facts.get('KnativeService', place, name) ||
      facts.get('KnativeService', job.metadata.namespace, name)
    )
      return [];
    const triggers = facts
      .all('Trigger')
      .filter(({ spec, metadata }) => spec.subscriber?.ref?.name === name || metadata.name.startsWith(`${name}-`));
    const bad = triggers.flatMap((one) =>
      (one.status.conditions ?? [])
        .filter(({ status }) => status !== 'True')
        .map(
          (condition) =>
            `Trigger ${one.metadata.name}: ${condition.type}=${condition.status}: ${condition.message ?? ''}`,
        ),
    );
    const detail =
      bad.length > 0
        ? `; Trigger ${listed(triggers.map(({ metadata }) => metadata.name))} does not find its subscriber`
        : '';
    return [
      found('built-not-deployed', {
        subject: named('Job', job.metadata),
        affects: [
          named('KnativeService', { namespace: place, name }),
          ...triggers.map(({ metadata }) => named('Trigger', metadata)),
        ],
        parts: { function: name, minutes: String(Math.round((facts.now - at) / 60_000)), detail },
        because: [
          `Job ${job.metadata.name}: complete at ${job.status.completionTime}`,
          `no Knative Service ${name}`,
          ...bad,
        ].slice(0, 5),
        at,
      }),
    ];
  });
}
