import { counted } from '../../incidents/counted.ts';
import type { Job } from '../objects.ts';
import { type Facts, functionOfJob, isBuild, jobOfPod, logsOf, timeOf, wasRead } from './facts.ts';
import { type FailedBuild, failedBuilds, succeededBuilds } from './failedBuilds.ts';
import {
  type Case,
  cause,
  DEPTH,
  excluded,
  found,
  type Hypothesis,
  object,
  several,
  undecided,
  type Verdict,
} from './hypothesis.ts';
import { phaseOf } from './kaniko.ts';

/** Builds that failed for causes of one hypothesis, grouped by cause. */
export function buildHypothesis(id: string, title: string): Hypothesis {
  return { id, title, areas: ['builds'], judge: (facts) => judgeBuilds(id, facts) };
}

function judgeBuilds(id: string, facts: Facts): Verdict {
  const failed = failedBuilds(facts);
  if (failed.length === 0)
    return wasRead(facts, 'jobs') ? excluded('no build failed in the window') : undecided('build Jobs were not read');
  const groups = Map.groupBy(
    failed.filter(({ cause: why }) => why?.id === id),
    ({ cause: why }) => why?.code ?? '',
  );
  const cases = [...groups.values()].map((group) => caseOf(group, failed, facts));
  if (cases.length > 0) return found(cases);
  const unread = failed.filter(({ cause: why }) => why === null);
  if (unread.length > 0)
    return undecided(
      `${unread.length} of ${failed.length} failed builds do not tell why`,
      ...(unread[0]?.because ?? []),
    );
  return excluded(`all ${failed.length} failed builds tell another reason`);
}

function caseOf(group: readonly FailedBuild[], failed: readonly FailedBuild[], facts: Facts): Case {
  const first = group[0];
  const why = first?.cause;
  if (!first || !why) throw new RangeError('a group of failed builds has a cause');
  const functions = [...new Set(group.map(({ name }) => name))];
  const spread = spreadOf(group, failed, facts);
  return cause({
    code: why.code,
    subject: object('Job', first.namespace, first.job),
    confidence: why.confidence,
    count: group.length,
    conclusion: `The build of ${several(functions)} ${why.words}${detailOf(first, why.code)}${spread.words}.`,
    because: [...first.because, ...spread.lines].slice(0, 5),
    nextStep: why.next,
    touches: group.flatMap(({ job, name, pods }) => [job, name, ...pods.map(({ metadata }) => metadata.name)]),
    areas: ['builds'],
    // A build evicted or out of disk is a symptom of its node.
    depth: why.id === 'F15' || why.id === 'F9' ? DEPTH.symptom : DEPTH.workload,
    against: spread.against,
    ...(why.owners && functions.length === 1 && failed.length === group.length
      ? { noIncident: `the code of ${functions[0]} is at fault, the platform is fine` }
      : {}),
  });
}

/** The image or key the line names, for causes where it is the point. */
function detailOf(build: FailedBuild, code: string): string {
  const line = build.because[0] ?? '';
  if (code === 'base-image-missing') {
    const image = /\/v2\/(\S+?)\/manifests\/([^\s:]+)/.exec(line);
    return image ? ` (${image[1]}:${image[2]})` : '';
  }
  if (code === 'source-missing') {
    const key = /Key "([^"]{1,120})"/.exec(line);
    return key ? ` (${key[1]})` : '';
  }
  if (code === 'source-broken') return ` (${line.slice(0, 80)})`;
  if (code === 'build-deadline' && build.pods.length === 0)
    return '; its pod is gone, so what it was waiting for is unknown';
  return '';
}

