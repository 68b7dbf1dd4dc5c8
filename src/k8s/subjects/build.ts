import type { NameProfile } from '../../alerts/profile.ts';
import type { Job } from './job.ts';
import type { Pod } from './pod.ts';

/** Longest name of a Kubernetes object; no configured pattern is run on a longer one. */
const MAX_NAME = 253;

/** The tools that build images inside a Job. */
const BUILDERS = /(?:^|[/-])(?:kaniko|buildkit|buildah)/i;

/** The Job a pod belongs to, by owner and by label; null for a pod of none. */
export function jobOfPod(of: Pod): string | null {
  const labels = of.metadata.labels ?? {};
  return (
    of.metadata.ownerReferences?.find(({ kind }) => kind === 'Job')?.name ??
    labels['batch.kubernetes.io/job-name'] ??
    labels['job-name'] ??
    null
  );
}

/** Whether a Job builds a function: by the profile's label, its name, or the image that does the work. */
export function isBuild(of: Pick<Job, 'metadata'> & Partial<Pick<Job, 'spec'>>, profile: NameProfile): boolean {
  const { name, labels } = of.metadata;
  if (labels?.[profile.buildFunctionLabel] && /build/i.test(`${name} ${Object.keys(labels).join(' ')}`)) return true;
  if (name.length <= MAX_NAME && new RegExp(profile.buildJobPattern).test(name)) return true;
  return of.spec?.template?.spec?.containers.some((one) => BUILDERS.test(one.image ?? '')) ?? false;
}

/** Whether a pod does the work of a build Job. */
export function isBuildPod(of: Pod, profile: NameProfile): boolean {
  const job = jobOfPod(of);
  if (job === null) return false;
  return (
    isBuild({ metadata: { ...of.metadata, name: job } }, profile) ||
    of.spec.containers.some((one) => BUILDERS.test(one.image ?? ''))
  );
}

/** The function a build Job builds; null when neither label nor name tells. */
export function functionOfJob(of: Pick<Job, 'metadata'>, profile: NameProfile): string | null {
  return of.metadata.labels?.[profile.buildFunctionLabel] ?? functionOfJobName(of.metadata.name, profile);
}

export function functionOfJobName(job: string, profile: NameProfile): string | null {
  return job.length > MAX_NAME ? null : (new RegExp(profile.buildJobPattern).exec(job)?.groups?.function ?? null);
}
