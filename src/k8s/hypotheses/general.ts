import { counted } from '../../incidents/counted.ts';
import { eventFindings } from '../findings/events.ts';
import { jobFindings } from '../findings/jobs.ts';
import { podFindings } from '../findings/pods.ts';
import { asCase } from './containers.ts';
import { type Facts, functionOfJob, isBuild, lastTransition, wasRead } from './facts.ts';
import { type Case, cause, DEPTH, excluded, found, type Hypothesis, undecided } from './hypothesis.ts';

/** What the general rules of any cluster see: every waiting reason, probe, mount and Job that no hypothesis has told better. */
export const general: Hypothesis = {
  id: 'G',
  title: 'Another trouble of pods, Jobs or events',
  areas: [],
  judge(facts) {
    if (!wasRead(facts, 'pods')) return undecided('pods were not read');
    const cases = [...podCases(facts), ...jobCases(facts), ...eventCases(facts)];
    return cases.length > 0
      ? found(cases)
      : excluded(`${counted(facts.pods.length, 'pod looks', 'pods look')} healthy and no warning names a cause`);
  },
};

function podCases(facts: Facts): readonly Case[] {
  return facts.pods.flatMap((pod) => {
    // A pod that ended long ago is history.
    const over = pod.status.phase === 'Failed' || pod.status.phase === 'Succeeded';
    if (over && lastTransition(pod) < facts.target.from) return [];
    return podFindings(pod).map((one) => asCase(one, pod, facts));
  });
}

function jobCases(facts: Facts): readonly Case[] {
  const others = facts.jobs.filter((job) => {
    const failed = job.status.conditions?.find(({ type, status }) => type === 'Failed' && status === 'True');
    const at = Date.parse(failed?.lastTransitionTime ?? '');
    const named = facts.target.names.has(job.metadata.name);
    return !isBuild(job, facts.profile) && (named || !(at < facts.target.from));
  });
  return jobFindings(others, (job) => functionOfJob(job, facts.profile)).map((one) =>
    cause({ ...one, touches: [one.subject.name], areas: [], depth: DEPTH.symptom }),
  );
}

function eventCases(facts: Facts): readonly Case[] {
  return facts.events.flatMap((event) => {
    const { kind, name = '', namespace = null } = event.involvedObject;
    const pod = facts.pods.find(({ metadata }) => metadata.name === name);
    // What a pod went through before it became healthy, or before it was gone, explains nothing that is.
    if (pod && podFindings(pod).length === 0) return [];
    if (!pod && kind === 'Pod' && wasRead(facts, 'pods', namespace)) return [];
    if (
      kind === 'Job' &&
      wasRead(facts, 'jobs', namespace) &&
      !facts.jobs.some(({ metadata }) => metadata.name === name)
    )
      return [];
    return eventFindings([event]).map((one) =>
      pod ? asCase(one, pod, facts) : cause({ ...one, touches: [one.subject.name], areas: [], depth: DEPTH.symptom }),
    );
  });
}