/** Whether it hits all builds, those of a runtime, or some; and what speaks against it. */
function spreadOf(group: readonly FailedBuild[], failed: readonly FailedBuild[], facts: Facts) {
  const well = succeededBuilds(facts);
  const runtimes = new Set(group.map(({ runtime }) => runtime));
  const [runtime] = runtimes;
  const others = failed.filter((one) => !group.includes(one));
  const lines: string[] = [];
  let words = '';
  const isAll = others.length === 0 && group.length > 1;
  if (group.length > 1 || others.length > 0)
    lines.push(`${group.length} of ${failed.length} failed builds, ${well.length} succeeded in the window`);
  if (group.length > 2 && runtimes.size === 1 && runtime) {
    const same = failed.filter((one) => one.runtime === runtime).length;
    words = ` (${group.length} of ${same} failed ${runtime} builds${isAll ? ', no other runtime failed' : ''})`;
  } else if (isAll) words = ` (all ${group.length} failed builds, whatever their runtime)`;
  const seconds = group.flatMap((one) => one.seconds ?? []);
  if (group.length > 1 && seconds.length === group.length && Math.max(...seconds) < 15)
    lines.push(`each ended within ${Math.max(...seconds)} s`);
  const later = well.filter((job) => {
    const at = timeOf(job.status.completionTime) ?? 0;
    return (
      group.every((one) => at > (one.at ?? 0)) && group.some(({ name }) => functionOfJob(job, facts.profile) === name)
    );
  });
  const against = [
    ...later.slice(0, 2).map((job) => `${job.metadata.name} succeeded after it`),
    ...(group[0]?.cause?.reach === 'platform' && isAll && well.length > 0 && runtimes.size > 1
      ? [`${well.length} other builds succeeded in the window`]
      : []),
  ];
  return { words, lines, against };
}

/** Builds that failed and whose own output does not tell why: never guessed at. */
export const unexplainedBuilds: Hypothesis = {
  id: 'B',
  title: 'Builds that failed for a reason nobody wrote down',
  areas: [],
  judge(facts) {
    const unread = failedBuilds(facts).filter(({ cause: why }) => why === null);
    const first = unread[0];
    if (!first) return excluded('every failed build tells its reason');
    return found([
      cause({
        code: 'build-failed-unexplained',
        level: 'warning',
        confidence: 'unknown',
        count: unread.length,
        subject: object('Job', first.namespace, first.job),
        conclusion: `The build of ${several(unread.map(({ name }) => name))} failed and its output does not tell why.`,
        because: first.because.slice(0, 4),
        nextStep: `/lambda diag logs ${first.job}${first.namespace ? ` -n ${first.namespace}` : ''}`,
        touches: unread.flatMap(({ job, name, pods }) => [job, name, ...pods.map(({ metadata }) => metadata.name)]),
        areas: ['builds'],
        depth: DEPTH.symptom,
      }),
    ]);
  },
};

const STUCK_MS = 30 * 60_000;

/** F4: over its deadline, or running far longer than any build should. */
export const buildTimeout: Hypothesis = {
  id: 'F4',
  title: 'A build hangs or ran into its deadline',
  areas: ['builds'],
  judge(facts) {
    const ended = judgeBuilds('F4', facts);
    const stuck = facts.jobs.filter((job) => isStuck(job, facts)).map((job) => stuckCase(job, facts));
    const cases = [...ended.cases, ...stuck];
    if (cases.length > 0) return found(cases);
    const active = facts.jobs.filter((job) => isBuild(job, facts.profile) && (job.status.active ?? 0) > 0);
    if (ended.outcome !== 'excluded') return ended;
    return excluded(
      active.length > 0
        ? `${counted(active.length, 'build runs', 'builds run')}, none longer than 30 min`
        : 'no build runs or ran longer than 30 min',
    );
  },
};

function isStuck(job: Job, facts: Facts): boolean {
  const start = timeOf(job.status.startTime);
  if (!isBuild(job, facts.profile) || (job.status.active ?? 0) === 0 || start === null) return false;
  return (
    facts.now - start > STUCK_MS &&
    facts.pods.some((pod) => jobOfPod(pod) === job.metadata.name && pod.status.phase === 'Running')
  );
}

