import type { Finding } from '../../incidents/evidence.ts';
import { type Build, durationOf, phaseOf, stateOf, tellingContainer } from '../builds.ts';
import { span } from '../span.ts';
import { finding, look, nameOf } from './finding.ts';
import { isHistory, jobFindings, successes } from './jobs.ts';
import { logFindings } from './logs.ts';
import { podFindings } from './pods.ts';

const MINUTE = 60_000;
/** Silent for so long, a step hangs rather than works. */
const SILENT = 10 * MINUTE;

/** What is wrong with these builds. A Job only says that its pods failed: that is left out where pod or log say why. */
export function buildFindings(builds: readonly Build[], now: number): readonly Finding[] {
  const jobs = builds.map(({ job }) => job);
  const functionOf = (job: Build['job']) => builds.find((build) => build.job === job)?.functionName ?? null;
  const succeeded = successes(jobs, functionOf);
  const current = builds.filter(({ job }) => !isHistory(job, succeeded, functionOf));
  const causes = current.flatMap((build) => causesOf(build, now));
  const explained = new Set(causes.map(({ build }) => build.job.metadata.name));
  const ofJobs = jobFindings(jobs, functionOf, now).filter(
    ({ code, subject }) => code === 'job-deadline' || !explained.has(subject.name),
  );
  return [...causes.map((one) => one.finding), ...ofJobs.map((one) => withPhase(one, builds))];
}

function causesOf(build: Build, now: number): readonly { build: Build; finding: Finding }[] {
  const { pod, lines } = build;
  if (!pod || stateOf(build.job) === 'done') return [];
  const text = lines.map((line) => line.text).join('\n');
  const found = [...podFindings(pod), ...logFindings(pod, tellingContainer(pod), text), ...hanging(build, now)];
  const whose = build.functionName ? ` (build of ${build.functionName})` : '';
  return found.map((one) => ({
    build,
    finding: withPhase(
      { ...one, conclusion: one.conclusion.replace(/^(Container \S+)/, (name) => `${name}${whose}`) },
      [build],
    ),
  }));
}

function hanging(build: Build, now: number): readonly Finding[] {
  const last = build.lines.at(-1);
  const took = durationOf(build, now) ?? 0;
  if (stateOf(build.job) !== 'running' || !last?.at || now - last.at < SILENT || took < SILENT) return [];
  const subject = nameOf('Job', build.job.metadata);
  const phase = phaseOf(build);
  return [
    finding({
      code: 'build-hangs',
      level: 'critical',
      confidence: 'likely',
      subject,
      conclusion: `The build of ${build.functionName ?? subject.name} hangs${phase ? ` (${PHASE_WORDS[phase] ?? phase})` : ''}: it has written nothing for a long time (${span(now - last.at)})${build.job.spec.activeDeadlineSeconds ? '' : ' and has no deadline that would end it'}.`,
      because: [`runs for ${span(took)}, last line ${span(now - last.at)} ago: ${last.text.trim()}`],
      nextStep: `Save its log before the Job is deleted: ${look('logs', { name: `job/${subject.name}`, namespace: subject.namespace })}`,
    }),
  ];
}

const PHASE_WORDS: Readonly<Record<string, string>> = {
  'fetching source': 'while it fetches its source',
  'base image': 'while it fetches its base image',
  unpacking: 'while it unpacks its base image',
  RUN: 'in a step of its Dockerfile',
  snapshot: 'while it takes a snapshot of the file system',
  pushing: 'while it pushes the image',
};

/** Adds where the build was when it ended, which tells a large image from a large dependency. */
function withPhase(one: Finding, builds: readonly Build[]): Finding {
  const build = builds.find(
    ({ job, pod }) => job.metadata.name === one.subject.name || pod?.metadata.name === one.subject.name,
  );
  const last = build?.lines.at(-1)?.text.trim();
  const phase = build ? phaseOf(build) : null;
  if (!build || !phase || !last || one.code === 'build-hangs' || one.because.includes(last)) return one;
  return { ...one, because: [...one.because, `phase ${phase}, last line: ${last}`] };
}