function stuckCase(job: Job, facts: Facts): Case {
  const { name, namespace } = job.metadata;
  const pods = facts.pods.filter((pod) => jobOfPod(pod) === name);
  const lines = pods.flatMap((pod) => logsOf(facts, pod).flatMap((log) => log.lines));
  const minutes = Math.round((facts.now - (timeOf(job.status.startTime) ?? facts.now)) / 60_000);
  const last = lines.at(-1);
  const silent = last?.at ? Math.round((facts.now - last.at) / 60_000) : null;
  const phase = phaseOf(lines.map(({ text }) => text));
  const owner = functionOfJob(job, facts.profile) ?? name;
  const isSilent = silent !== null && silent >= 5;
  return cause({
    code: isSilent ? 'build-hangs' : 'build-slow',
    confidence: isSilent ? 'confirmed' : 'likely',
    subject: object('Job', namespace, name),
    conclusion: `The build of ${owner} ${isSilent ? 'hangs' : 'is still running'} after ${minutes} min${phase ? ` while ${phase}` : ''}${isSilent ? `; it has logged nothing for ${silent} min` : ''}.`,
    because: [
      `Job ${name}: active since ${job.status.startTime}${job.spec.activeDeadlineSeconds ? '' : ', without a deadline'}`,
      ...(last ? [`last line: ${last.text}`] : ['its log could not be read']),
    ],
    nextStep: 'Keep its log, delete the Job and build again once what it waits for answers.',
    touches: [name, owner, ...pods.map(({ metadata }) => metadata.name)],
    areas: ['builds'],
  });
}

/** F3 of the operator generation: no Job exists, the function's own conditions and the control plane's log tell. */
export const sourceConditions: Hypothesis = {
  id: 'F3',
  title: 'The source is missing or storage refuses it',
  areas: ['builds', 'storage'],
  judge(facts) {
    const builds = judgeBuilds('F3', facts);
    const failing = facts.functions.filter((one) =>
      one.status.conditions?.some(
        ({ type, status, reason }) =>
          type === 'SourceReady' && status === 'False' && /Context|Source/i.test(reason ?? ''),
      ),
    );
    const cases = failing.flatMap((one) => {
      const message = one.status.conditions?.find(({ type }) => type === 'SourceReady')?.message ?? '';
      const rule = SOURCE.find(([pattern]) => pattern.test(message));
      if (!rule) return [];
      return [
        cause({
          code: rule[1],
          subject: object('LambdaFunction', one.metadata.namespace, one.metadata.name),
          conclusion: `The source of ${one.metadata.name} ${rule[2]}.`,
          because: [`SourceReady=False: ${message}`],
          nextStep: rule[3],
          touches: [one.metadata.name],
          areas: ['builds', 'storage', 'control', 'functions'],
          against:
            facts.functions.length > failing.length && rule[1] !== 'source-missing'
              ? [`${facts.functions.length - failing.length} other functions have their source`]
              : [],
        }),
      ];
    });
    const all = [...builds.cases, ...merge(cases)];
    if (all.length > 0) return found(all);
    if (failing.length > 0)
      return undecided(...failing.map(({ metadata }) => `${metadata.name}: SourceReady=False for another reason`));
    return builds;
  },
};

const SOURCE: readonly (readonly [RegExp, string, string, string])[] = [
  [
    /specified key does not exist|NoSuchKey|main source file .* not found|\b404\b/i,
    'source-missing',
    'does not exist in the bucket (NoSuchKey)',
    'Upload the source again or restore its version; the operator tries again by itself.',
  ],
  [
    /NoSuchBucket|bucket does not exist/i,
    'bucket-missing',
    'is looked for in a bucket that does not exist',
    'Correct the bucket’s name, or create it.',
  ],
  [
    /AccessDenied|Access Denied|InvalidAccessKeyId|SignatureDoesNotMatch|missing required keys|credentials secret/i,
    'source-refused',
    'cannot be read: storage refuses the credentials',
    'Renew the storage credentials; run the Job that copies the secret again.',
  ],
  [
    /too large|Request entity|exceeds|1048576/i,
    'source-too-large',
    'is larger than a ConfigMap can hold (about 1 MiB packed)',
    'The owner has to make it smaller.',
  ],
];

/** The same fault of several functions is one case with a count. */
function merge(cases: readonly Case[]): readonly Case[] {
  return [...Map.groupBy(cases, ({ code }) => code).values()].flatMap((group) => {
    const first = group[0];
    if (!first) return [];
    return [
      {
        ...first,
        count: group.length,
        touches: group.flatMap(({ touches }) => touches),
        because: group.flatMap(({ because }) => because).slice(0, 4),
      },
    ];
  });
}
